"""What the HTML template is filled with. Pure data, no markup."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from forensics.model.alignment import ChunkSource, Edit
from forensics.model.check import Check
from forensics.model.finding import Fault, Finding
from forensics.model.log import LogError
from forensics.model.report import Report
from forensics.report.excerpt import ExcerptRows, excerpt_rows
from forensics.report.picture import Picture, picture_of
from forensics.report.places import Place, place_words, places_of, subject_name
from forensics.report.plain_drawings import edits_of
from forensics.report.words import hex_offset, inert

FINDINGS_SHOWN = 200
EDITS_SHOWN = 5
"""Edits of one finding that are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditView:
    """One edit as the page shows it."""

    places: tuple[Place, ...]
    open_place: str | None
    picture: Picture | None
    excerpt: ExcerptRows | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One finding as the page shows it; ``anchor`` is unique on the page."""

    anchor: str
    finding: Finding
    edits: tuple[EditView, ...]
    more_edits: int
    subject: str
    fault: Fault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One step of the device's walk over both sides; null where a side has no such step."""

    step: str
    sent: Check | None
    received: Check | None


def finding_views(report: Report, faults: Mapping[str, Fault], *, excerpts: bool) -> tuple[FindingView, ...]:
    """The findings that the page shows, in order."""
    numbers: Counter[str] = Counter()
    views = []
    for finding in report.findings[:FINDINGS_SHOWN]:
        code = "".join(sign for sign in finding.code if sign.isascii() and sign.isalnum())
        numbers[code] += 1
        edits = edits_of(finding, report)
        shown = () if finding.benign else edits[:EDITS_SHOWN]
        views.append(
            FindingView(
                anchor=f"{code}-{numbers[code]}",
                finding=finding,
                edits=tuple(_edit_view(edit, report, excerpts=excerpts) for edit in shown or edits[:1]),
                more_edits=max(0, len(edits) - EDITS_SHOWN),
                subject=subject_name(finding, report),
                fault=faults.get(finding.code),
            )
        )
    return tuple(views)


def _edit_view(edit: Edit, report: Report, *, excerpts: bool) -> EditView:
    return EditView(
        places=places_of(edit, report),
        open_place=place_words(edit, report),
        picture=picture_of(edit, report),
        excerpt=excerpt_rows(edit, report) if excerpts else None,
    )


def check_rows(report: Report) -> tuple[CheckRow, ...]:
    """The steps of both walks side by side, in the order of the longer one."""
    sent = {check.step: check for check in report.device.sent}
    received = {check.step: check for check in report.device.received}
    longer, other = (received, sent) if len(received) >= len(sent) else (sent, received)
    steps = dict.fromkeys([*longer, *other])
    return tuple(CheckRow(step=step, sent=sent.get(step), received=received.get(step)) for step in steps)


def log_words(error: LogError) -> str:
    """An error line of the device's log: ``invalid segment length: length 0x503f0008``."""
    values = ", ".join(
        f"{name.replace('_', ' ')} {hex_offset(value) if isinstance(value, int) and value >= 0 else value}"
        for name, value in error.fields.items()
    )
    words = error.kind.replace("_", " ")
    return f"{words}: {values}" if values else words


def command_of(report: Report) -> str:
    """The command line that makes this report again beside the named files."""
    names = [artefact.name for artefact in (report.sent, report.received) if artefact is not None]
    words = ["otadiff", *(shlex.quote(inert(name)) for name in names)]
    if len(names) == 1:
        words.insert(1, "inspect" if report.log is None else "triage")
    if report.log is not None:
        words += ["--log", "device.log"] if len(names) > 1 else ["device.log"]
    if report.chunking is not None and report.chunking.source is ChunkSource.GIVEN and report.chunking.size:
        words += ["--chunk", str(report.chunking.size)]
    return " ".join(words)
