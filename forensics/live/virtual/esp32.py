"""The virtual ESP32: a board behind a Bluetooth LE peripheral."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bumble import data_types
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic

from forensics.live.virtual.board import Board, BoardSettings
from forensics.live.virtual.faults import AirFault
from forensics.live.virtual.gatt import Esp32GattServer
from forensics.live.virtual.ota import Verify
from forensics.live.virtual.radio import VirtualRadio
from forensics.live.virtual.receivers.base import INDICATE, GattCharacteristic
from forensics.live.virtual.receivers.observer import ECHO_GATT, ECHO_SERVICE, TAP_GATT, TAP_SERVICE
from forensics.verify.predict import predict_log

_ADVERTISING_MILLISECONDS = 50
_IDLE_SECONDS = 0.005
_RESTART_SECONDS = 0.3
_END_SECONDS = 3.0
"""For each step of falling silent; a controller without its peer answers nothing."""
_DISCOVERABLE = AdvertisingData.Flags.LE_GENERAL_DISCOVERABLE_MODE | AdvertisingData.Flags.BR_EDR_NOT_SUPPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Esp32Settings:
    """The device and how its link behaves.

    Attributes:
        name: Advertised; with a 128-bit UUID beside it only 8 characters fit.
        address: Random static address.
        board: Firmware and state.
        mtu: Largest ATT MTU that it agrees to.
        fault: What happens to chunk writes on their way.
        drop_link_after: Number of writes after which it ends the link, once; None never does.
        requires_pairing: Writes over a link without encryption are refused.
        chunk_properties: Properties of the characteristic that takes the chunks, when not the receiver's own.
        lost_notifications: Ordinals, from 0, of the notifications that never reach the sender.
        visible: It goes on advertising while it is connected, so that a second central can watch.
        larger_mtu: Number of writes after which the device itself asks for an exchange, and its MTU.
    """

    name: str = "OTA-TEST"
    address: str = "C0:DE:00:00:32:01"
    board: BoardSettings = field(default_factory=BoardSettings)
    mtu: int = 517
    fault: AirFault | None = None
    drop_link_after: int | None = None
    requires_pairing: bool = False
    chunk_properties: frozenset[str] | None = None
    lost_notifications: frozenset[int] = frozenset()
    visible: bool = False
    larger_mtu: tuple[int, int] | None = None


class VirtualEsp32:
    """A peripheral that takes updates.

    Attributes:
        board: What is behind the link: flash, serial log, queue.
    """

    def __init__(self, radio: VirtualRadio, settings: Esp32Settings, verify: Verify = predict_log) -> None:
        self.settings = settings
        self.board = Board(settings.board, verify=verify, send=self._notify, fault=settings.fault)
        self._device = radio.device(settings.name, settings.address)
        self._characteristics: dict[str, Characteristic[bytes]] = {}
        self._indicated: frozenset[str] = frozenset()
        self._connections: list[Connection] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: asyncio.TimerHandle | None = None
        self._dropped: Connection | None = None
        self._restarting = False
        self._writes = 0
        self._told = 0

    @classmethod
    @asynccontextmanager
    async def running(cls, radio: VirtualRadio, settings: Esp32Settings) -> AsyncIterator[VirtualEsp32]:
        """A device that advertises until the block ends."""
        device = cls(radio, settings)
        await device.power_on()
        try:
            yield device
        finally:
            await device.power_off()

    async def power_on(self) -> None:
        """Offers its services and advertises."""
        receiver = self.board.receiver
        server = Esp32GattServer(self._device, self._on_write, requires_pairing=self.settings.requires_pairing)
        server.max_mtu = self.settings.mtu
        self._device.gatt_server = server
        self._device.add_default_services()
        self._offer(server, receiver.service, tuple(self._own_properties(one) for one in receiver.characteristics))
        if self.settings.board.tap:
            self._offer(server, TAP_SERVICE, TAP_GATT)
        if self.settings.board.echo:
            self._offer(server, ECHO_SERVICE, ECHO_GATT)
        self._device.on(Device.EVENT_CONNECTION, self._on_connection)
        await self._device.power_on()
        await self._advertise()

    async def power_off(self) -> None:
        """Ends its links and falls silent; what was queued is done first. A second time does nothing."""
        if not self._device.powered_on:
            return
        if self._idle:
            self._idle.cancel()
        self.board.idle()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_END_SECONDS)
        await self._device.stop_advertising()
        with suppress(TimeoutError):  # the other side may be gone, and then nobody answers
            async with asyncio.timeout(_END_SECONDS):
                for connection in tuple(self._connections):
                    await connection.disconnect()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await self._device.power_off()

    def _own_properties(self, one: GattCharacteristic) -> GattCharacteristic:
        chosen = self.settings.chunk_properties
        if chosen is None or one.uuid != self.board.receiver.chunk_place:
            return one
        return GattCharacteristic(uuid=one.uuid, properties=chosen)

    def _offer(self, server: Esp32GattServer, service: str, characteristics: tuple[GattCharacteristic, ...]) -> None:
        self._characteristics |= server.offer(service, characteristics)
        self._indicated |= {one.uuid for one in characteristics if INDICATE in one.properties}

    async def _advertise(self) -> None:
        service = UUID(self.board.receiver.service)
        short = len(service.uuid_bytes) == 2
        services = data_types.CompleteListOf16BitServiceUUIDs if short else data_types.CompleteListOf128BitServiceUUIDs
        # bumble's controller has no scan response, so all must fit into the advertisement's 31 bytes.
        content = AdvertisingData(
            [data_types.Flags(_DISCOVERABLE), services([service]), data_types.CompleteLocalName(self.settings.name)]
        )
        await self._device.start_advertising(
            advertising_data=bytes(content),
            advertising_interval_min=_ADVERTISING_MILLISECONDS,
            advertising_interval_max=_ADVERTISING_MILLISECONDS,
            auto_restart=True,
        )

    def _on_connection(self, connection: Connection) -> None:
        self._connections.append(connection)

        def on_disconnection(_reason: int) -> None:
            self._connections.remove(connection)

        connection.on(Connection.EVENT_DISCONNECTION, on_disconnection)
        if self.settings.visible:
            self._later(self._advertise())

    def _on_write(self, connection: Connection, uuid: str, value: bytes, response: bool) -> None:
        """In the order of arrival; after the device ended the link, what is still on its way is not taken."""
        if connection is self._dropped:
            return
        if self._idle:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self.board.idle)
        self._writes += 1
        self.board.write(uuid, value, response=response)
        if self.board.accepted and self.board.receiver.restarts and not self._restarting:
            self._restarting = True
            self._later(self._restart(connection))
        if self._writes == self.settings.drop_link_after:
            self._dropped = connection
            self._later(connection.disconnect())
        if self.settings.larger_mtu and self._writes == self.settings.larger_mtu[0]:
            self._later(self._exchange_mtu(connection, self.settings.larger_mtu[1]))

    async def _restart(self, connection: Connection) -> None:
        """``esp_restart`` a moment after ``esp_ota_set_boot_partition``: the link just ends."""
        await asyncio.sleep(_RESTART_SECONDS)
        self._dropped = connection
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await connection.disconnect()

    async def _exchange_mtu(self, connection: Connection, mtu: int) -> None:
        await connection.gatt_client.request_mtu(mtu)

    def _notify(self, uuid: str, value: bytes) -> None:
        number, self._told = self._told, self._told + 1
        if number in self.settings.lost_notifications:
            return
        place = self._characteristics[uuid]
        for connection in self._connections:
            if uuid in self._indicated:
                self._later(self._device.indicate_subscriber(connection, place, value))
            else:
                self._later(self._device.notify_subscriber(connection, place, value))

    def _later(self, coroutine: Coroutine[object, object, None]) -> None:
        """Runs beside the write callback; each begins in the order of these calls."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # The link ended under a notification: there is nobody left to tell.
            self.board.serial.error("ble", f"{type(task.exception()).__name__} while the link ended")
