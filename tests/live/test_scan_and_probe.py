"""``live scan`` and ``live probe`` over the virtual air, and ``otadiff live send`` from the command line."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("bumble", reason="the virtual ESP32 needs bumble: pip install 'otadiff[virtual]'")

from forensics.cli import main as command_line
from forensics.live.journal import JournalWriter
from forensics.live.link import Link
from forensics.live.probe import ProbedDevice, probe
from forensics.live.scan import SeenDevice, scan
from forensics.live.virtual.air import VirtualAir, virtual_air
from forensics.live.virtual.board import BoardSettings
from forensics.live.virtual.esp32 import Esp32Settings
from tests.live.sent import image

PROTOCOLS = {"control-data": "control-data", "espressif-raw": "espressif-ble-ota", "fbiego": "fbiego"}


@pytest.mark.parametrize("receiver", PROTOCOLS)
def test_a_scan_names_the_update_service(receiver: str) -> None:
    async def main() -> tuple[SeenDevice, ...]:
        async with virtual_air(Esp32Settings(board=BoardSettings(receiver=receiver))) as air:
            return await scan(0.4, backends=air.backends)

    (device,) = asyncio.run(main())
    assert device.name == Esp32Settings().name
    assert device.services == (PROTOCOLS[receiver],)


@pytest.mark.parametrize("receiver", PROTOCOLS)
def test_a_probe_writes_nothing(receiver: str) -> None:
    text = io.StringIO()

    async def main() -> ProbedDevice:
        settings = Esp32Settings(board=BoardSettings(receiver=receiver), mtu=185)
        async with virtual_air(settings) as air:
            return await probe(settings.name, journal=JournalWriter(text), backends=air.backends, timeout=5, settle=0.1)

    found = asyncio.run(main())
    assert PROTOCOLS[receiver] in found.protocols
    assert (found.payload, found.mtu) == (182, 185)
    assert found.sender is not None
    assert not [line for line in text.getvalue().splitlines() if json.loads(line).get("event") == "write"]


@pytest.mark.parametrize(("provoked", "status", "first"), [("drop:5", 1, "chunk 5"), ("", 0, "HEALTHY")])
def test_send_from_the_command_line(
    provoked: str,
    status: int,
    first: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    air_of_run: list[VirtualAir] = []
    opened = Link.open

    @asynccontextmanager
    async def over_the_virtual_air(device: str, **options: object) -> AsyncIterator[Link]:
        async with virtual_air(Esp32Settings()) as air:
            air_of_run.append(air)
            async with opened(device, **{**options, "backends": air.backends, "settle": 0.05}) as link:  # type: ignore[arg-type]
                yield link

    monkeypatch.setattr(Link, "open", over_the_virtual_air)
    sent, journal = tmp_path / "sent.bin", tmp_path / "journal.jsonl"
    sent.write_bytes(image())
    words = ["live", "send", str(sent), Esp32Settings().name, "--chunk", "244", "--journal", str(journal)]
    assert command_line.run([*words, *(["--provoke", provoked] if provoked else [])]) == status
    screen = capsys.readouterr()
    assert first in screen.out.splitlines()[0]
    assert "the journal is in" in screen.err
    assert journal.read_text(encoding="utf-8").startswith('{"schema')


def test_without_the_extra_the_install_command_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("forensics.cli.live.find_spec", lambda name: None)
    assert command_line.run(["live", "scan"]) == 2
    assert "pip install 'otadiff[live]'" in capsys.readouterr().err
