"""Texts that show bytes, whatever tool made them: readings are proposed from the lines and weighed against SENT."""

from __future__ import annotations

from forensics.read.table.known import Known
from forensics.read.table.placing import Counts
from forensics.read.table.reading import Flaw, TextReading, Value, readings
from forensics.read.table.rules import Problem

__all__ = ["Counts", "Flaw", "Known", "Problem", "TextReading", "Value", "readings"]
