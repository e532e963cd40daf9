"""The device's log in a terminal: the lines that carry a finding, and what a search for its hash covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.model.finding import Finding
from forensics.model.report import Report
from forensics.report.page import Page, Role
from forensics.report.terminal_drawings import gutter
from forensics.report.words import counted, hex_offset

if TYPE_CHECKING:
    from forensics.model.log import LogError, LogEvent
    from forensics.model.solve import SolveResult

LINES_SHOWN = 12
"""Lines of the log under one finding."""
EXCLUSIONS_SHOWN = 4


def add_log_lines(page: Page, finding: Finding, report: Report, *, everything: bool) -> None:
    """The lines that ``quoted_lines`` gives, behind the rule; the first of them unless everything is asked for."""
    quoted = quoted_lines(finding, report)
    rows = quoted if everything else quoted[:LINES_SHOWN]
    if not rows:
        return
    gutter(page)
    digits = max(2, *(len(str(number)) for number, _ in rows))
    for number, words in rows:
        gutter(page, (f"  {words}", Role.PLAIN), number=f"{number:>{digits}} ")


def quoted_lines(finding: Finding, report: Report) -> list[tuple[int, str]]:
    """The finding's lines of the log with their numbers: as they stand there, else what was read from them."""
    if report.log is None or not finding.log_lines:
        return []
    return _quotes(finding, report) or _errors(finding, report)


def _quotes(finding: Finding, report: Report) -> list[tuple[int, str]]:
    quotes = report.log.quotes if report.log else ()
    return [(quote.line, quote.text) for quote in quotes if quote.line in finding.log_lines]


def _errors(finding: Finding, report: Report) -> list[tuple[int, str]]:
    walks = report.log.passes if report.log else ()
    errors = [error for walk in walks for error in walk.errors if error.line in finding.log_lines]
    return [(error.line, line_words(error)) for error in errors]


def line_words(line: LogError | LogEvent) -> str:
    """A line of the log by what was read from it: ``invalid segment length: length 0x503f0008``."""
    values = ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in line.fields.items())
    words = str(line.kind).replace("_", " ")
    return f"{words}: {values}" if values else words


def _value(value: int | str) -> str:
    return hex_offset(value) if isinstance(value, int) and value >= 0 else str(value)


def search_words(solve: SolveResult) -> str:
    """What the search for the calculated hash tried, in one phrase."""
    tried = f"{counted(solve.hypotheses, 'damaged image')} tried against the calculated hash"
    if solve.solutions:
        return f"{tried}, the last one has it"
    begun = [cell for cell in solve.covered if cell.tested]
    whole = sum(cell.tested == cell.total for cell in begun)
    reasons = {"seconds": "the time was over", "hypotheses": "the limit was reached", "interrupted": "it was interrupted"}
    stopped = f"; {reasons.get(solve.stopped, solve.stopped)}" if solve.stopped else ""
    pairs = f"{whole} of {len(solve.covered)} pairs of a fault and a chunk size are excluded"
    return f"{tried}, none has it; {pairs}{stopped}"


def add_search(page: Page, label: str, solve: SolveResult, *, everything: bool) -> None:
    """The lines about the search, below the findings."""
    page.hanging((label, Role.STRONG), search_words(solve))
    shown = solve.excluded if everything else solve.excluded[:EXCLUSIONS_SHOWN]
    for words in shown:
        page.hanging((" " * len(label), Role.PLAIN), words, Role.QUIET)
    if len(solve.excluded) > len(shown):
        page.add((" " * len(label), Role.PLAIN), (f"{len(solve.excluded) - len(shown)} more (-v shows all)", Role.QUIET))
