"""A small Bluetooth stack for bleak's ``backend=``: one device whose behaviour a test scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError

from forensics.live.backends import Backends

WRITES = ("write", "write-without-response")


@dataclass
class FakeDevice:
    """What the device offers and does.

    Attributes:
        services: UUID of a service to the UUIDs and properties of its characteristics.
        payloads: What ``max_write_without_response_size`` says, one value an access; the last stays.
        on_write: Called with UUID, value and response before a write is taken; may raise what bleak raises.
        scan_error: What scanning raises; ``connect_errors``: what the first attempts to connect raise.
    """

    name: str = "ESP32-OTA"
    address: str = "AA:BB:CC:DD:EE:01"
    service_uuids: tuple[str, ...] = ()
    services: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    payloads: list[int] = field(default_factory=lambda: [509])
    on_write: Callable[[str, bytes, bool], None] = lambda uuid, value, response: None
    on_subscribe: Callable[[str], None] = lambda uuid: None
    scan_error: BaseException | None = None
    connect_errors: list[BaseException] = field(default_factory=list)
    rssi: int = -50
    written: list[tuple[str, bytes, bool]] = field(default_factory=list)
    client: FakeClient | None = None

    def notify(self, uuid: str, value: bytes) -> None:
        """The device tells ``value``."""
        if self.client is not None and uuid in self.client.callbacks:
            self.client.callbacks[uuid](bytearray(value))

    def drop(self) -> None:
        """The link ends, not at the host's wish."""
        if self.client is not None:
            self.client.gone()

    def payload(self) -> int:
        return self.payloads.pop(0) if len(self.payloads) > 1 else self.payloads[0]


class FakeScanner(BaseBleakScanner):
    """Sees ``devices`` once."""

    devices: tuple[FakeDevice, ...] = ()

    def __init__(self, callback: None, service_uuids: None, _mode: str, **_options: object) -> None:
        super().__init__(callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        for device in self.devices:
            if device.scan_error is not None:
                raise device.scan_error
        asyncio.get_running_loop().call_soon(self._advertise)

    def _advertise(self) -> None:
        for one in self.devices:
            data = AdvertisementData(
                local_name=one.name,
                manufacturer_data={},
                service_data={},
                service_uuids=list(one.service_uuids),
                tx_power=None,
                rssi=one.rssi,
                platform_data=(),
            )
            found = self.create_or_update_device(one.address, one.address, one.name, one, data)
            self.call_detection_callbacks(found, data)

    async def stop(self) -> None:
        pass


class FakeClient(BaseBleakClient):
    """Talks to the device that the scanner found."""

    def __init__(
        self,
        device: BLEDevice,
        *,
        disconnected_callback: Callable[[], None] | None = None,
        timeout: float = 30,
        **_options: object,
    ) -> None:
        super().__init__(device, disconnected_callback=disconnected_callback, timeout=timeout)
        self.device: FakeDevice = device.details
        self.callbacks: dict[str, Callable[[bytearray], None]] = {}
        self.up = False

    @property
    def name(self) -> str:
        return self.device.name

    @property
    def mtu_size(self) -> int:
        return 23

    @property
    def is_connected(self) -> bool:
        return self.up

    async def connect(self, pair: bool, **_options: object) -> None:
        await asyncio.sleep(0)
        if self.device.connect_errors:
            raise self.device.connect_errors.pop(0)
        self.device.client = self
        self.up = True
        self.services = _collection(self.device)

    def gone(self) -> None:
        self.up = False
        self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self.up:
            self.gone()

    async def pair(self, *_args: object, **_options: object) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_options: object) -> bytearray:
        return bytearray(characteristic.uuid.encode())

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_options: object) -> bytearray:
        raise NotImplementedError

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        await asyncio.sleep(0)
        if not self.up:
            raise BleakError("Not connected")
        self.device.written.append((characteristic.uuid, bytes(data), response))
        self.device.on_write(characteristic.uuid, bytes(data), response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        raise NotImplementedError

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Callable[[bytearray], None], **_options: object
    ) -> None:
        self.device.on_subscribe(characteristic.uuid)
        self.callbacks[characteristic.uuid] = callback

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self.callbacks.pop(characteristic.uuid, None)


def backends(*devices: FakeDevice) -> Backends:
    """Classes for bleak that know ``devices``."""
    return Backends(scanner=type("Scanner", (FakeScanner,), {"devices": devices}), client=FakeClient)


def _collection(device: FakeDevice) -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    handle = 1
    for service_uuid, characteristics in device.services.items():
        service = BleakGATTService(None, handle, service_uuid)
        found.add_service(service)
        for uuid, properties in characteristics.items():
            handle += 2
            found.add_characteristic(
                BleakGATTCharacteristic(None, handle, uuid, list(properties), device.payload, service)  # type: ignore[arg-type]
            )
        handle += 10
    return found
