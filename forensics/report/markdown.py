"""Report -> Markdown for an issue: the verdict and a table at once, the proof folded below."""

from __future__ import annotations

from forensics.model.check import Check, Outcome
from forensics.model.finding import Finding
from forensics.model.report import Artefact, Report
from forensics.report.checks import step_words
from forensics.report.commands import command_line
from forensics.report.facts import checks_shown
from forensics.report.log_view import search_words
from forensics.report.markdown_evidence import inputs_blocks, inspection_blocks, log_blocks, timeline_blocks
from forensics.report.markdown_text import coded, escaped, fenced, folded, table
from forensics.report.places import places_of, subject_name
from forensics.report.plain_drawings import drawing_of, edits_of, map_drawing
from forensics.report.subject import is_inspection
from forensics.report.words import chunking_words, counted, image_words, reading_words

ROWS_SHOWN = 50
"""Findings in the table."""
DETAILS_SHOWN = 10
"""Findings with a folded section."""
ISSUE_CHARACTERS = 65_536
"""GitHub takes no longer text in an issue; folded sections are left out to keep below it."""
PLACES_SHOWN = 5
"""Places in one folded section."""

LOUD = ("E", "W", "I")
"""Levels of the predicted lines that a table of the checks repeats."""

_OUTCOMES = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "**FAILED**",
    Outcome.NOT_REACHED: "never reached",
    Outcome.SKIPPED: "skipped",
}


def render_markdown(report: Report, *, excerpts: bool = True, details: int = DETAILS_SHOWN) -> str:
    """The report as GitHub-flavoured Markdown.

    Args:
        report: What to show.
        excerpts: Include up to 16 bytes of each side where an edit begins; leave out for private firmware.
        details: How many findings get a section of their own.
    """
    blocks = [f"**{report.verdict.value.upper()}**: {escaped(report.summary)}"]
    if report.findings:
        blocks.append(_findings_table(report))
    blocks += [_finding_section(finding, report, excerpts=excerpts) for finding in report.findings[:details]]
    if is_inspection(report):
        blocks += inspection_blocks(report)
    picture = map_drawing(report)
    if picture:
        blocks.append(folded("Byte map", [fenced(picture)]))
    for label, checks in (("received", report.device.received), (_sent_label(report), report.device.sent)):
        if checks and checks_shown(report):
            blocks.append(folded(f"Device checks of the {label} image", [_checks_table(checks)]))
    blocks += log_blocks(report)
    if report.solve is not None:
        blocks.append(f"Search for the calculated hash: {escaped(search_words(report.solve))}")
    blocks += timeline_blocks(report)
    blocks += inputs_blocks(report)
    blocks.append(folded("Files", [_files_table(report)]))
    if report.not_checked:
        blocks.append(f"Not checked: {escaped(', '.join(report.not_checked))}")
    made_by = f"{report.tool.name} {report.tool.version}, {report.schema}"
    blocks.append(f"<sub>{escaped(made_by)}</sub>")
    text = "\n\n".join(blocks) + "\n"
    if len(text) > ISSUE_CHARACTERS and details:
        return render_markdown(report, excerpts=excerpts, details=details // 2)
    return text


def _sent_label(report: Report) -> str:
    """Nobody says that a file which is inspected alone was sent."""
    return "inspected" if is_inspection(report) else "sent"


def _findings_table(report: Report) -> str:
    rows = []
    for finding in report.findings[:ROWS_SHOWN]:
        what = f"{escaped(finding.slug)}: {escaped(finding.summary)}"
        rows.append((coded(finding.code), what, _where(finding, report), _certainty(finding)))
    shown = table(("code", "finding", "where", "certainty"), rows)
    more = len(report.findings) - len(rows)
    return f"{shown}\n\n... and {counted(more, 'more finding')}" if more else shown


def _certainty(finding: Finding) -> str:
    return f"{finding.certainty.value}, harmless" if finding.benign else finding.certainty.value


def _where(finding: Finding, report: Report) -> str:
    places = [place for edit in edits_of(finding, report)[:1] for place in places_of(edit, report)]
    if places:
        return "<br>".join(f"{coded(place.name)} {place.where}" for place in places)
    if finding.log_lines:
        return "log line " + ", ".join(str(number) for number in finding.log_lines[:5])
    return coded(subject_name(finding, report))


def _finding_section(finding: Finding, report: Report, *, excerpts: bool) -> str:
    edits = edits_of(finding, report)
    blocks = []
    places = [place for edit in edits[:PLACES_SHOWN] for place in places_of(edit, report)]
    if places:
        rows = [(coded(place.name), place.where, escaped(place.remark)) for place in places]
        blocks.append(table(("file", "place", "what"), rows))
        if len(edits) > PLACES_SHOWN:
            blocks.append(f"... and {counted(len(edits) - PLACES_SHOWN, 'more place')}")
    drawing = drawing_of(edits[0], report, excerpts=excerpts) if edits and not finding.benign else ""
    if drawing:
        blocks.append(fenced(drawing))
    lines = [f"- then {escaped(f'{one.code} {one.slug}: {one.summary}')}" for one in finding.consequences]
    lines += [f"- {escaped(note)}" for note in finding.notes]
    lines += [f"- **help**, {remedy.where.value}: {escaped(remedy.text)}" for remedy in finding.remedies]
    lines += [f"- run {coded(command_line(command))}" for command in finding.commands]
    lines.append(f"- see {coded(f'otadiff explain {finding.code}')}")
    blocks.append("\n".join(lines))
    return folded(f"{finding.code} {finding.slug}", blocks)


def _checks_table(checks: tuple[Check, ...]) -> str:
    rows = []
    for check in checks:
        prints = "<br>".join(coded(line) for line in check.lines if line[:1] in LOUD)
        rows.append((escaped(step_words(check.step)), _OUTCOMES[check.outcome], prints))
    return table(("check", "outcome", "the device prints"), rows)


def _files_table(report: Report) -> str:
    rows = [
        _file_row(label, artefact)
        for label, artefact in ((_sent_label(report), report.sent), ("received", report.received))
        if artefact is not None
    ]
    shown = table(("", "file", "bytes", "SHA-256", "image"), rows)
    if report.chunking is None or not report.spans:
        return shown
    size = report.sent.size if report.sent is not None else None
    return f"{shown}\n\nChunks: {escaped(chunking_words(report.chunking, size))}"


def _file_row(label: str, artefact: Artefact) -> tuple[str, ...]:
    image = escaped(image_words(artefact) or "")
    if artefact.reading is not None:
        image += f"<br>read as {escaped(reading_words(artefact.reading))}"
    return label, coded(artefact.name), str(artefact.size), coded(artefact.sha256), image
