"""What people see for each shipped sample, at 80 columns; ``--update-golden`` rewrites the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics.pipeline.comparison import Options, compare_sources
from forensics.report.terminal import render_terminal
from forensics.synth.samples import SAMPLES, Sample

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "samples"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_screen(sample: Sample, request: pytest.FixtureRequest) -> None:
    place = FOLDER / sample.name
    screen = render_terminal(compare_sources(place / "sent.bin", place / "received.bin", Options()), width=80)
    golden = HERE / "screens" / f"{sample.name}.txt"
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(screen, encoding="utf-8")
    assert screen == golden.read_text(encoding="utf-8")
    assert all(len(line) <= 80 for line in screen.splitlines()), "a line is wider than the terminal"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_samples_are_rebuilt_identically(sample: Sample) -> None:
    sent, received = sample.build()
    place = FOLDER / sample.name
    assert (place / "sent.bin").read_bytes() == sent
    assert (place / "received.bin").read_bytes() == received
    assert (place / "README.md").read_text(encoding="utf-8").strip() == sample.about
