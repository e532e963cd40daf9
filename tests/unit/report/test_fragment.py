"""A report in a notebook cell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import forensics
from forensics.model.report import Report
from forensics.report.byte_map import CellState
from forensics.report.fragment import CELL, CELLS, COLORS, render_fragment
from tests.unit.report.image_reports import twelve_findings
from tests.unit.report.pages import Page
from tests.unit.report.reports import REPORTS

SAMPLE = Path(__file__).parents[3] / "samples" / "mixed"


@pytest.mark.parametrize("name", REPORTS)
def test_a_cell_needs_nothing_else(name: str) -> None:
    report = REPORTS[name]()
    text = render_fragment(report)
    page = Page(text)
    assert page.tags[0] == "div"
    assert not {"script", "style", "link", "img", "a", "iframe"} & set(page.tags)
    assert not re.search(r"https?:", text)
    words = "".join(page.words)
    assert report.summary in words
    assert all(finding.summary in words for finding in report.findings)
    assert len(text) < 60_000


def test_the_strip_covers_the_image_and_says_what_it_is() -> None:
    text = render_fragment(REPORTS["dropped"]())
    strips = re.findall(r'<rect x="(\d+)" y="0" width="(\d+)"', text)
    ends = [int(x) + int(width) for x, width in strips]
    assert [int(x) for x, _ in strips] == [0, *ends[:-1]]
    assert ends[-1] == CELLS * CELL
    assert re.search(r"<title>0x[0-9a-f]+\.\.0x[0-9a-f]+: missing</title>", text)
    assert set(COLORS) == set(CellState)


def test_the_same_report_is_the_same_cell() -> None:
    report = twelve_findings()
    assert render_fragment(Report.from_dict(json.loads(json.dumps(report.to_dict())))) == render_fragment(report)


def test_a_notebook_finds_it_on_every_report() -> None:
    comparison = forensics.compare(SAMPLE / "sent.bin", SAMPLE / "received.bin")
    inspection = forensics.inspect_image(SAMPLE / "sent.bin")
    for report in (comparison, inspection, forensics.Report.from_dict(comparison.to_dict())):
        show = getattr(report, "_repr_html_", None)
        assert show is not None
        assert report.summary in "".join(Page(show()).words)


def test_nothing_is_loaded_before_a_cell_shows_one() -> None:
    code = (
        "import sys, forensics; forensics.Report; forensics.compare(b'x' * 64, b'x' * 64);"
        "print([name for name in ('jinja2', 'rich', 'forensics.report.fragment') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
