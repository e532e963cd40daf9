"""bleak's client over a bumble central."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble.att import ATT_Error
from bumble.core import InvalidStateError, ProtocolError
from bumble.core import TimeoutError as BumbleTimeoutError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt_client import ServiceProxy
from bumble.hci import HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR, Address

from forensics.live.virtual.gatt import uuid_text

if TYPE_CHECKING:
    from typing_extensions import Buffer

_MOST_PENDING = 32
"""Packets in the host's queue beyond which a write command waits, as a real stack makes it wait."""

_SMALLEST_MTU = 23
_WRITE_HEADER = 3

Result = TypeVar("Result")


class VirtualClient(BaseBleakClient):
    """One connection. ``client_class`` closes it over a central.

    Attributes:
        central: bumble's device, powered on.
        wanted_mtu: MTU to ask for after connecting; None leaves the exchange to the device.
    """

    central: Device
    wanted_mtu: int | None

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None = None,
        services: set[str] | None = None,
        timeout: float = 30.0,
        **_options: object,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        known = address_or_ble_device.details if isinstance(address_or_ble_device, BLEDevice) else None
        self._peer_address = known if isinstance(known, Address) else Address(self.address)
        self._name = address_or_ble_device.name if isinstance(address_or_ble_device, BLEDevice) else None
        self._wanted = services
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._gone = asyncio.Event()

    @property
    def name(self) -> str:
        """As advertised, else the address."""
        return self._name or self.address.replace(":", "-")

    @property
    def is_connected(self) -> bool:
        """The link lasts."""
        return self._connection is not None

    @property
    def mtu_size(self) -> int:
        """The ATT MTU as of now."""
        return self._connection.att_mtu if self._connection else _SMALLEST_MTU

    async def connect(self, pair: bool, **_options: object) -> None:
        """Connects, agrees on an MTU and discovers everything."""
        await self._hear()
        connection = await self.central.connect(self._peer_address, timeout=self._timeout)
        self._connection = connection
        self._gone.clear()
        connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)
        peer = self._peer = Peer(connection)
        if pair:
            await self.pair()
        if self.wanted_mtu is not None:
            await self._request(peer.request_mtu(self.wanted_mtu))
        await self._request(peer.discover_all())  # type: ignore[no-untyped-call]
        self.services = self._collection(peer)

    async def disconnect(self) -> None:
        """Returns when the link has ended."""
        if self._connection is not None:
            await self._connection.disconnect(HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR)
            await asyncio.wait_for(self._gone.wait(), self._timeout)

    async def pair(self, *_arguments: object, **_options: object) -> None:
        """Pairs without asking anybody, which encrypts the link."""
        self._need_peer()
        assert self._connection is not None
        try:
            await self._connection.pair()
        except ProtocolError as error:
            raise BleakError(f"pairing failed: {error}") from error

    async def unpair(self) -> None:
        """Forgets the keys."""
        if self.central.keystore:
            await self.central.keystore.delete(str(self._peer_address))
        await self.disconnect()

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_options: object) -> bytearray:
        """One read request."""
        return bytearray(await self._request(self._need_peer().read_value(characteristic.obj)))

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_options: object) -> bytearray:
        """One read request."""
        return bytearray(await self._request(self._need_peer().read_value(descriptor.obj)))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Buffer, response: bool) -> None:
        """A write request, or a write command as soon as there is room for it."""
        value = bytes(data)
        if not response:
            await self._room(len(value))
        await self._request(self._need_peer().write_value(characteristic.obj, value, with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Buffer) -> None:
        """A write request."""
        await self._request(self._need_peer().write_value(descriptor.obj, bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Callable[[bytearray], None], **_options: object
    ) -> None:
        """Notifications or indications, whichever there are."""

        def take(value: bytes) -> None:
            callback(bytearray(value))

        await self._request(self._need_peer().subscribe(characteristic.obj, take))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Writes 0 to the characteristic's configuration."""
        await self._request(self._need_peer().unsubscribe(characteristic.obj))

    async def _hear(self) -> None:
        """Waits for an advertisement: the controller never ends an attempt to connect to an absent device."""
        heard = asyncio.Event()

        def listen(advertisement: Advertisement) -> None:
            if advertisement.address == self._peer_address:
                heard.set()

        self.central.on(Device.EVENT_ADVERTISEMENT, listen)
        await self.central.start_scanning(filter_duplicates=False)
        try:
            await asyncio.wait_for(heard.wait(), self._timeout)
        except TimeoutError as error:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.") from error
        finally:
            await self.central.stop_scanning()
            self.central.remove_listener(Device.EVENT_ADVERTISEMENT, listen)

    async def _room(self, size: int) -> None:
        """Until the host's queue has room for a write command of ``size`` bytes."""
        if size > self.mtu_size - _WRITE_HEADER:
            raise BleakError(f"Failed to initiate write: {size} bytes do not fit into an ATT MTU of {self.mtu_size}")
        while self._connection is not None:
            queue = self.central.host.get_data_packet_queue(self._connection.handle)
            if queue is None or queue.pending <= _MOST_PENDING:
                return
            await asyncio.sleep(0)

    def _need_peer(self) -> Peer:
        if self._peer is None or self._connection is None:
            raise BleakError("Not connected")
        return self._peer

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = self._peer = self.services = None
        self._gone.set()
        if self._disconnected_callback:
            self._disconnected_callback()

    async def _request(self, transaction: Awaitable[Result]) -> Result:
        """An ATT transaction, its failures as bleak's."""
        try:
            return await transaction
        except ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code)) from error
        except asyncio.CancelledError as error:
            if self._connection is None:  # bumble cancels the pending answer when the link ends
                raise BleakError("Not connected") from error
            raise
        except (InvalidStateError, BumbleTimeoutError) as error:
            raise BleakError(str(error)) from error

    def _collection(self, peer: Peer) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for found in peer.services:
            if not self._wanted or uuid_text(found.uuid) in self._wanted:
                self._add(collection, found)
        return collection

    def _add(self, collection: BleakGATTServiceCollection, found: ServiceProxy) -> None:
        service = BleakGATTService(found, found.handle, uuid_text(found.uuid))
        collection.add_service(service)
        for one in found.characteristics:
            properties = sorted(gatt_char_props_to_strs(int(one.properties)))
            characteristic = BleakGATTCharacteristic(
                one, one.handle, uuid_text(one.uuid), properties, lambda: self.mtu_size - _WRITE_HEADER, service
            )
            collection.add_characteristic(characteristic)
            for inner in one.descriptors:
                collection.add_descriptor(BleakGATTDescriptor(inner, inner.handle, uuid_text(inner.type), characteristic))


def client_class(central: Device, mtu: int | None) -> type[VirtualClient]:
    """A class for ``BleakClient(backend=...)`` whose connections ``central``, powered on, makes."""
    return type("VirtualClient", (VirtualClient,), {"central": central, "wanted_mtu": mtu})
