"""bleak's own Linux backend, unpatched, against a fake ``org.bluez`` on a private bus."""

from __future__ import annotations

import asyncio
import gc
import io
import shutil
import sys
from collections.abc import Iterator
from subprocess import Popen

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("bleak talks to BlueZ on Linux only", allow_module_level=True)
if shutil.which("dbus-daemon") is None:
    pytest.skip("needs dbus-daemon: apt-get install dbus-daemon", allow_module_level=True)
pytest.importorskip("dbus_fast", reason="bleak's Linux backend needs dbus-fast: pip install 'otadiff[live]'")

from dbus_fast import DBusError

from forensics.errors import LiveError, LiveFailure
from forensics.live.choose import SendOptions
from forensics.live.journal import JournalWriter
from forensics.live.response import parse_response
from forensics.live.send import Transfer
from forensics.protocols.senders.steps import Outcome
from forensics.read import read_evidence
from forensics.read.captures import read_capture
from tests.live.fake_bluez import ADDRESS, NAME, BluezFaults, FakeBluez, fake_bluez, private_bus
from tests.live.sent import CHUNK, image

pytestmark = pytest.mark.filterwarnings(
    # A bus that ends under dbus-fast leaves futures and sockets behind that are collected later.
    "ignore:unclosed:ResourceWarning",
    "ignore:Exception ignored in.*socket:pytest.PytestUnraisableExceptionWarning",
)


@pytest.fixture
def bus() -> Iterator[Popen[bytes]]:
    with private_bus() as process:
        yield process
    gc.collect()


class Sent:
    """What is left of one update over BlueZ."""

    def __init__(self, transfer: Transfer, bluez: FakeBluez, journal: str) -> None:
        self.transfer, self.bluez, self.journal = transfer, bluez, journal


def send(
    faults: BluezFaults | None = None,
    *,
    response: str = "never",
    device: str = NAME,
    mtu: int = 517,
    chunk: int | None = CHUNK,
    settle: float = 0.05,
) -> Sent:
    text = io.StringIO()
    size = min(chunk, mtu - 3) if chunk else None
    options = SendOptions(chunk_size=size, settle=settle, timeout=1, response=parse_response(response))

    async def main() -> Sent:
        async with fake_bluez(faults, mtu=mtu) as bluez:
            transfer = Transfer(image(), options, journal=JournalWriter(text))
            await transfer.run(device)
            return Sent(transfer, bluez, text.getvalue())

    return asyncio.run(main())


@pytest.mark.usefixtures("bus")
@pytest.mark.parametrize("device", [NAME, ADDRESS, ADDRESS.lower()])
@pytest.mark.parametrize("response", ["never", "always"])
def test_an_update_over_bluez(device: str, response: str) -> None:
    sent = send(device=device, response=response)
    assert sent.transfer.outcome is Outcome.ACCEPTED
    assert sent.bluez.board.slot_content()[: len(image())] == image()
    capture = read_capture(read_evidence(sent.journal.encode()))
    assert sum(event.offset is not None for event in capture.journal) == -(-len(image()) // CHUNK)


@pytest.mark.usefixtures("bus")
def test_the_payload_is_that_of_the_mtu() -> None:
    sent = send(mtu=185)
    assert sent.transfer.outcome is Outcome.ACCEPTED
    assert '"mtu": 185' in sent.journal


@pytest.mark.usefixtures("bus")
@pytest.mark.parametrize("old", [23, 185])
def test_a_second_connection_has_the_mtu_of_its_own(old: int) -> None:
    sent = send(BluezFaults(old_mtu=old), chunk=None, settle=1)
    assert sent.transfer.outcome is Outcome.ACCEPTED
    assert '"mtu": 517' in sent.journal
    assert sent.bluez.writes < len(image()) // 400


@pytest.mark.usefixtures("bus")
def test_an_mtu_that_grows_is_told() -> None:
    sent = send(BluezFaults(larger_mtu_after=20), mtu=185)
    assert sent.transfer.outcome is Outcome.ACCEPTED
    assert sent.journal.index('"mtu": 185') < sent.journal.index('"mtu": 517')


@pytest.mark.usefixtures("bus")
def test_a_request_that_the_end_of_the_link_cuts_off_is_not_refused() -> None:
    sent = send(BluezFaults(unlikely_after=50), response="always")
    assert sent.transfer.outcome is Outcome.BROKEN_OFF
    assert sent.transfer.error is not None
    assert sent.transfer.error.failure is LiveFailure.DISCONNECTED
    assert '"refused"' not in sent.journal


@pytest.mark.usefixtures("bus")
@pytest.mark.parametrize(
    ("faults", "failure"),
    [
        (BluezFaults(adapter=False), LiveFailure.NO_BLUETOOTH),
        (BluezFaults(powered=False), LiveFailure.POWERED_OFF),
        (BluezFaults(connect=DBusError("org.bluez.Error.NotReady", "Resource Not Ready")), LiveFailure.POWERED_OFF),
        (BluezFaults(write={0: DBusError("org.bluez.Error.NotPermitted", "Write not permitted")}), LiveFailure.NO_PROPERTY),
        (
            BluezFaults(write={0: DBusError("org.bluez.Error.Failed", "Operation failed with ATT error: 0x0f")}),
            LiveFailure.PAIRING_REQUIRED,
        ),
        (BluezFaults(write={0: DBusError("org.bluez.Error.Failed", "Not connected")}), LiveFailure.DISCONNECTED),
        (BluezFaults(drop_after=0), LiveFailure.DISCONNECTED),
    ],
)  # fmt: skip
def test_what_bluez_says_is_told_plainly(faults: BluezFaults, failure: LiveFailure) -> None:
    with pytest.raises(LiveError) as raised:
        send(faults)
    assert raised.value.failure is failure
    assert raised.value.next_step


@pytest.mark.usefixtures("bus")
def test_an_absent_device_is_not_found() -> None:
    with pytest.raises(LiveError) as raised:
        send(device="AA:AA:AA:AA:AA:AA")
    assert raised.value.failure is LiveFailure.NOT_FOUND


@pytest.mark.usefixtures("bus")
@pytest.mark.parametrize("faults", [BluezFaults(drop_after=50), BluezFaults(vanish_after=50)])
@pytest.mark.parametrize("response", ["never", "always"])
def test_a_device_that_goes_away_leaves_a_whole_journal(faults: BluezFaults, response: str) -> None:
    sent = send(faults, response=response)
    assert sent.transfer.outcome is Outcome.BROKEN_OFF
    assert sent.transfer.error is not None
    assert sent.transfer.error.failure is LiveFailure.DISCONNECTED
    assert sent.transfer.resume_hint
    assert '"event": "disconnected"' in sent.journal
    assert not read_capture(read_evidence(sent.journal.encode())).problems


@pytest.mark.usefixtures("bus")
def test_a_busy_bluez_is_asked_again() -> None:
    busy = DBusError("org.bluez.Error.InProgress", "In Progress")
    sent = send(BluezFaults(write={20: busy, 21: busy, 90: busy}))
    assert sent.transfer.outcome is Outcome.ACCEPTED


def test_a_bus_that_dies_is_a_plain_error(bus: Popen[bytes]) -> None:
    faults = BluezFaults()

    async def main() -> None:
        async with fake_bluez(faults) as bluez:
            count = bluez.write

            def write(uuid: str, value: bytes, *, response: bool) -> None:
                if bluez.writes == 40:
                    bus.kill()
                count(uuid, value, response=response)

            bluez.write = write  # type: ignore[method-assign]
            transfer = Transfer(
                image(), SendOptions(chunk_size=CHUNK, settle=0.05, timeout=1), journal=JournalWriter(io.StringIO())
            )
            await transfer.run(NAME)
            assert transfer.outcome is Outcome.BROKEN_OFF

    asyncio.run(main())


@pytest.mark.usefixtures("bus")
def test_a_bus_without_bluetoothd_has_no_bluetooth() -> None:
    _no_bluetooth()


def test_a_machine_without_a_bus_has_no_bluetooth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/otadiff")
    _no_bluetooth()


def _no_bluetooth() -> None:
    async def main() -> None:
        await Transfer(image(), SendOptions(timeout=1), journal=JournalWriter(io.StringIO())).run(NAME)

    with pytest.raises(LiveError) as raised:
        asyncio.run(main())
    assert raised.value.failure is LiveFailure.NO_BLUETOOTH
    assert raised.value.next_step
