"""Report -> Markdown for an issue: the verdict and a table at once, the proof folded below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from forensics.model.check import Check, Outcome
from forensics.model.finding import Finding
from forensics.model.report import Artefact, Report
from forensics.report.checks import step_words
from forensics.report.places import places_of, subject_name
from forensics.report.plain_drawings import drawing_of, edits_of, map_drawing
from forensics.report.words import chunking_words, counted, image_words, inert

ROWS_SHOWN = 50
"""Findings in the table."""
DETAILS_SHOWN = 10
"""Findings with a folded section, so that the text stays within the 65536 characters of a GitHub issue."""
PLACES_SHOWN = 5
"""Places in one folded section."""

_PUNCTUATION = re.compile(r"([\\`*_\[\]<>#|~$&])|^([-+=])")
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
    picture = map_drawing(report)
    if picture:
        blocks.append(_folded("Byte map", [fenced(picture)]))
    for label, checks in (("received", report.device.received), ("sent", report.device.sent)):
        if checks:
            blocks.append(_folded(f"Device checks of the {label} image", [_checks_table(checks)]))
    blocks.append(_folded("Files", [_files_table(report)]))
    if report.not_checked:
        blocks.append(f"Not checked: {escaped(', '.join(report.not_checked))}")
    made_by = f"{report.tool.name} {report.tool.version}, {report.schema}"
    blocks.append(f"<sub>{escaped(made_by)}</sub>")
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """User text as Markdown that shows exactly this text: no markup, HTML, mention or link comes of it."""
    text = _PUNCTUATION.sub(r"\\\g<0>", " ".join(inert(text, keep_lines=True).split("\n")))
    text = re.sub(r"(?<=@)|(?<=#)|(?<=://)|(?<=www)(?=\.)", "&#8203;", text)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)


def fenced(text: str) -> str:
    """A code block whose fence is longer than any run of backticks in it."""
    text = inert(text, keep_lines=True)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def coded(text: str) -> str:
    """A code span for a table cell, whatever backticks and bars are in ``text``."""
    text = " ".join(inert(text, keep_lines=True).split("\n")).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _folded(title: str, blocks: list[str]) -> str:
    return "\n\n".join([f"<details><summary>{title}</summary>", *blocks, "</details>"])


def _findings_table(report: Report) -> str:
    rows = []
    for finding in report.findings[:ROWS_SHOWN]:
        what = f"{escaped(finding.slug)}: {escaped(finding.summary)}"
        rows.append((coded(finding.code), what, _where(finding, report), _certainty(finding)))
    table = _table(("code", "finding", "where", "certainty"), rows)
    more = len(report.findings) - len(rows)
    return f"{table}\n\n... and {counted(more, 'more finding')}" if more else table


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
        blocks.append(_table(("file", "place", "what"), rows))
        if len(edits) > PLACES_SHOWN:
            blocks.append(f"... and {counted(len(edits) - PLACES_SHOWN, 'more place')}")
    drawing = drawing_of(edits[0], report, excerpts=excerpts) if edits and not finding.benign else ""
    if drawing:
        blocks.append(fenced(drawing))
    lines = [f"- {escaped(note)}" for note in finding.notes]
    lines += [f"- **help**, {remedy.where.value}: {escaped(remedy.text)}" for remedy in finding.remedies]
    lines.append(f"- see {coded(f'otadiff explain {finding.code}')}")
    blocks.append("\n".join(lines))
    return _folded(f"{escaped(finding.code)} {escaped(finding.slug)}", blocks)


def _checks_table(checks: tuple[Check, ...]) -> str:
    rows = []
    for check in checks:
        prints = "<br>".join(coded(line) for line in check.lines)
        rows.append((escaped(step_words(check.step)), _OUTCOMES[check.outcome], prints))
    return _table(("check", "outcome", "the device prints"), rows)


def _files_table(report: Report) -> str:
    rows = [
        _file_row(label, artefact)
        for label, artefact in (("sent", report.sent), ("received", report.received))
        if artefact is not None
    ]
    table = _table(("", "file", "bytes", "SHA-256", "image"), rows)
    if report.chunking is None or not report.spans:
        return table
    size = report.sent.size if report.sent is not None else None
    return f"{table}\n\nChunks: {escaped(chunking_words(report.chunking, size))}"


def _file_row(label: str, artefact: Artefact) -> tuple[str, ...]:
    image = escaped(image_words(artefact) or "")
    return label, coded(artefact.name), str(artefact.size), coded(artefact.sha256), image
