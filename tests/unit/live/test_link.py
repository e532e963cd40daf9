"""The link: what it records, and how it fails."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from bleak.exc import BleakDBusError, BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError

from forensics.errors import LiveError, LiveFailure
from forensics.live.journal import ImagePart, JournalWriter, WriteResult
from forensics.live.link import Link
from tests.unit.live.fakes import WRITES, FakeDevice, backends

SERVICE = "0000abcd-0000-1000-8000-00805f9b34fb"
DATA = "23408888-1f40-4cd8-9b89-ca8d45f8a5b0"
CONTROL = "7ad671aa-21c0-46a4-b722-270e3ae3d830"


def device(**options: object) -> FakeDevice:
    made = FakeDevice(services={SERVICE: {DATA: WRITES, CONTROL: ("write", "notify")}})
    for name, value in options.items():
        setattr(made, name, value)
    return made


LINES: list[dict[str, Any]] = []
"""The journal of the session that ran last."""


def session(
    fake: FakeDevice, use: Callable[[Link], Awaitable[None]], name: str = "ESP32-OTA", settle: float = 0.0
) -> list[dict[str, Any]]:
    """Runs ``use`` on a link and gives the lines of the journal."""
    stream = io.StringIO()

    async def run() -> None:
        writer = JournalWriter(stream, clock=itertools.count().__next__)
        async with Link.open(name, backends=backends(fake), journal=writer, timeout=0.2, settle=settle) as link:
            await use(link)

    try:
        asyncio.run(run())
    finally:
        LINES[:] = [json.loads(line) for line in stream.getvalue().splitlines()]
    return list(LINES)


async def nothing(link: Link) -> None:
    pass


def of_kind(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == kind]


@pytest.mark.parametrize("name", ["ESP32-OTA", "aa:bb:cc:dd:ee:01", "AA:BB:CC:DD:EE:01"])
def test_a_session_records_connection_services_mtu_and_its_own_end(name: str) -> None:
    lines = session(device(), nothing, name)
    assert [line["event"] for line in lines] == ["connected", "service", "service", "mtu", "disconnected"]
    assert lines[0]["address"] == "AA:BB:CC:DD:EE:01"
    assert lines[1]["result"] == "write write-without-response"
    assert lines[3]["mtu"] == 512
    assert lines[-1]["direction"] == "out"


def test_writes_are_recorded_with_the_image_they_carry() -> None:
    async def use(link: Link) -> None:
        part = ImagePart(offset=460, start=3, length=4)
        assert await link.write(DATA, b"\0\0\1wxyz", response=False, image=part) is WriteResult.QUEUED
        assert await link.write(CONTROL, b"\4", response=True) is WriteResult.ACKNOWLEDGED

    fake = device()
    data, control = of_kind(session(fake, use), "write")
    assert fake.written == [(DATA, b"\0\0\1wxyz", False), (CONTROL, b"\4", True)]
    assert (data["offset"], data["length"], data["before"], data["behind"]) == (460, 4, "000001", "")
    assert (data["response"], data["result"]) == (False, "queued")
    assert "value" not in data
    assert (control["value"], control["result"], control["response"]) == ("04", "acknowledged", True)


def test_notifications_are_recorded_before_they_are_handed_on_and_in_order() -> None:
    taken: list[bytes] = []

    async def use(link: Link) -> None:
        await link.subscribe(CONTROL, taken.append)
        for number in range(5):
            fake.notify(CONTROL, bytes([number]))

    fake = device()
    lines = of_kind(session(fake, use), "notification")
    assert taken == [bytes([number]) for number in range(5)]
    assert [line["value"] for line in lines] == ["00", "01", "02", "03", "04"]


def test_a_lost_link_is_told_apart_from_our_own_end() -> None:
    async def use(link: Link) -> None:
        fake.drop()
        assert link.lost
        assert not link.connected
        with pytest.raises(LiveError) as caught:
            await link.write(DATA, b"1", response=False)
        assert caught.value.failure is LiveFailure.DISCONNECTED

    fake = device()
    ends = of_kind(session(fake, use), "disconnected")
    assert [line["direction"] for line in ends] == ["in"]


def test_usable_payload_never_exceeds_an_attribute() -> None:
    async def use(link: Link) -> None:
        assert link.usable_payload(DATA, response=False) == 512
        assert link.usable_payload(DATA, response=True) == 512

    session(device(payloads=[514]), use)


def test_the_payload_is_asked_again_until_the_stack_knows_it() -> None:
    async def use(link: Link) -> None:
        assert link.usable_payload(DATA, response=False) == 244

    lines = session(device(payloads=[20, 20, 244]), use, settle=2.0)
    assert [line["mtu"] for line in of_kind(lines, "mtu")] == [247]


def test_an_mtu_that_changes_during_a_transfer_is_an_event() -> None:
    async def use(link: Link) -> None:
        fake.payloads = [20]
        await link.write(DATA, b"1", response=False)

    fake = device(payloads=[244])
    assert [line["mtu"] for line in of_kind(session(fake, use), "mtu")] == [247, 23]


@pytest.mark.parametrize(
    ("error", "failure", "result"),
    [
        (BleakGATTProtocolError(0x80), LiveFailure.REFUSED, "refused"),
        (BleakGATTProtocolError(0x0D), LiveFailure.VALUE_LENGTH, "refused"),
        (BleakGATTProtocolError(0x05), LiveFailure.PAIRING_REQUIRED, "refused"),
        (BleakGATTProtocolError(0x03), LiveFailure.NO_PROPERTY, "refused"),
        (BleakDBusError("org.bluez.Error.Failed", ["Not connected"]), LiveFailure.DISCONNECTED, "failed"),
        (BleakDBusError("org.bluez.Error.NotPermitted", ["Not paired"]), LiveFailure.PAIRING_REQUIRED, "failed"),
        (BleakDBusError("org.bluez.Error.Failed", ["Failed to initiate write"]), LiveFailure.VALUE_LENGTH, "failed"),
        (TimeoutError(), LiveFailure.TIMEOUT, "failed"),
        (EOFError(), LiveFailure.DISCONNECTED, "failed"),
        (BleakError("something else"), LiveFailure.OTHER, "failed"),
    ],
)
def test_a_write_that_fails_is_recorded_and_told(error: BaseException, failure: LiveFailure, result: str) -> None:
    def refuse(_uuid: str, _value: bytes, _response: bool) -> None:
        raise error

    async def use(link: Link) -> None:
        await link.write(DATA, b"12345", response=True, image=ImagePart(offset=0, start=0, length=5))

    with pytest.raises(LiveError) as caught:
        session(device(on_write=refuse), use)
    assert caught.value.failure is failure
    assert caught.value.name == "ESP32-OTA"
    assert caught.value.next_step
    assert [line["result"] for line in of_kind(LINES, "write")] == [result]
    assert LINES[-1]["event"] == "disconnected"


def test_a_write_without_a_word_that_is_too_long_names_the_room() -> None:
    def refuse(_uuid: str, _value: bytes, _response: bool) -> None:
        raise BleakError("Failed")

    async def use(link: Link) -> None:
        await link.write(DATA, bytes(600), response=False)

    with pytest.raises(LiveError, match="where 244 fit"):
        session(device(on_write=refuse, payloads=[244]), use)


@pytest.mark.parametrize(
    ("options", "failure"),
    [
        ({"scan_error": FileNotFoundError(2, "No such file or directory")}, LiveFailure.NO_BLUETOOTH),
        ({"scan_error": BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["no"])}, LiveFailure.NO_BLUETOOTH),
        ({"scan_error": PermissionError(13, "Permission denied")}, LiveFailure.DENIED),
        ({"name": "another"}, LiveFailure.NOT_FOUND),
        ({"connect_errors": [TimeoutError()] * 3}, LiveFailure.TIMEOUT),
        ({"connect_errors": [BleakDeviceNotFoundError("x")]}, LiveFailure.NOT_FOUND),
        (
            {"connect_errors": [BleakDBusError("org.bluez.Error.AuthenticationFailed", ["Authentication Failed"])]},
            LiveFailure.PAIRING_REQUIRED,
        ),
    ],
)
def test_no_connection_is_told_plainly(options: dict[str, Any], failure: LiveFailure) -> None:
    with pytest.raises(LiveError) as caught:
        session(device(**options), nothing)
    assert caught.value.failure is failure


def test_a_first_attempt_that_fails_is_recorded_and_made_again() -> None:
    lines = session(device(connect_errors=[TimeoutError(), BleakError("le-connection-abort-by-local")]), nothing)
    assert [line["event"] for line in lines][:3] == ["connect-failed", "connect-failed", "connected"]


def test_a_characteristic_that_is_missing_or_cannot_notify_is_told() -> None:
    async def absent(link: Link) -> None:
        await link.write(SERVICE, b"", response=True)

    async def silent(link: Link) -> None:
        await link.subscribe(DATA, lambda value: None)

    for use, failure in ((absent, LiveFailure.NO_CHARACTERISTIC), (silent, LiveFailure.NO_PROPERTY)):
        with pytest.raises(LiveError) as caught:
            session(device(), use)
        assert caught.value.failure is failure


def test_a_write_that_is_interrupted_is_in_the_journal() -> None:
    async def use(link: Link) -> None:
        async with asyncio.timeout(0.05):
            await link.write(DATA, b"1", response=True)

    def stuck(_uuid: str, _value: bytes, _response: bool) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        session(device(on_write=stuck), use)
    assert of_kind(LINES, "write")[0]["result"] == "failed"
