"""What otadiff raises when it cannot do its job. A fault in the user's transfer is a finding, never an error.

OtadiffError
 |- InputError     a file cannot be read, or is no evidence of the kind that was asked for
 |- UsageError     options that contradict each other or the evidence
 '- ReportError    a saved report that is not an ``otadiff.report/1`` document
"""

from __future__ import annotations

from forensics.model.error import OtadiffError, ReportError

__all__ = ["InputError", "OtadiffError", "ReportError", "UsageError"]


class InputError(OtadiffError):
    """A file cannot be read, or holds nothing that otadiff can compare."""


class UsageError(OtadiffError):
    """Options that contradict each other or the evidence."""
