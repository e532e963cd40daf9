from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from forensics.model.report import Report

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-golden"):
        os.environ["OTADIFF_REFRESH_GOLDENS"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden outputs instead of comparing")


def all_slugs(report: Report) -> set[str]:
    """The faults of a report: its findings and what follows from them."""
    found = {finding.slug for finding in report.findings}
    return found | {one.slug for finding in report.findings for one in finding.consequences}
