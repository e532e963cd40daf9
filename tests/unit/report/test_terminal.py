"""The terminal report: golden texts, widths, colours, ASCII, inert user text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from forensics.model.report import Report
from forensics.model.text import UNSAFE
from forensics.report.terminal import FINDINGS_SHOWN, render_terminal
from forensics.report.words import display_width
from tests.unit.report.goldens import assert_golden
from tests.unit.report.hostile import HOSTILE, hostile_report
from tests.unit.report.reports import REPORTS

COLOR_CODES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", REPORTS)
def test_golden_at_80_columns(name: str) -> None:
    assert_golden(f"{name}.terminal.txt", render_terminal(REPORTS[name]()))


@pytest.mark.parametrize("name", REPORTS)
def test_golden_in_a_pipe_in_ascii(name: str) -> None:
    text = render_terminal(REPORTS[name](), width=None, unicode=False)
    assert text.isascii()
    assert_golden(f"{name}.pipe.txt", text)


def test_golden_in_colour() -> None:
    assert_golden("swapped.color.txt", render_terminal(REPORTS["swapped"](), color=True))


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_width(name: str, width: int) -> None:
    for line in render_terminal(REPORTS[name](), width=width).splitlines():
        assert display_width(line) <= width, line


@pytest.mark.parametrize("name", REPORTS)
def test_colour_only_adds(name: str) -> None:
    colored = render_terminal(REPORTS[name](), color=True)
    plain = render_terminal(REPORTS[name](), color=False)
    assert "\x1b" not in plain
    assert COLOR_CODES.sub("", colored) == plain


def test_the_first_line_is_the_verdict() -> None:
    for build in REPORTS.values():
        report = build()
        first = render_terminal(report, width=None).splitlines()[0]
        assert first == f"{report.verdict.value.upper()}  {report.summary}"


def test_ten_findings_then_a_count() -> None:
    report = REPORTS["twelve-findings"]()
    heads = re.findall(r"^error\[", render_terminal(report), re.MULTILINE)
    assert len(heads) == FINDINGS_SHOWN
    assert "2 more" in render_terminal(report)
    assert len(re.findall(r"^error\[", render_terminal(report, verbose=True), re.MULTILINE)) == len(report.findings)


def test_no_excerpt_means_no_image_bytes() -> None:
    report = REPORTS["dropped"]()
    assert "05 20 98 83" in render_terminal(report)
    assert "05 20 98" not in render_terminal(report, excerpts=False)


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [80, None])
@pytest.mark.parametrize("text", HOSTILE)
def test_user_text_is_inert(text: str, width: int | None, color: bool) -> None:
    rendered = render_terminal(hostile_report(text), width=width, color=color)
    left = COLOR_CODES.sub("", rendered) if color else rendered
    assert UNSAFE.sub(lambda hit: "" if hit[0] == "\n" else "BAD", left) == left.replace("\n", "")
    rendered.encode("utf-8")
    assert not re.search(r"^::", left, re.MULTILINE)


def test_brackets_are_not_markup() -> None:
    report = replace(REPORTS["healthy"](), summary="[bold]x[/bold] :smile: [boot]")
    for color in (False, True):
        assert "[bold]x[/bold] :smile: [boot]" in render_terminal(report, color=color, width=None)


@pytest.mark.parametrize("text", HOSTILE)
def test_ascii_stays_ascii(text: str) -> None:
    assert render_terminal(hostile_report(text), unicode=False).isascii()


def test_a_report_of_nothing_is_still_a_report() -> None:
    whole = REPORTS["dropped"]()
    bare = Report(tool=whole.tool, verdict=whole.verdict, summary="nothing known")
    assert render_terminal(bare) == "FAULTY  nothing known\n"
