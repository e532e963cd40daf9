"""What a report is about."""

from __future__ import annotations

from forensics.model.report import Report


def is_inspection(report: Report) -> bool:
    """It is about one file alone, with nothing to compare it with."""
    return report.received is None and report.sent is not None and report.log is None
