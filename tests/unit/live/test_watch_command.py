"""``otadiff live watch`` and ``live capture`` from the command line, over a fake Bluetooth stack."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from forensics.cli.live import capture, watch
from forensics.spec.tap import TAP_CHARACTERISTIC, TAP_SERVICE
from tests.unit.live.fakes import FakeDevice, backends
from tests.unit.live.tap_transfers import CHUNKS, SENT, frames_of

ECHO = "0f7a0012-7461-4f70-9d1c-6f7461646966"
QUICK = ("--quiet", "0.05", "--wait", "0.2", "--timeout", "1")
HERE = 50

On = Callable[..., FakeDevice]


@pytest.fixture
def on_air(monkeypatch: pytest.MonkeyPatch) -> On:
    """Puts a device on the air that tells values to whoever subscribes."""

    def put(uuid: str, values: Sequence[bytes], *, name: str = "ESP32-OTA", interrupts: bool = False) -> FakeDevice:
        fake = FakeDevice(name=name, services={TAP_SERVICE: {uuid: ("notify",)}})

        def tell(_uuid: str) -> None:
            loop = asyncio.get_running_loop()
            for value in values:
                loop.call_soon(loop.call_soon, fake.notify, uuid, value)
            if interrupts:
                loop.call_soon(loop.call_soon, _interrupt)

        fake.on_subscribe = tell
        stack = backends(fake)
        monkeypatch.setattr("forensics.live.find.BleakScanner", _with_backend("bleak.BleakScanner", stack.scanner))
        monkeypatch.setattr("forensics.live.link.BleakClient", _with_backend("bleak.BleakClient", stack.client))
        monkeypatch.setattr("forensics.live.watch.TELLING_SECONDS", 0.05)
        monkeypatch.setattr("forensics.live.link.SETTLE_SECONDS", 0.0)
        return fake

    return put


def _with_backend(name: str, chosen: object) -> Callable[..., object]:
    import bleak

    made = getattr(bleak, name.rpartition(".")[2])

    def make(*arguments: object, **options: object) -> object:
        return made(*arguments, **{**options, "backend": chosen})

    return make


def _interrupt() -> None:
    raise KeyboardInterrupt


def run(command: Callable[..., None], *arguments: str) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return CliRunner().invoke(app, [*arguments, *QUICK])


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    path = tmp_path / "sent.bin"
    path.write_bytes(SENT)
    return path


def test_a_good_transfer_is_healthy(on_air: On, sent: Path) -> None:
    on_air(TAP_CHARACTERISTIC, frames_of(CHUNKS, slot=SENT))
    result = run(watch.command, str(sent), "ESP32-OTA")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("HEALTHY")


def test_the_first_wrong_chunk_is_on_stderr_and_the_report_on_stdout(on_air: On, sent: Path, tmp_path: Path) -> None:
    on_air(TAP_CHARACTERISTIC, frames_of([*CHUNKS[:HERE], *CHUNKS[HERE + 1 :]]))
    journal, report = tmp_path / "watch.jsonl", tmp_path / "report.json"
    result = run(watch.command, str(sent), "ESP32-OTA", "--journal", str(journal), "--json", str(report))
    assert result.exit_code == 1
    assert f"chunk {HERE} is lost" in result.stderr
    assert result.stdout.startswith("FAULTY")
    assert json.loads(report.read_text())["findings"][0]["slug"] == "chunk-missing"
    kinds = [json.loads(line).get("event") for line in journal.read_text().splitlines()]
    assert {"connected", "notification", "divergence", "disconnected", "outcome"} <= set(kinds)


def test_ctrl_c_reports_what_was_seen(on_air: On, sent: Path) -> None:
    on_air(TAP_CHARACTERISTIC, frames_of(CHUNKS[:HERE], ended=False), interrupts=True)
    result = run(watch.command, str(sent), "ESP32-OTA")
    assert result.exit_code == 130
    assert "interrupted" in result.stderr
    assert result.stdout.startswith("INCONCLUSIVE")


def test_a_silent_device_is_told_of(on_air: On, sent: Path) -> None:
    on_air(TAP_CHARACTERISTIC, [])
    result = run(watch.command, str(sent), "ESP32-OTA")
    assert result.exit_code == 2
    assert "otatap_chunk" in result.stderr


def test_a_device_name_steers_no_terminal(on_air: On, sent: Path) -> None:
    on_air(TAP_CHARACTERISTIC, frames_of(CHUNKS[:HERE], ended=False), name="evil\x1b[31m[bold]x")
    result = run(watch.command, str(sent), "evil\x1b[31m[bold]x")
    assert "\x1b" not in result.stdout + result.stderr
    assert "[bold]x" in result.stdout + result.stderr


def test_a_capture_is_stored_and_compared(on_air: On, sent: Path, tmp_path: Path) -> None:
    on_air(ECHO, [*CHUNKS[:HERE], *CHUNKS[HERE + 1 :]])
    stored = tmp_path / "received.bin"
    result = run(capture.command, "ESP32-OTA", "--notify", ECHO, "-o", str(stored), "--sent", str(sent))
    assert result.exit_code == 1
    assert stored.read_bytes() == b"".join(CHUNKS[:HERE] + CHUNKS[HERE + 1 :])
    assert f"{len(stored.read_bytes())} bytes in {len(CHUNKS) - 1} notifications" in result.stderr
    assert "chunk-missing" in result.stdout


def test_a_capture_alone_says_what_it_stored(on_air: On, tmp_path: Path) -> None:
    on_air(ECHO, CHUNKS)
    stored = tmp_path / "received.bin"
    result = run(capture.command, "ESP32-OTA", "--notify", ECHO, "-o", str(stored), "--size", "1000")
    assert (result.exit_code, result.stdout, stored.read_bytes()) == (0, "", SENT[:1000])


def test_an_interrupted_capture_keeps_what_came(on_air: On, tmp_path: Path) -> None:
    on_air(ECHO, CHUNKS[:HERE], interrupts=True)
    stored = tmp_path / "received.bin"
    result = run(capture.command, "ESP32-OTA", "--notify", ECHO, "-o", str(stored))
    assert (result.exit_code, stored.read_bytes()) == (130, b"".join(CHUNKS[:HERE]))


def test_a_capture_of_nothing_leaves_files_as_they_were(on_air: On, tmp_path: Path) -> None:
    on_air(ECHO, [])
    old, new = tmp_path / "old.bin", tmp_path / "new.bin"
    old.write_bytes(b"of before")
    for path in (old, new):
        assert run(capture.command, "ESP32-OTA", "--notify", ECHO, "-o", str(path), "--force").exit_code == 2
    assert old.read_bytes() == b"of before"
    assert not new.exists()


@pytest.mark.parametrize(
    "arguments", [("-o", "-"), ("-o", "x.bin", "--json", "report.json"), ("-o", "{sent}", "--sent", "{sent}")]
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], sent: Path) -> None:
    given = [one.format(sent=sent) for one in arguments]
    result = run(capture.command, "ESP32-OTA", "--notify", ECHO, *given)
    assert type(result.exception).__name__ == "UsageError"
    assert sent.read_bytes() == SENT
