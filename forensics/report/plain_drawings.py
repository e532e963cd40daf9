"""The parts of a finding that are drawn with plain characters in more than one format."""

from __future__ import annotations

from forensics.model.alignment import Edit
from forensics.model.finding import Finding
from forensics.model.report import Report
from forensics.report.page import Page
from forensics.report.terminal_drawings import add_excerpt, add_picture
from forensics.report.terminal_overview import add_map


def edits_of(finding: Finding, report: Report) -> list[Edit]:
    """The edits that a finding names, as far as the report holds them."""
    return [report.edits[index] for index in finding.edits if 0 <= index < len(report.edits)]


def drawing_of(edit: Edit, report: Report, *, excerpts: bool) -> str:
    """Chunk picture and bytes of one edit as plain lines; empty when there is neither."""
    page = Page(width=None, unicode=True)
    add_picture(page, edit, report)
    if excerpts:
        add_excerpt(page, edit, report)
    rule = f"   {page.glyphs.gutter}"
    lines = [line.removeprefix(rule).removeprefix("  ") for line in page.plain().splitlines()]
    return "\n".join(lines).strip("\n")


def map_drawing(report: Report) -> str:
    """The byte map as plain lines; empty when nothing was compared."""
    page = Page(width=None, unicode=True)
    add_map(page, report)
    return page.plain().rstrip("\n")
