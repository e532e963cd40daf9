"""Texts that show bytes, whatever tool made them: readings are proposed from the lines and weighed against SENT."""

from __future__ import annotations

from forensics.read.table.alone import bytes_shown, image_shown
from forensics.read.table.known import Known
from forensics.read.table.placing import Counts
from forensics.read.table.reading import Flaw, TextReading, Value, readings
from forensics.read.table.rules import Problem
from forensics.read.table.tokens import notations_of

__all__ = [
    "Counts",
    "Flaw",
    "Known",
    "Problem",
    "TextReading",
    "Value",
    "bytes_shown",
    "image_shown",
    "notations_of",
    "readings",
]
