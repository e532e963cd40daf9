"""Report -> JUnit XML: a test case for each device check, finding and group of faults that did not occur."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from forensics.model.check import Check, Outcome
from forensics.model.finding import Finding, Verdict
from forensics.model.report import Report
from forensics.model.text import inert
from forensics.report.page import Page
from forensics.report.terminal_findings import add_finding

GROUPS = {"1": "sent-file", "2": "transfer", "3": "device-log", "4": "evidence", "5": "link"}
"""First digit of a code to what its faults concern."""

COUNTS = (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
"""Attributes of the suite and the elements that they count."""


def render_junit(report: Report, *, excerpts: bool = True) -> str:
    """One ``testsuites`` document. The text of a failure is the finding as the terminal shows it."""
    suite = ET.Element("testsuite", name="otadiff")
    _add_verdict(suite, report)
    for group in GROUPS.values():
        findings = [finding for finding in report.findings if _group(finding) == group]
        if not findings:
            _case(suite, group, "no fault found")
        for finding in findings:
            _add_finding_case(suite, group, finding, report, excerpts=excerpts)
    for side, checks in (("sent", report.device.sent), ("received", report.device.received)):
        for check in checks:
            _add_check(suite, side, check)
    for name, tag in COUNTS:
        suite.set(name, str(sum(1 for _ in suite.iter(tag))))
    root = ET.Element("testsuites", name="otadiff")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=f"otadiff.{inert(group)}", name=inert(name))


def _group(finding: Finding) -> str:
    return GROUPS.get(finding.code.removeprefix("OTA")[:1], "evidence")


def _add_verdict(suite: ET.Element, report: Report) -> None:
    case = _case(suite, "verdict", "verdict")
    if report.verdict is Verdict.FAULTY:
        ET.SubElement(case, "failure", type="faulty", message=inert(report.summary))
    elif report.verdict is Verdict.INCONCLUSIVE:
        ET.SubElement(case, "error", type="inconclusive", message=inert(report.summary))


def _add_finding_case(suite: ET.Element, group: str, finding: Finding, report: Report, *, excerpts: bool) -> None:
    case = _case(suite, group, f"{finding.code} {finding.slug}")
    page = Page(width=None, unicode=True)
    add_finding(page, finding, report, set(), everything=False, excerpts=excerpts)
    if finding.benign:
        ET.SubElement(case, "system-out").text = page.plain()
        return
    failure = ET.SubElement(case, "failure", type=inert(finding.code), message=inert(finding.summary))
    failure.text = page.plain()


def _add_check(suite: ET.Element, side: str, check: Check) -> None:
    case = _case(suite, f"device.{side}", check.step)
    lines = "\n".join(inert(line) for line in check.lines)
    if check.outcome is Outcome.FAILED:
        wants = f"wants {check.expected}, finds {check.actual}" if check.expected is not None else "failed"
        ET.SubElement(case, "failure", type="device-check", message=inert(wants)).text = lines
    elif check.outcome is not Outcome.PASSED:
        ET.SubElement(case, "skipped", message=inert(check.reason or check.outcome.value))
