"""Report -> one line a finding, for grep and editors."""

from __future__ import annotations

from forensics.model.finding import Finding
from forensics.model.report import Report
from forensics.model.text import inert
from forensics.report.places import concise_place


def render_concise(report: Report) -> str:
    """``received.bin:0xc6d4: OTA202 chunk-missing: 509 bytes are missing [proven]``, one line a finding.

    A report without findings is one line with its verdict.
    """
    if not report.findings:
        return inert(f"{report.verdict.value}: {report.summary}") + "\n"
    return "".join(inert(_line(finding, report)) + "\n" for finding in report.findings)


def _line(finding: Finding, report: Report) -> str:
    what = f"{finding.code} {finding.slug}: {finding.summary}"
    return f"{concise_place(finding, report)}: {what} [{finding.certainty.value}]"
