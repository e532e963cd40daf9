"""Adding a fault is not done until it has a sample, and the README leads to it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from forensics.explain import all_faults
from forensics.judge.rules import RULES, Of
from forensics.model.finding import Fault
from forensics.synth.faults import FAULTS
from forensics.synth.samples import SAMPLES
from forensics.version import VERSION
from tests.capture_samples import CAPTURE_SAMPLES
from tests.log_samples import LOG_SAMPLES

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", sorted({slug for rule in RULES if rule.of is Of.BYTES for slug in rule.slugs}))
def test_every_detected_fault_has_a_sample(slug: str) -> None:
    assert any(sample.slug == slug for sample in SAMPLES), f"no sample shows {slug}"


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: fault.slug)
def test_every_fault_has_a_shipped_sample(fault: Fault) -> None:
    names = {sample.name for samples in (SAMPLES, LOG_SAMPLES, CAPTURE_SAMPLES) for sample in samples}
    assert fault.slug in names, f"no sample is named {fault.slug}"
    assert (ROOT / "samples" / fault.slug / "README.md").is_file(), f"samples/{fault.slug} is not written"


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: fault.slug)
def test_the_readme_leads_to_every_fault(fault: Fault) -> None:
    assert fault.code in README, f"README.md does not mention {fault.code}"


def test_the_readme_names_only_faults_that_exist() -> None:
    codes = {fault.code for fault in all_faults()}
    assert set(re.findall(r"OTA\d{3}", README)) <= codes


def test_the_version_is_the_package_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION


def test_the_readme_shows_the_screen_that_the_command_prints() -> None:
    from forensics.pipeline.comparison import Options, compare_sources
    from forensics.report.terminal import render_terminal

    place = ROOT / "samples" / "chunk-missing"
    report = compare_sources(place / "sent.bin", place / "received.bin", Options())
    assert render_terminal(report, width=None).strip() in README


def test_every_way_to_break_a_transfer_has_a_plain_name() -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in FAULTS)
