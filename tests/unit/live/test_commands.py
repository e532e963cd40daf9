"""What the live commands say before and without a device."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics.cli.live import scan as scan_command
from forensics.cli.main import run
from forensics.live.scan import SeenDevice
from forensics.synth.image import build_image


def test_what_is_no_image_is_not_sent_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("hello world\n" * 50)
    assert run(["live", "send", str(notes), "ESP32-OTA"]) == 2
    told = capsys.readouterr().err
    assert "notes.txt is" in told
    assert "--yes" in told


def test_a_broken_image_is_not_sent_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = bytearray(build_image(size=16384))
    app[5000] ^= 1
    (tmp_path / "app.bin").write_bytes(app)
    assert run(["live", "send", str(tmp_path / "app.bin"), "ESP32-OTA"]) == 2
    assert "does not hold together" in capsys.readouterr().err


def test_a_scan_that_hears_nobody_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def nobody(_seconds: float) -> tuple[SeenDevice, ...]:
        return ()

    monkeypatch.setattr(scan_command, "scan", nobody)
    assert run(["live", "scan", "--seconds", "1"]) == 0
    assert "nobody advertised in 1 s" in capsys.readouterr().err
