"""The table of a batch, and the line of one case, as text for a terminal or a pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from forensics.model.finding import Verdict
from forensics.model.text import inert
from forensics.pipeline.batch.results import CaseResult
from forensics.pipeline.batch.tally import FaultCount, GroupCount, Tally
from forensics.report.page import Page, Role
from forensics.report.terminal import VERDICT_ROLES, draw_page
from forensics.report.words import ascii_only, counted, display_width

ROWS_SHOWN = 20
"""Rows of one table, and cases without a result."""

_FAULTS_SHOWN = 3
_LONGEST_NAME = 36
_VERDICTS = (*Verdict, "error")

Row = tuple[str, ...]


def render_tally(tally: Tally, *, width: int | None, unicode: bool = True, color: bool = False) -> str:
    """The whole table: verdicts, then faults, protocols and firmware versions, then the cases without a result.

    Args:
        tally: The counts.
        width: Columns of the terminal; None for a pipe or a file, where nothing is cut.
        unicode: The stream takes more than ASCII.
        color: Add ANSI colours.
    """
    page = Page(width=width, unicode=unicode)
    verdict = tally.verdict
    parts = [f"{tally.verdicts[one]} {one}" for one in Verdict if tally.verdicts[one]]
    if tally.verdicts["error"]:
        parts.append(f"{tally.verdicts['error']} without a result")
    page.hanging(
        (f"{verdict.value.upper()}  ", VERDICT_ROLES[verdict]),
        f"{counted(tally.cases, 'case')}: {', '.join(parts)}",
        Role.STRONG,
    )
    if tally.faults:
        _add_table(page, ("fault", "cases", "certainty", "for example"), [_fault_row(one) for one in tally.faults])
    verdicts = tuple(one for one in _VERDICTS if tally.verdicts[one])
    for name, groups in (("protocol", tally.protocols), ("firmware", tally.versions)):
        if groups:
            head = (name, "cases", *verdicts, "most frequent")
            _add_table(page, head, [_group_row(group, verdicts) for group in groups])
    if tally.errors:
        _add_errors(page, tally)
    return draw_page(page, color=color)


def render_result(result: CaseResult, *, unicode: bool = True) -> str:
    """One line, however long: the case, its verdict and its first sentence."""
    page = Page(width=None, unicode=unicode)
    page.add((f"{result.case}  {(result.verdict or 'error').upper()}  {result.error or result.summary}", Role.PLAIN))
    return page.plain()


def _fault_row(fault: FaultCount) -> Row:
    certainties = [f"{fault.certainties[one]} {one}" for one in ("proven", "likely", "possible") if fault.certainties[one]]
    harmless = f", {fault.benign} harmless" if fault.benign else ""
    return (
        f"{fault.code} {fault.slug}",
        str(fault.cases + fault.benign),
        ", ".join(certainties) + harmless,
        fault.example,
    )


def _group_row(group: GroupCount, verdicts: Sequence[str]) -> Row:
    counts = [str(group.verdicts[one] or "") for one in verdicts]
    return group.name, str(group.cases), *counts, _most_frequent(group.codes)


def _most_frequent(codes: Counter[str]) -> str:
    ranked = sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{code} {count}" for code, count in ranked[:_FAULTS_SHOWN])


def _add_table(page: Page, head: Row, rows: Sequence[Row]) -> None:
    """Columns as wide as they must be, the last one cut at the width of the terminal."""
    page.blank()
    shown = [[_cell(page, text) for text in row] for row in (head, *rows[:ROWS_SHOWN])]
    widths = [max(display_width(text) for text in column) for column in zip(*shown, strict=True)]
    for number, row in enumerate(shown):
        cells = [_padded(text, widths[at], right=head[at] in ("cases", *_VERDICTS)) for at, text in enumerate(row)]
        line = "  ".join(cells).rstrip()
        page.add((_cut(page, line, page.width), Role.QUIET if number == 0 else Role.PLAIN))
    if len(rows) > ROWS_SHOWN:
        page.add((f"{page.glyphs.ellipsis} and {len(rows) - ROWS_SHOWN} more", Role.STRONG))


def _cell(page: Page, text: str) -> str:
    """A name in so many columns that others have room beside it; whole in a pipe."""
    return _cut(page, _inert(page, text), None if page.width is None else _LONGEST_NAME)


def _inert(page: Page, text: str) -> str:
    return inert(text) if page.unicode else ascii_only(inert(text))


def _padded(text: str, width: int, *, right: bool) -> str:
    room = " " * (width - display_width(text))
    return room + text if right else text + room


def _cut(page: Page, text: str, width: int | None) -> str:
    """``text`` in so many columns at most."""
    if width is None or display_width(text) <= width:
        return text
    mark = page.glyphs.ellipsis
    while text and display_width(text) > width - len(mark):
        text = text[:-1]
    return text + mark


def _add_errors(page: Page, tally: Tally) -> None:
    page.blank()
    page.add(("no result", Role.BAD))
    for case, reason in tally.errors[:ROWS_SHOWN]:
        page.add((_cut(page, f"  {_cell(page, case)}  {_inert(page, reason)}", page.width), Role.PLAIN))
    more = tally.verdicts["error"] - min(len(tally.errors), ROWS_SHOWN)
    if more > 0:
        page.add((f"  {page.glyphs.ellipsis} and {more} more", Role.STRONG))
