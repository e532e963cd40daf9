"""Log lines of findings in a terminal: as they stand in the log, else what was read from them."""

from __future__ import annotations

from dataclasses import replace

from forensics.model.finding import Finding
from forensics.model.log import LogQuote
from forensics.model.solve import SolveResult
from forensics.report.log_view import add_log_lines, search_words
from forensics.report.page import Page
from tests.unit.report.reports import REPORTS


def shown(*quotes: LogQuote) -> str:
    report = REPORTS["log-only"]()
    assert report.log is not None
    report = replace(report, log=replace(report.log, quotes=quotes))
    page = Page(width=80, unicode=True)
    finding: Finding = next(one for one in report.findings if one.log_lines)
    add_log_lines(page, finding, report, everything=False)
    return page.plain()


def test_a_quoted_line_stands_as_it_is() -> None:
    text = "E (47250) esp_image: invalid segment length 0x503f0008 [red]\x1b[31m" + "x" * 100
    quoted = shown(LogQuote(text=text, line=4))
    assert " 4 \u2502  E (47250) esp_image: invalid segment length 0x503f0008 [red]\\x1b[31mxxx" in quoted
    assert "\x1b" not in quoted


def test_quotes_of_other_lines_are_not_shown() -> None:
    assert "elsewhere" not in shown(LogQuote(text="elsewhere", line=99))


def test_without_quotes_the_values_are_shown() -> None:
    assert "invalid segment length: length 0x503f0008" in shown()


def test_a_search_that_was_stopped_says_why() -> None:
    solve = SolveResult(solutions=(), covered=(), excluded=(), hypotheses=12, odds=0.0, certainty=None, stopped="seconds")
    assert "12 damaged images tried" in search_words(solve)
    assert "the time was over" in search_words(solve)
