"""GitHub annotations and summary, JUnit, SARIF."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from forensics.explain import all_faults
from forensics.model.finding import Certainty, Explanation, Fault
from forensics.model.report import Report
from forensics.model.text import UNSAFE
from forensics.report.github import SUMMARY_BYTES, render_annotations, render_step_summary
from forensics.report.junit import render_junit
from forensics.report.sarif import render_sarif
from tests.unit.report.goldens import assert_golden
from tests.unit.report.hostile import HOSTILE, hostile_report
from tests.unit.report.reports import REPORTS
from tests.unit.report.sarif_rules import LOG

COMMAND = re.compile(r"::(error|warning|notice) (file=[^,:\n]+,)?title=[^,:\n]+::[^\n]*")


@pytest.mark.parametrize("name", REPORTS)
def test_goldens(name: str) -> None:
    report = REPORTS[name]()
    assert_golden(f"{name}.github.txt", render_annotations(report))
    assert_golden(f"{name}.junit.xml", render_junit(report))
    assert_golden(f"{name}.sarif", render_sarif(report))


@pytest.mark.parametrize("text", HOSTILE)
def test_annotations_are_single_commands(text: str) -> None:
    rendered = render_annotations(hostile_report(text))
    lines = rendered.splitlines()
    assert len(lines) == 1
    assert COMMAND.fullmatch(lines[0])
    assert not re.search(r"%(?!25|3A|2C)", lines[0])
    assert not UNSAFE.search(lines[0])


def test_annotation_levels() -> None:
    report = REPORTS["dropped"]()
    possible = replace(report, findings=(replace(report.findings[0], certainty=Certainty.POSSIBLE),))
    assert render_annotations(report).startswith("::error ")
    assert render_annotations(possible).startswith("::warning ")
    assert render_annotations(REPORTS["trailing"]()).startswith("::notice ")
    assert render_annotations(REPORTS["healthy"]()).startswith("::notice ")


def test_the_step_summary_stays_below_the_limit() -> None:
    report = REPORTS["dropped"]()
    long = replace(report.findings[0], notes=("long " * 50000,))
    summary = render_step_summary(replace(report, findings=(long,) * 9))
    assert len(summary.encode()) < SUMMARY_BYTES
    assert summary.startswith("**FAULTY**")


@pytest.mark.parametrize("room", [0, 9, 12, 300, 3000, 10**6])
def test_the_step_summary_fits_into_what_is_left(room: int) -> None:
    summary = render_step_summary(REPORTS["dropped"](), room=room)
    assert len(summary.encode()) < max(room, 1)
    assert summary == "" or summary.startswith("**FAULTY**")
    assert summary.count("<details>") == summary.count("</details>")
    assert bool(summary) == (room > 11)


@pytest.mark.parametrize("name", REPORTS)
def test_junit_counts(name: str) -> None:
    report = REPORTS[name]()
    suite = ET.fromstring(render_junit(report))[0]
    failures = suite.findall("testcase/failure")
    assert int(suite.attrib["failures"]) == len(failures)
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    faulty = [finding for finding in report.findings if not finding.benign]
    coded = [failure for failure in failures if failure.attrib["type"].startswith("OTA")]
    assert len(coded) == len(faulty)


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_is_well_formed(text: str) -> None:
    rendered = render_junit(hostile_report(text))
    assert not UNSAFE.search(rendered.replace("\n", ""))
    tags = {element.tag for element in ET.fromstring(rendered.encode("utf-8")).iter()}
    assert tags <= {"testsuites", "testsuite", "testcase", "failure", "skipped", "error", "system-out"}


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_results(name: str) -> None:
    report = REPORTS[name]()
    run = json.loads(render_sarif(report))["runs"][0]
    assert len(run["results"]) == len(report.findings)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result, finding in zip(run["results"], report.findings, strict=True):
        assert rules[result["ruleIndex"]] == result["ruleId"] == finding.code
        assert result["locations"]
        for location in result["locations"]:
            assert location["physicalLocation"]["region"]["startLine"] >= 1


def test_sarif_byte_places() -> None:
    result = json.loads(render_sarif(REPORTS["filled"]()))["runs"][0]["results"][0]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "byteOffset": 0x18DA8, "byteLength": 4072}
    log = json.loads(render_sarif(REPORTS["log-only"]()))["runs"][0]["results"][0]
    assert log["locations"][0]["physicalLocation"]["region"] == {"startLine": 4}


def test_sarif_rules_carry_the_explanation() -> None:
    explanation = Explanation(
        meaning="a chunk is gone",
        symptoms=("invalid segment length",),
        causes=("a full queue",),
        confirm=("compare",),
        fix_sender=("number the chunks",),
        fix_device=("check the queue",),
        confused_with=("tail-missing",),
        sources=("esp_image_format.c",),
    )
    fault = Fault(code="OTA202", slug="chunk-missing", title="a chunk is missing", explanation=explanation)
    rule = json.loads(render_sarif(REPORTS["dropped"](), faults={"OTA202": fault}))["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["shortDescription"]["text"] == "a chunk is missing"
    assert "number the chunks" in rule["help"]["text"]


@pytest.mark.parametrize("report", [*(build() for build in REPORTS.values()), *map(hostile_report, HOSTILE)])
def test_sarif_keeps_to_the_standard(report: Report) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the jsonschema package is not installed")
    document = json.loads(render_sarif(report, faults={fault.code: fault for fault in all_faults()}))
    jsonschema.Draft202012Validator(LOG).validate(document)


def test_sarif_names_at_most_a_hundred_places() -> None:
    report = REPORTS["dropped"]()
    many = replace(report, edits=report.edits * 300)
    finding = replace(report.findings[0], edits=tuple(range(300)))
    result = json.loads(render_sarif(replace(many, findings=(finding,))))["runs"][0]["results"][0]
    assert len(result["locations"]) == len(result["relatedLocations"]) == 100
    assert "200 more places" in result["message"]["text"]


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("text", HOSTILE)
def test_sarif_is_inert(text: str) -> None:
    rendered = render_sarif(hostile_report(text))
    assert not UNSAFE.search(rendered.replace("\n", ""))
    document = json.loads(rendered)
    for artifact in document["runs"][0]["artifacts"]:
        assert re.fullmatch(r"[A-Za-z0-9_.~%-]*", artifact["location"]["uri"])
    assert all(not UNSAFE.search(found.replace("\n", "")) for found in _texts(document))
