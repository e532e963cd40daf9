"""Each shipped sample is told as the one fault that it shows."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache

import pytest

import forensics
from forensics.explain import SLUGS, all_faults, fault
from forensics.judge.rules import RULES, Of
from forensics.model.check import Outcome
from forensics.model.finding import Certainty, Verdict, Where
from forensics.model.report import Report
from forensics.synth.samples import SAMPLES, Sample

BENIGN = {"harmless-tail"}
SEVERAL = {"mixed"}
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


@cache
def report_of(sample: Sample) -> Report:
    return forensics.compare(*sample.build())


@each_sample
def test_the_findings_are_the_fault_of_the_sample(sample: Sample) -> None:
    serious = [finding.slug for finding in report_of(sample).findings if not finding.benign]
    if sample.name in SEVERAL:
        assert len(set(serious)) >= 4
        assert len(set(serious)) == len(serious)
    else:
        assert serious == ([sample.slug] if sample.slug and sample.name not in BENIGN else [])


@each_sample
def test_a_benign_fault_is_told_all_the_same(sample: Sample) -> None:
    if sample.name in BENIGN:
        assert [finding.slug for finding in report_of(sample).findings if finding.benign] == [sample.slug]


@each_sample
def test_the_verdict_fits(sample: Sample) -> None:
    healthy = sample.slug is None and sample.name not in SEVERAL
    due = Verdict.HEALTHY if healthy or sample.name in BENIGN else Verdict.FAULTY
    assert report_of(sample).verdict is due


@each_sample
def test_every_edit_belongs_to_one_finding(sample: Sample) -> None:
    report = report_of(sample)
    claims = Counter(index for finding in report.findings for index in finding.edits)
    assert set(claims.values()) <= {1}
    assert set(claims) == set(range(len(report.edits)))


@each_sample
def test_a_finding_says_what_where_and_what_to_change(sample: Sample) -> None:
    report = report_of(sample)
    for finding in report.findings:
        registered = fault(finding.code)
        assert registered is not None
        assert registered.slug == finding.slug
        assert finding.summary.isprintable()
        assert not finding.summary.endswith(".")
        assert all(note.isprintable() for note in finding.notes)
        assert finding.remedies or finding.benign
        assert {remedy.where for remedy in finding.remedies} <= {Where.SENDER, Where.DEVICE, Where.FILE}
    assert report.summary.isprintable()


@each_sample
def test_nothing_that_bytes_prove_is_called_possible(sample: Sample) -> None:
    assert Certainty.POSSIBLE not in {finding.certainty for finding in report_of(sample).findings}


@each_sample
def test_the_summary_is_that_of_the_first_finding(sample: Sample) -> None:
    report = report_of(sample)
    serious = [finding for finding in report.findings if not finding.benign]
    assert len(report.summary) <= 110
    if serious:
        assert report.summary == serious[0].summary


@each_sample
def test_the_report_goes_through_json_unchanged(sample: Sample) -> None:
    report = report_of(sample)
    document = report.to_dict()
    assert Report.from_dict(document) == report
    assert Report.from_dict(json.loads(json.dumps(document))) == report
    assert json.loads(json.dumps(document)) == document


@each_sample
def test_the_same_bytes_give_the_same_report(sample: Sample) -> None:
    sent, received = sample.build()
    assert forensics.compare(memoryview(sent), bytearray(received)) == report_of(sample)


@each_sample
def test_the_device_accepts_what_is_called_healthy(sample: Sample) -> None:
    report = report_of(sample)
    failed = {check.step for check in report.device.received if check.outcome is Outcome.FAILED}
    if report.verdict is Verdict.HEALTHY:
        assert not failed
    elif sample.name not in ("merged-image", "inputs-exchanged", "wrong-image"):
        assert failed


def test_the_table_of_rules_names_registered_faults_and_each_detector_once() -> None:
    assert {slug for rule in RULES for slug in (*rule.slugs, *rule.excludes)} <= set(SLUGS)
    assert len({rule.place for rule in RULES}) == len(RULES)


def test_every_fault_of_a_transfer_has_a_sample() -> None:
    detected = {slug for rule in RULES if rule.of is Of.BYTES for slug in rule.slugs}
    assert detected - {sample.slug for sample in SAMPLES} == set()
    assert {one.slug for one in all_faults() if one.code.startswith("OTA2")} <= detected | {"flash-not-erased"}
