"""Captures that come through a pipe or in an archive, and the bar that shows how much was read."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from forensics.cli import capture_progress, progress_line
from forensics.cli.main import run
from forensics.synth.image import build_image
from tests.unit.pipeline.test_captures import btsnoop
from tests.unit.protocols import senders

IMAGE = build_image(chip="ESP32", size=20_000)
CAPTURE = btsnoop(senders.control_data(IMAGE))


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("FS/data/misc/bluetooth/logs/btsnoop_hci.log", content)
        archive.writestr("bugreport-phone.txt", b"== dumpstate")
    return stream.getvalue()


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))


@pytest.mark.parametrize("content", [CAPTURE, gzip.compress(CAPTURE), zipped(CAPTURE)], ids=["plain", "gzip", "zip"])
def test_inspect_shows_a_capture_from_anywhere(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "given"
    path.write_bytes(content)
    assert run(["inspect", str(path)]) == 0
    from_file = capfd.readouterr().out
    assert "control-data over handle 0x002a" in from_file
    piped(monkeypatch, content)
    assert run(["inspect", "-"]) == 0
    assert "control-data over handle 0x002a" in capfd.readouterr().out


def test_an_image_and_a_capture_are_taken_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sent = tmp_path / "sent.bin"
    sent.write_bytes(IMAGE)
    piped(monkeypatch, IMAGE)
    assert run(["inspect", "-"]) == 0
    for arguments in (["-", str(sent)], [str(sent), "-"]):
        piped(monkeypatch, CAPTURE)
        assert run(arguments) == 0
    piped(monkeypatch, CAPTURE)
    assert run(["extract", "-", "-o", str(tmp_path / "out.bin")]) == 0
    assert (tmp_path / "out.bin").read_bytes() == IMAGE
    capfd.readouterr()


def test_the_bar_fills_and_is_wiped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "capture"
    path.write_bytes(bytes(1_000_000))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress_line, "_SECONDS_BEFORE", -1.0)
    monkeypatch.setattr(progress_line, "_SECONDS_BETWEEN", 0.0)
    bar = capture_progress.CaptureProgress(str(path))
    bar(500_000)
    bar.wipe()
    shown = capfd.readouterr().err
    assert "[############............]  50%" in shown
    assert shown.endswith("\r")
    capture_progress.CaptureProgress("-")(3_000_000)
    assert "3 MB read" in capfd.readouterr().err
