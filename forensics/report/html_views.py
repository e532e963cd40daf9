"""What the HTML template is filled with. Pure data, no markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from forensics.model.alignment import ChunkSource, Edit
from forensics.model.check import Check
from forensics.model.finding import Fault, Finding
from forensics.model.report import InputRole, Report
from forensics.model.text import file_argument, inert
from forensics.report.commands import command_line
from forensics.report.excerpt import ExcerptRows, excerpt_rows
from forensics.report.facts import Fact, SegmentTable, image_shown, inspection_of
from forensics.report.inputs import name_in_role
from forensics.report.inspection import device_words
from forensics.report.inspection_flash import flash_facts
from forensics.report.inspection_image import identity_facts, integrity_facts, segment_table
from forensics.report.log_view import LINES_SHOWN, quoted_lines
from forensics.report.picture import Picture, picture_of
from forensics.report.places import Place, place_words, places_of, subject_name
from forensics.report.plain_drawings import edits_of
from forensics.report.subject import is_inspection

FINDINGS_LISTED = 200
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
    """One finding as the page shows it; ``anchor`` is unique on the page, ``quotes`` are its lines of the log and
    ``commands`` what to run, quoted for a shell.
    """

    anchor: str
    finding: Finding
    edits: tuple[EditView, ...]
    more_edits: int
    subject: str
    fault: Fault | None
    commands: tuple[str, ...]
    quotes: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One step of the device's walk over both sides; None where a side has no such step."""

    step: str
    sent: Check | None
    received: Check | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionView:
    """One inspected file as the page shows it; ``device`` is the device that was walked, and its answer."""

    flash: tuple[Fact, ...]
    identity: tuple[Fact, ...]
    segments: SegmentTable | None
    integrity: tuple[Fact, ...]
    device: str


def finding_views(report: Report, faults: Mapping[str, Fault], *, excerpts: bool) -> tuple[FindingView, ...]:
    """The findings that a page may show, in order; the first of each code carries its explanation."""
    numbers: Counter[str] = Counter()
    views = []
    for finding in report.findings[:FINDINGS_LISTED]:
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
                fault=faults.get(finding.code) if numbers[code] == 1 else None,
                commands=tuple(map(command_line, finding.commands)),
                quotes=tuple(quoted_lines(finding, report)[:LINES_SHOWN]),
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


def predicted_lines(report: Report) -> tuple[str, ...]:
    """What the device prints for the image that it holds: for the received one, else for the sent one."""
    return tuple(line for check in report.device.received or report.device.sent for line in check.lines)


def inspection_view(report: Report) -> InspectionView | None:
    """What an inspection tells beside the checks; None for every other report."""
    if not is_inspection(report):
        return None
    inspection, image = inspection_of(report), image_shown(report)
    flash = inspection.flash if inspection is not None else None
    return InspectionView(
        flash=flash_facts(flash) if flash is not None else (),
        identity=identity_facts(image, inspection) if image is not None else (),
        segments=segment_table(image, inspection, report.device.sent) if image is not None else None,
        integrity=integrity_facts(image, inspection) if image is not None else (),
        device=device_words(inspection, report.device.sent) if inspection is not None and report.device.sent else "",
    )


def commands_of(report: Report) -> tuple[str, ...]:
    """The command line that makes this report again beside the named files, and the digests that those must have."""
    artefacts = [artefact for artefact in (report.sent, report.received) if artefact is not None]
    names = [file_argument(artefact.name) for artefact in artefacts]
    words = ["otadiff", *names]
    if len(names) == 1:
        words.insert(1, "inspect" if report.log is None else "triage")
    elif not names:
        words.append("triage")
    if report.log is not None:
        log = file_argument(name_in_role(report, InputRole.LOG) or "device.log")
        words += ["--log", log] if len(names) > 1 else [log]
    capture = name_in_role(report, InputRole.CAPTURE)
    if capture is not None and len(names) > 1 and file_argument(capture) not in names:
        words += ["--capture", file_argument(capture)]
    if report.chunking is not None and report.chunking.source is ChunkSource.GIVEN and report.chunking.size:
        words += ["--chunk", str(report.chunking.size)]
    return (command_line(words), *(f"{artefact.sha256}  {inert(artefact.name)}" for artefact in artefacts))
