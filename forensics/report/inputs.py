"""What ``otadiff triage`` took each file for, in words that every format shows."""

from __future__ import annotations

from forensics.model.report import InputFile, InputRole, Report
from forensics.report.words import counted

INPUTS_SHOWN = 12
"""Files that the terminal lists unless everything is asked for."""
FEW_INPUTS = 3
"""So many files at most that were all used need no list in the terminal."""
INPUTS_LISTED = 200
"""Files that a document lists."""


def role_words(file: InputFile) -> str:
    """``sent``, ``left out``."""
    return file.role.value.replace("-", " ")


def kind_words(file: InputFile) -> str:
    """``btsnoop, 12155 bytes, protocol control-data``."""
    words = [file.kind]
    if file.size is not None:
        words.append(counted(file.size, "byte"))
    if file.protocol is not None:
        words.append(f"protocol {file.protocol}")
    return ", ".join(words)


def name_in_role(report: Report, role: InputRole) -> str | None:
    """Name of the first input that was taken as ``role``, or None."""
    return next((file.name for file in report.inputs if file.role is role), None)
