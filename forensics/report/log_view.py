"""The device's log in a terminal: the lines that carry a finding, and what a search for its hash covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.model.finding import Finding
from forensics.model.report import Report
from forensics.report.page import Page, Role
from forensics.report.terminal_drawings import gutter
from forensics.report.words import counted, hex_offset

if TYPE_CHECKING:
    from forensics.model.log import LogError
    from forensics.model.solve import SolveResult

QUOTED = "quoted"
"""Kind of the log's events that hold a line as it stands in the paste."""

EXCLUSIONS_SHOWN = 4


def add_log_lines(page: Page, finding: Finding, report: Report) -> None:
    """The finding's lines of the log with their numbers: as they stand there, else what was read from them."""
    if report.log is None or not finding.log_lines:
        return
    rows = _quotes(finding, report) or _errors(finding, report)
    if not rows:
        return
    gutter(page)
    digits = max(2, *(len(str(number)) for number, _ in rows))
    for number, words in rows:
        gutter(page, (f"  {words}", Role.PLAIN), number=f"{number:>{digits}} ")


def _quotes(finding: Finding, report: Report) -> list[tuple[int, str]]:
    events = report.log.events if report.log else ()
    rows = [(event.line, str(event.fields.get("text", ""))) for event in events if event.kind == QUOTED]
    return [row for row in rows if row[0] in finding.log_lines]


def _errors(finding: Finding, report: Report) -> list[tuple[int, str]]:
    walks = report.log.passes if report.log else ()
    errors = [error for walk in walks for error in walk.errors if error.line in finding.log_lines]
    return [(error.line, _words(error)) for error in errors]


def _words(error: LogError) -> str:
    values = ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in error.fields.items())
    return error.kind.replace("_", " ") + (f": {values}" if values else "")


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
