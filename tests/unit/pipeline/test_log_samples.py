"""The shipped logs are what their builders make, and triage says of each what it is there to show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from forensics.model.device import DeviceSettings
from forensics.model.report import Report
from forensics.pipeline.triage import TriageOptions, triage_inputs
from forensics.report.terminal import render_terminal
from forensics.verify.predict import predict_log
from tests.conftest import ROOT, SHARED, all_slugs
from tests.log_samples import LOG_SAMPLES, LogSample

SAMPLES = ROOT / "samples"
GOLDEN = ROOT / "tests" / "golden" / "logs"
NAMES = ("forum-log", *(sample.name for sample in LOG_SAMPLES))
each_sample = pytest.mark.parametrize("sample", LOG_SAMPLES, ids=lambda sample: sample.name)


def predict(image: bytes, settings: DeviceSettings) -> Sequence[str]:
    return predict_log(image, settings).lines


def triaged(name: str) -> Report:
    files = [SAMPLES / name / file for file in ("device.log", "sent.bin", "received.bin")]
    return triage_inputs([path for path in files if path.exists()], TriageOptions(solve_seconds=None))


@each_sample
def test_samples_are_what_the_builders_make(sample: LogSample, request: pytest.FixtureRequest) -> None:
    folder = SAMPLES / sample.name
    files = {**sample.build(predict), "README.md": f"{sample.about}\n".encode()}
    if request.config.getoption("--update-golden"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


@pytest.mark.slow
@each_sample
def test_triage_finds_what_the_sample_shows(sample: LogSample) -> None:
    report = triaged(sample.name)
    assert report.findings[0].slug == sample.slug
    assert sample.name == "forum-case" or sample.name in all_slugs(report)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_the_terminal_shows(name: str, request: pytest.FixtureRequest) -> None:
    shown = render_terminal(triaged(name), width=100)
    path = GOLDEN / f"{name}.txt"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def test_the_forum_log_is_the_posted_one_but_for_the_poster_s_paths() -> None:
    post = SHARED / "origin" / "forum-post.txt"
    if not post.exists():
        pytest.skip("the original post is not beside the repository")
    posted = post.read_text(encoding="utf-8").splitlines()
    kept = (SAMPLES / "forum-log" / "device.log").read_text(encoding="utf-8").splitlines()
    begin = posted.index(kept[0])
    pairs = list(zip(posted[begin : begin + len(kept)], kept, strict=True))
    changed = [ours for theirs, ours in pairs if theirs != ours]
    assert len(changed) == 2
    assert all("/esp-idf/components/freertos/xtensa_vectors.S:1685" in line for line in changed)


def test_every_code_of_the_device_has_a_sample() -> None:
    from forensics.explain import all_faults

    wanted = {fault.slug for fault in all_faults() if fault.code.startswith("OTA3")}
    assert wanted <= set(NAMES)


def test_samples_name_nobody() -> None:
    for name in NAMES:
        text = (SAMPLES / name / "device.log").read_text(encoding="utf-8")
        assert "/Users/" not in text
        assert Path("/home/user").as_posix() in text or "/home/" not in text
