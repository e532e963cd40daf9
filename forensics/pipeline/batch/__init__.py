"""Thousands of bugs: found, diagnosed by any executor, tallied and written down in one order."""

from __future__ import annotations

from forensics.pipeline.batch.cases import Case, find_cases
from forensics.pipeline.batch.results import CaseFinding, CaseResult
from forensics.pipeline.batch.runner import run_batch

__all__ = ["Case", "CaseFinding", "CaseResult", "find_cases", "run_batch"]
