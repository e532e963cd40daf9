"""One connection to a device: everything that goes over it is in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from bleak import BleakClient
from bleak.exc import BleakGATTProtocolError, BleakGATTProtocolErrorCode

from forensics.errors import LiveError, LiveFailure
from forensics.live.backends import PLATFORM, Backends
from forensics.live.failures import STACK_ERRORS, failure_of, live_error, live_failure, told_plainly
from forensics.live.find import find_device
from forensics.live.journal import ImagePart, JournalWriter, WriteResult
from forensics.live.mtu import mtu_of_bluez
from forensics.live.services import LONGEST_ATTRIBUTE, Characteristic, characteristics_of

if TYPE_CHECKING:
    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.device import BLEDevice

CONNECT_SECONDS = 30.0
"""For finding the device, and once more for connecting and discovering its services."""

WRITE_SECONDS = 30.0
"""An ATT transaction that takes longer has failed (Core Specification 5.4, volume 3, part F, section 3.3.3); bleak
itself tries a busy BlueZ again and again without any limit."""

SETTLE_SECONDS = 2.0
"""How long to wait for a larger payload than the smallest: Windows tells the MTU seconds after connecting."""

_SMALLEST_PAYLOAD = 20
_END_SECONDS = 0.2
_SETTLE_STEP = 0.05
_ATTEMPTS = 3
_WRITE_HEADER = 3
_AGAIN = (LiveFailure.TIMEOUT, LiveFailure.NOT_CONNECTED, LiveFailure.DISCONNECTED)
"""First connections fail in these ways although the device is there."""

Notified = Callable[[bytes], None]
"""Takes the value of a notification, at once: a coroutine would become a task, and tasks keep no order."""


class Link:
    """A connection. ``Link.open`` makes it.

    Attributes:
        name: What the device calls itself, or its address.
        address: Bluetooth address; on macOS the system's own UUID for the device.
        characteristics: What it offers.
        ended: Set when the connection is over.
        lost: It ended although nobody here asked for it.
    """

    def __init__(self, device: BLEDevice, wanted: str, journal: JournalWriter) -> None:
        self.name = device.name or device.address
        self.address = device.address
        self.characteristics: tuple[Characteristic, ...] = ()
        self.ended = asyncio.Event()
        self.lost = False
        self.journal = journal
        self._wanted = wanted
        self._client: BleakClient
        self._found: dict[str, BleakGATTCharacteristic] = {}
        self._payload = 0
        self._mtu: int | None = None
        self._told_before = 0
        self._leaving = False
        self._writing = False
        self._end_is_told = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        device: str,
        *,
        backends: Backends = PLATFORM,
        journal: JournalWriter,
        timeout: float = CONNECT_SECONDS,
        pair: bool = False,
        settle: float = SETTLE_SECONDS,
    ) -> AsyncIterator[Link]:
        """Finds a device, connects, discovers its services, and disconnects at the end.

        Args:
            device: Address, the system's UUID on macOS, or the advertised name.
            backends: Bluetooth stack.
            journal: Takes every event.
            timeout: Seconds for finding it, and again for each attempt to connect.
            pair: Pair before discovery.
            settle: Seconds to wait for the MTU.

        Raises:
            LiveError: there is no Bluetooth, no such device, no connection, or pairing failed.
        """
        found = await find_device(device, backends=backends, timeout=timeout)
        link = cls(found, device, journal)
        await link._connect(found, backends, timeout, pair)
        try:
            await link._settle(settle)
            yield link
        finally:
            await link._close()

    @property
    def connected(self) -> bool:
        """The connection lasts."""
        return not self.ended.is_set()

    def characteristic(self, uuid: str) -> Characteristic:
        """The characteristic of this UUID.

        Raises:
            LiveError: the device has none, or the link ended.
        """
        place = self._bleak_characteristic(uuid)
        return next(one for one in self.characteristics if one.handle == place.handle)

    def has(self, uuid: str) -> bool:
        """The device offers a characteristic of this UUID."""
        return uuid.lower() in self._found

    def usable_payload(self, uuid: str, *, response: bool) -> int:
        """How many bytes one write to the characteristic carries, as of now: stacks learn the MTU late.

        Without response that is what fits into one PDU and into an attribute. With response the stack splits what
        fits into no PDU into prepared pieces, so only the attribute is the limit; some receivers handle those
        wrongly, so a sender should keep to the smaller number.

        Raises:
            LiveError: the device has no such characteristic.
        """
        room = self._room(self._bleak_characteristic(uuid))
        return LONGEST_ATTRIBUTE if response else min(LONGEST_ATTRIBUTE, room)

    async def write(self, uuid: str, value: bytes, *, response: bool, image: ImagePart | None = None) -> WriteResult:
        """Writes a value and records what became of it.

        Args:
            uuid: The characteristic.
            value: The bytes.
            response: A write request, which the device answers; else a write command, which the stack only queues.
            image: Which of the bytes are image.

        Raises:
            LiveError: it was not taken: the journal says so, too.
        """
        place = self._bleak_characteristic(uuid)
        self._note_payload(place)
        self._writing = True
        try:
            return await self._write(place, uuid, value, response=response, image=image)
        finally:
            self._writing = False
            self._tell_end()

    async def _write(
        self, place: BleakGATTCharacteristic, uuid: str, value: bytes, *, response: bool, image: ImagePart | None
    ) -> WriteResult:
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await self._client.write_gatt_char(place, value, response=response)
        except BaseException as error:
            refused = response and isinstance(error, BleakGATTProtocolError) and not await self._ends_now(error)
            result = WriteResult.REFUSED if refused else WriteResult.FAILED
            reason = str(error) or type(error).__name__
            self.journal.write(uuid, value, response=response, result=result, image=image, reason=reason)
            if isinstance(error, STACK_ERRORS):
                raise self._write_error(error, place, len(value)) from error
            raise
        result = WriteResult.ACKNOWLEDGED if response else WriteResult.QUEUED
        self.journal.write(uuid, value, response=response, result=result, image=image)
        return result

    async def _ends_now(self, error: BleakGATTProtocolError) -> bool:
        """BlueZ answers a request that a lost link cut off with ATT error 0x0E, a moment before it tells of the end."""
        if error.code == BleakGATTProtocolErrorCode.UNLIKELY_ERROR:
            with suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await self.ended.wait()
        return self.ended.is_set()

    async def read(self, uuid: str) -> bytes:
        """The value of a characteristic.

        Raises:
            LiveError: it cannot be read.
        """
        place = self._bleak_characteristic(uuid)
        with told_plainly(self._wanted, f"reading {uuid}"):
            async with asyncio.timeout(WRITE_SECONDS):
                value = bytes(await self._client.read_gatt_char(place))
        self.journal.event("read", characteristic=uuid.lower(), length=len(value), value=value.hex())
        return value

    async def subscribe(self, uuid: str, callback: Notified) -> None:
        """Switches on notifications or indications; each goes to the journal, then to ``callback``.

        Raises:
            LiveError: the characteristic has neither, or the device refused.
        """
        place = self._bleak_characteristic(uuid)
        if not self.characteristic(uuid).tells:
            raise live_failure(LiveFailure.NO_PROPERTY, device=self._wanted, detail=f"{uuid} has no notifications")

        def take(_sender: BleakGATTCharacteristic, value: bytearray) -> None:
            content = bytes(value)
            self.journal.notification(place.uuid.lower(), content)
            callback(content)

        with told_plainly(self._wanted, f"subscribing to {uuid}"):
            async with asyncio.timeout(WRITE_SECONDS):
                await self._client.start_notify(place, take)
        self.journal.event("subscribed", outgoing=True, characteristic=place.uuid.lower())

    def lost_error(self) -> LiveError:
        """The error that says that the link ended."""
        return live_failure(LiveFailure.DISCONNECTED, device=self._wanted)

    def _bleak_characteristic(self, uuid: str) -> BleakGATTCharacteristic:
        if self.ended.is_set():
            raise self.lost_error()
        place = self._found.get(uuid.lower())
        if place is None:
            raise live_failure(LiveFailure.NO_CHARACTERISTIC, device=self._wanted, detail=uuid)
        return place

    async def _connect(self, device: BLEDevice, backends: Backends, timeout: float, pair: bool) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            self.ended.clear()
            self._client = BleakClient(device, self._on_disconnected, timeout=timeout, pair=pair, backend=backends.client)
            try:
                async with asyncio.timeout(timeout):
                    await self._client.connect()
                break
            except STACK_ERRORS as error:
                self.journal.event("connect-failed", str(error) or type(error).__name__, outgoing=True, attempt=attempt)
                if failure_of(error) in _AGAIN and attempt < _ATTEMPTS:
                    continue
                raise live_error(error, self._wanted, "connecting") from error
        self.lost = False
        self.journal.event("connected", self.name, outgoing=True, address=self.address)
        with told_plainly(self._wanted, "reading its services"):
            services = self._client.services
            self._found = {}
            for one in services.characteristics.values():
                self._found.setdefault(one.uuid.lower(), one)
            self.characteristics = characteristics_of(services)
        self.journal.services([(one.service, one.uuid, one.properties) for one in self.characteristics])

    async def _settle(self, seconds: float) -> None:
        """Waits until the stack knows more than the smallest payload."""
        place = next((one for one in self._found.values() if "write-without-response" in one.properties), None)
        place = place or next(iter(self._found.values()), None)
        if place is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.connected:
                    self._told_before = place.max_write_without_response_size
                    self._mtu = await mtu_of_bluez(self._client, place)
                    if self._room(place) > _SMALLEST_PAYLOAD:
                        break
                    await asyncio.sleep(_SETTLE_STEP)
        self._note_payload(place)

    @property
    def mtu(self) -> int | None:
        """ATT MTU of the link in bytes, None before the stack told one."""
        return self._payload + _WRITE_HEADER if self._payload else None

    def _room(self, place: BleakGATTCharacteristic) -> int:
        """Bytes of one write without response, by what the stack signalled on this connection, else by what it was asked."""
        told = place.max_write_without_response_size
        return self._mtu - _WRITE_HEADER if self._mtu and told == self._told_before else told

    def _note_payload(self, place: BleakGATTCharacteristic) -> None:
        """A changed payload is an event: it means that the MTU changed."""
        payload = self._room(place)
        if payload != self._payload:
            self._payload = payload
            mtu = payload + _WRITE_HEADER
            self.journal.event("mtu", f"ATT MTU {mtu}", mtu=mtu)

    def _write_error(self, error: BaseException, place: BleakGATTCharacteristic, size: int) -> LiveError:
        if self.ended.is_set():
            return self.lost_error()
        doing = f"writing {size} bytes to {place.uuid}"
        room = self._room(place)
        if size > min(room, LONGEST_ATTRIBUTE) and failure_of(error) in (LiveFailure.OTHER, LiveFailure.VALUE_LENGTH):
            return live_failure(
                LiveFailure.VALUE_LENGTH, device=self._wanted, detail=f"{doing}, where {min(room, LONGEST_ATTRIBUTE)} fit"
            )
        return live_error(error, self._wanted, doing)

    def _on_disconnected(self, _client: BleakClient) -> None:
        """Called for a lost link and for our own disconnect alike, so we keep our own note."""
        if self.ended.is_set():
            return
        self.lost = not self._leaving
        self.ended.set()
        self._tell_end()

    def _tell_end(self) -> None:
        """The end comes behind the write that was under way, which the journal tells when it is over."""
        if not self.ended.is_set() or self._writing or self._end_is_told or not self.characteristics:
            return
        self._end_is_told = True
        said = "this side ended the link" if not self.lost else "the connection was lost"
        self.journal.event("disconnected", said, outgoing=not self.lost)

    async def _close(self) -> None:
        self._leaving = True
        if self.connected:
            with suppress(*STACK_ERRORS):
                async with asyncio.timeout(WRITE_SECONDS):
                    await self._client.disconnect()
        self._on_disconnected(self._client)
