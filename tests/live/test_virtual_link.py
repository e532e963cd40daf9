"""bleak's own API against the virtual ESP32: what a radio would do, without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress

import pytest

pytest.importorskip("bumble", reason="the virtual ESP32 needs bumble: pip install 'otadiff[virtual]'")

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError

from forensics.live.virtual.air import VirtualAir, virtual_air
from forensics.live.virtual.board import BoardSettings
from forensics.live.virtual.esp32 import Esp32Settings
from forensics.live.virtual.receivers.base import READ, WRITE, WRITE_COMMAND
from forensics.live.virtual.receivers.control_data import CONTROL, DATA, SERVICE
from forensics.live.virtual.receivers.observer import ECHO


async def found(air: VirtualAir) -> BLEDevice:
    """The device as a scan finds it."""
    device = await BleakScanner.find_device_by_name(air.esp32.settings.name, backend=scanner(air))
    assert device is not None
    return device


def scanner(air: VirtualAir) -> type[BaseBleakScanner]:
    assert air.backends.scanner is not None
    return air.backends.scanner


async def write_often(client: BleakClient, value: bytes, *, response: bool) -> None:
    for _ in range(1000):
        await client.write_gatt_char(DATA, value, response=response)


Session = Callable[[VirtualAir, BleakClient], Coroutine[None, None, None]]


def run(session: Session, settings: Esp32Settings | None = None, *, mtu: int | None = 517, pair: bool = False) -> VirtualAir:
    """One connection for ``session``; gives the air as it was at the end."""

    async def main() -> VirtualAir:
        async with virtual_air(settings or Esp32Settings(), mtu=mtu) as air:
            device = await found(air)
            async with BleakClient(device, backend=air.backends.client, pair=pair) as client:
                await session(air, client)
            return air

    return asyncio.run(main())


def test_a_scan_shows_name_service_and_signal() -> None:
    async def main() -> None:
        async with virtual_air(Esp32Settings(name="ESP-1")) as air:
            heard = await BleakScanner.discover(timeout=0.2, return_adv=True, backend=scanner(air))
            ((device, advertisement),) = heard.values()
            assert (device.address, advertisement.local_name) == ("C0:DE:00:00:32:01", "ESP-1")
            assert advertisement.service_uuids == [SERVICE]
            assert advertisement.rssi < 0

    asyncio.run(main())


@pytest.mark.parametrize("receiver", ["espressif-nimble", "fbiego"])
def test_short_and_long_service_uuids_are_advertised(receiver: str) -> None:
    async def main() -> None:
        settings = Esp32Settings(board=BoardSettings(receiver=receiver))
        async with virtual_air(settings) as air:
            service = air.esp32.board.receiver.service
            device = await BleakScanner.find_device_by_filter(
                lambda _device, advertisement: service in advertisement.service_uuids,
                timeout=2,
                backend=scanner(air),
            )
            assert device is not None

    asyncio.run(main())


def test_the_services_are_those_of_the_receiver() -> None:
    async def session(air: VirtualAir, client: BleakClient) -> None:
        for one in air.esp32.board.receiver.characteristics:
            place = client.services.get_characteristic(one.uuid)
            assert place is not None
            assert set(place.properties) == one.properties

    run(session)


def test_an_absent_device_is_not_found() -> None:
    async def main() -> None:
        async with virtual_air(Esp32Settings()) as air:
            client = BleakClient("C0:DE:00:00:32:99", backend=air.backends.client, timeout=0.2)
            with pytest.raises(BleakDeviceNotFoundError):
                await client.connect()

    asyncio.run(main())


@pytest.mark.parametrize(("ours", "device", "payload"), [(517, 517, 514), (517, 185, 182), (None, 517, 20), (100, 517, 97)])
def test_the_mtu_is_the_smaller_of_both(ours: int | None, device: int, payload: int) -> None:
    async def session(_air: VirtualAir, client: BleakClient) -> None:
        place = client.services.get_characteristic(DATA)
        assert place is not None
        assert place.max_write_without_response_size == payload

    run(session, Esp32Settings(mtu=device), mtu=ours)


def test_the_device_may_ask_for_a_larger_mtu_later() -> None:
    async def session(_air: VirtualAir, client: BleakClient) -> None:
        place = client.services.get_characteristic(DATA)
        assert place is not None
        for _ in range(3):
            assert place.max_write_without_response_size == 20
            await client.write_gatt_char(DATA, b"\x14\0", response=True)
        await asyncio.sleep(0.01)
        assert place.max_write_without_response_size == 182

    run(session, Esp32Settings(larger_mtu=(3, 185)), mtu=None)


def test_a_command_beyond_the_mtu_is_an_error_and_one_beyond_an_attribute_is_lost() -> None:
    async def session(air: VirtualAir, client: BleakClient) -> None:
        await client.write_gatt_char(CONTROL, b"\1", response=True)
        with pytest.raises(BleakError, match="Failed to initiate write"):
            await client.write_gatt_char(DATA, bytes(515), response=False)
        await client.write_gatt_char(DATA, b"\xe9" * 514, response=False)
        await client.write_gatt_char(DATA, b"\xe9" * 512, response=False)
        await client.write_gatt_char(DATA, b"\xe9" * 10, response=True)
        assert air.esp32.board.slot_content().rstrip(b"\xff") == b"\xe9" * 522

    run(session)


def test_a_long_write_comes_as_one() -> None:
    async def session(air: VirtualAir, client: BleakClient) -> None:
        await client.write_gatt_char(CONTROL, b"\1", response=True)
        with pytest.raises(BleakGATTProtocolError):
            await client.write_gatt_char(DATA, b"\xe9" * 513, response=True)
        await client.write_gatt_char(DATA, b"\xe9" * 512, response=True)
        assert len(air.esp32.board.slot_content().rstrip(b"\xff")) == 512

    run(session)


def test_reading_what_is_not_readable_is_refused() -> None:
    async def session(_air: VirtualAir, client: BleakClient) -> None:
        with pytest.raises(BleakGATTProtocolError) as refused:
            await client.read_gatt_char(DATA)
        assert refused.value.code == 2

    run(session)


def test_a_property_that_is_absent_is_held_to() -> None:
    async def session(air: VirtualAir, client: BleakClient) -> None:
        with pytest.raises(BleakGATTProtocolError) as refused:
            await client.write_gatt_char(DATA, b"ab", response=True)
        assert refused.value.code == 3
        await client.write_gatt_char(CONTROL, b"\1", response=True)
        await client.write_gatt_char(DATA, b"\xe9abc", response=False)
        await client.write_gatt_char(CONTROL, b"\4", response=True)
        assert air.esp32.board.slot_content()[:5] == b"\xe9abc\xff"

    run(session, Esp32Settings(chunk_properties=frozenset({READ, WRITE_COMMAND})))


def test_a_command_that_is_not_allowed_vanishes() -> None:
    async def session(air: VirtualAir, client: BleakClient) -> None:
        await client.write_gatt_char(CONTROL, b"\1", response=True)
        await client.write_gatt_char(DATA, b"\xe9abc", response=False)
        await client.write_gatt_char(CONTROL, b"\4", response=True)
        assert air.esp32.board.slot_content()[:1] == b"\xff"

    run(session, Esp32Settings(chunk_properties=frozenset({WRITE})))


def test_an_unpaired_link_is_refused_and_a_paired_one_is_not() -> None:
    async def refused(_air: VirtualAir, client: BleakClient) -> None:
        with pytest.raises(BleakGATTProtocolError) as error:
            await client.write_gatt_char(CONTROL, b"\1", response=True)
        assert error.value.code == 0x0F

    async def taken(_air: VirtualAir, client: BleakClient) -> None:
        await client.write_gatt_char(CONTROL, b"\1", response=True)

    run(refused, Esp32Settings(requires_pairing=True))
    run(taken, Esp32Settings(requires_pairing=True), pair=True)


def test_the_device_ends_the_link_and_can_be_reached_again() -> None:
    async def main() -> None:
        async with virtual_air(Esp32Settings(drop_link_after=10)) as air:
            lost: list[BleakClient] = []
            device = await found(air)
            client = BleakClient(device, lost.append, backend=air.backends.client)
            await client.connect()
            await client.write_gatt_char(CONTROL, b"\1", response=True)
            with pytest.raises(BleakError):
                await write_often(client, b"\xe9" * 100, response=False)
            await asyncio.sleep(0.01)
            assert lost == [client]
            await client.disconnect()
            assert len(air.esp32.board.slot_content().rstrip(b"\xff")) == 900, "only nine chunks came before the end"
            async with BleakClient(device, backend=air.backends.client) as again:
                await again.write_gatt_char(DATA, b"\xe9" * 100, response=True)
            assert len(air.esp32.board.slot_content().rstrip(b"\xff")) == 1000

    asyncio.run(main())


def test_a_request_under_way_when_the_link_ends_is_an_error_of_bleak() -> None:
    async def main() -> None:
        async with virtual_air(Esp32Settings(drop_link_after=2)) as air:
            device = await found(air)
            client = BleakClient(device, backend=air.backends.client)
            await client.connect()
            with pytest.raises(BleakError):
                await write_often(client, b"ab", response=True)

    asyncio.run(main())


def test_lost_notifications_never_come() -> None:
    async def session(_air: VirtualAir, client: BleakClient) -> None:
        told: list[bytes] = []
        await client.start_notify(CONTROL, lambda _sender, value: told.append(bytes(value)))
        for word in (b"\1", b"\4", b"\1"):
            await client.write_gatt_char(CONTROL, word, response=True)
        await asyncio.sleep(0.01)
        assert told == [b"\2", b"\2"]

    run(session, Esp32Settings(lost_notifications=frozenset({1})))


def test_the_echo_tells_chunks_as_they_came() -> None:
    async def session(_air: VirtualAir, client: BleakClient) -> None:
        told: list[bytes] = []
        await client.start_notify(ECHO, lambda _sender, value: told.append(bytes(value)))
        await client.write_gatt_char(CONTROL, b"\1", response=True)
        for number in range(20):
            await client.write_gatt_char(DATA, b"\xe9" + bytes([number]), response=False)
        await asyncio.sleep(0.05)
        assert told == [b"\xe9" + bytes([number]) for number in range(20)]

    run(session, Esp32Settings(board=BoardSettings(echo=True)))


def test_a_vanished_device_ends_the_link() -> None:
    async def main() -> None:
        lost = asyncio.Event()
        async with virtual_air(Esp32Settings()) as air:
            device = await found(air)
            client = BleakClient(device, lambda _client: lost.set(), backend=air.backends.client)
            await client.connect()
            with suppress(BleakError):
                await air.esp32.power_off()
            await asyncio.wait_for(lost.wait(), 2)

    asyncio.run(main())
