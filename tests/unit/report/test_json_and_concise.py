"""The JSON document and the one-line format."""

from __future__ import annotations

import json

import pytest

from forensics.model.report import Report
from forensics.model.text import UNSAFE
from forensics.report.concise import render_concise
from forensics.report.json_format import render_json
from tests.unit.report.goldens import assert_golden
from tests.unit.report.hostile import HOSTILE, hostile_report
from tests.unit.report.reports import REPORTS


@pytest.mark.parametrize("name", REPORTS)
def test_json_holds_the_whole_report(name: str) -> None:
    report = REPORTS[name]()
    text = render_json(report)
    assert json.loads(text) == report.to_dict()
    assert Report.from_dict(json.loads(text)) == report
    assert text.endswith("}\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_inert_and_loses_nothing(text: str) -> None:
    rendered = render_json(hostile_report(text))
    assert json.loads(rendered)["summary"] == text
    assert not UNSAFE.search(rendered.replace("\n", ""))
    rendered.encode("utf-8")


@pytest.mark.parametrize("name", REPORTS)
def test_concise_golden(name: str) -> None:
    assert_golden(f"{name}.concise.txt", render_concise(REPORTS[name]()))


def test_concise_shape() -> None:
    expected = "received.bin:0xc6d4: OTA202 chunk-missing: 509 bytes are missing [proven]\n"
    assert render_concise(REPORTS["dropped"]()) == expected
    assert render_concise(REPORTS["log-only"]()).startswith("log:4: OTA202 ")


@pytest.mark.parametrize("text", HOSTILE)
def test_concise_is_one_inert_line(text: str) -> None:
    rendered = render_concise(hostile_report(text))
    assert rendered.count("\n") == 1
    assert not UNSAFE.search(rendered[:-1])
