"""The shipped captures are what their builders make, and the comparison says of each what it is there to show."""

from __future__ import annotations

import pytest

from forensics.model.report import Report
from forensics.pipeline.comparison import Options, compare_sources
from forensics.report.terminal import render_terminal
from tests.capture_samples import CAPTURE_SAMPLES, CaptureSample
from tests.conftest import ROOT

SAMPLES = ROOT / "samples"
GOLDEN = ROOT / "tests" / "golden" / "captures"
WIDTH = 80
LARGEST = 32_000
each_sample = pytest.mark.parametrize("sample", CAPTURE_SAMPLES, ids=lambda sample: sample.name)


def compared(sample: CaptureSample) -> Report:
    folder = SAMPLES / sample.name
    (capture,) = folder.glob("capture.*")
    return compare_sources(folder / "sent.bin", capture, Options())


@each_sample
def test_samples_are_what_the_builders_make(sample: CaptureSample, request: pytest.FixtureRequest) -> None:
    folder = SAMPLES / sample.name
    files = {**sample.build(), "README.md": f"{sample.about}\n".encode()}
    if request.config.getoption("--update-golden"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert all(len(content) < LARGEST for content in files.values())


@each_sample
def test_the_comparison_finds_what_the_sample_shows(sample: CaptureSample) -> None:
    assert sample.slug in {finding.slug for finding in compared(sample).findings}


@each_sample
def test_what_the_terminal_shows(sample: CaptureSample, request: pytest.FixtureRequest) -> None:
    shown = render_terminal(compared(sample), width=WIDTH)
    path = GOLDEN / f"{sample.name}.txt"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
    assert all(len(line) <= WIDTH for line in shown.splitlines()), "a line is wider than the terminal"
