"""Report -> SARIF 2.1.0 for code-scanning tools.

Binary places carry ``byteOffset`` and ``byteLength``, and ``startLine`` 1 beside them: GitHub shows no result
without a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from forensics.model.alignment import Edit
from forensics.model.finding import Certainty, Explanation, Fault, Finding
from forensics.model.report import Artefact, Report
from forensics.model.span import ByteSpan
from forensics.model.text import inert
from forensics.report.json_format import json_text
from forensics.report.places import subject_name
from forensics.report.plain_drawings import edits_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LOG_NAME = "device.log"
"""Stands for the log, whose name the report does not hold."""

LOCATIONS_SHOWN = 100
"""Places of one finding: code-scanning tools show no more of them."""
RESULTS_SHOWN = 5000
"""Findings: GitHub shows no more of one run."""

JsonObject = dict[str, Any]


def render_sarif(report: Report, *, faults: Mapping[str, Fault] | None = None) -> str:
    """One SARIF log with one run.

    Args:
        report: What to show.
        faults: Registered faults by code; their explanations become the rules' help.
    """
    codes = list(dict.fromkeys(finding.code for finding in report.findings))
    run = {
        "tool": {
            "driver": {
                "name": inert(report.tool.name),
                "version": inert(report.tool.version),
                "rules": [_rule(code, report, faults or {}) for code in codes],
            }
        },
        "columnKind": "utf16CodeUnits",
        "artifacts": [_artifact(artefact) for artefact in (report.sent, report.received) if artefact is not None],
        "results": [_result(finding, codes.index(finding.code), report) for finding in report.findings[:RESULTS_SHOWN]],
        "properties": {"verdict": report.verdict.value, "summary": inert(report.summary)},
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(document)


def _rule(code: str, report: Report, faults: Mapping[str, Fault]) -> JsonObject:
    finding = next(finding for finding in report.findings if finding.code == code)
    fault = faults.get(code)
    rule: JsonObject = {
        "id": inert(code),
        "name": inert(finding.slug),
        "shortDescription": {"text": inert(fault.title if fault is not None else finding.slug)},
        "defaultConfiguration": {"level": _level(finding)},
    }
    if fault is not None:
        rule["fullDescription"] = {"text": fault.explanation.meaning}
        rule["help"] = {"text": _help(fault.explanation)}
    return rule


def _help(explanation: Explanation) -> str:
    sections = (
        ("What you see", explanation.symptoms),
        ("Why it happens", explanation.causes),
        ("How to confirm", explanation.confirm),
        ("How to fix the sender", explanation.fix_sender),
        ("How to fix the device", explanation.fix_device),
        ("Not to be confused with", explanation.confused_with),
    )
    told = [f"{title}\n" + "\n".join(f"- {line}" for line in lines) for title, lines in sections if lines]
    return "\n\n".join([explanation.meaning, *told])


def _artifact(artefact: Artefact) -> JsonObject:
    return {
        "location": {"uri": _uri(artefact.name)},
        "length": artefact.size,
        "hashes": {"sha-256": artefact.sha256},
    }


def _result(finding: Finding, rule: int, report: Report) -> JsonObject:
    every = edits_of(finding, report)
    edits = every[:LOCATIONS_SHOWN]
    locations = [_location(report.received.name, edit.received) for edit in edits if report.received is not None]
    locations += [_line_location(line) for line in finding.log_lines[:LOCATIONS_SHOWN]]
    more = f"; {len(every) - len(edits)} more places are in the JSON report" if len(every) > len(edits) else ""
    result: JsonObject = {
        "ruleId": inert(finding.code),
        "ruleIndex": rule,
        "level": _level(finding),
        "kind": "informational" if finding.benign else "fail",
        "message": {"text": inert(finding.summary) + more},
        "locations": locations or [_location(subject_name(finding, report), None)],
        "properties": {"certainty": finding.certainty.value, "where": finding.where.value},
    }
    related = [_sent_location(edit, report) for edit in edits]
    if any(related):
        result["relatedLocations"] = [location for location in related if location]
    return result


def _level(finding: Finding) -> str:
    if finding.benign:
        return "none"
    return "warning" if finding.certainty is Certainty.POSSIBLE else "error"


def _sent_location(edit: Edit, report: Report) -> JsonObject | None:
    if edit.sent is None or report.sent is None:
        return None
    return {**_location(report.sent.name, edit.sent), "message": {"text": "in the sent file"}}


def _location(name: str, span: ByteSpan | None) -> JsonObject:
    region: JsonObject = {"startLine": 1}
    if span is not None:
        region |= {"byteOffset": span.start, "byteLength": span.size}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(name)}, "region": region}}


def _line_location(line: int) -> JsonObject:
    return {"physicalLocation": {"artifactLocation": {"uri": LOG_NAME}, "region": {"startLine": max(1, line)}}}


def _uri(name: str) -> str:
    """A relative reference: percent-encoded, so that a name like ``javascript:x`` has no scheme."""
    return quote(inert(name), safe="")
