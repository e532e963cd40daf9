"""Report -> what GitHub Actions shows: annotations on the run, and a step summary."""

from __future__ import annotations

from forensics.model.finding import Certainty, Finding
from forensics.model.report import Report
from forensics.model.text import inert
from forensics.report.markdown import render_markdown
from forensics.report.places import concise_place, places_of
from forensics.report.plain_drawings import edits_of

ANNOTATIONS_SHOWN = 10
"""GitHub shows ten errors and ten warnings of a step."""
SUMMARY_BYTES = 1024 * 1024
"""GitHub's limit for the summary of one step."""


def render_annotations(report: Report) -> str:
    """Workflow commands, one line a finding: ``::error file=received.bin,title=OTA202 chunk-missing::...``.

    Source: GitHub Actions documentation, "Workflow commands": ``%``, CR and LF are escaped in messages, and
    ``:`` and ``,`` too in properties.
    """
    lines = [_annotation(finding, report) for finding in report.findings[:ANNOTATIONS_SHOWN]]
    more = len(report.findings) - len(lines)
    if more:
        lines.append(f"::notice title=otadiff::and {more} more findings")
    if not lines:
        level = {"healthy": "notice", "faulty": "error"}.get(report.verdict.value, "warning")
        lines.append(f"::{level} title=otadiff {report.verdict.value}::{_message(report.summary)}")
    return "".join(f"{line}\n" for line in lines)


def render_step_summary(report: Report, *, excerpts: bool = True, room: int = SUMMARY_BYTES) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``: as much of it as takes fewer than ``room`` bytes, or nothing."""
    whole = render_markdown(report, excerpts=excerpts)
    if len(whole.encode()) < room:
        return whole
    short = render_markdown(report, excerpts=False, details=0)
    head = short.partition("\n\n<details>")[0] + "\n"
    verdict = f"**{report.verdict.value.upper()}**\n"
    return next((text for text in (short, head, verdict) if len(text.encode()) < room), "")


def _annotation(finding: Finding, report: Report) -> str:
    properties = [f"title={_property(f'{finding.code} {finding.slug}')}"]
    edits = edits_of(finding, report)
    places = places_of(edits[0], report) if edits else ()
    if places:
        properties.insert(0, f"file={_property(places[-1].name)}")
    message = f"{finding.summary} ({concise_place(finding, report)}, {finding.certainty.value})"
    return f"::{_level(finding)} {','.join(properties)}::{_message(message)}"


def _level(finding: Finding) -> str:
    if finding.benign:
        return "notice"
    return "warning" if finding.certainty is Certainty.POSSIBLE else "error"


def _message(text: str) -> str:
    return inert(text).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
