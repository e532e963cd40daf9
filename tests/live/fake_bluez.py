"""What bleak's Linux backend needs of ``org.bluez``, on a private bus, with the virtual device's board behind it.

It behaves as BlueZ is believed to behave, and brings about on demand what BlueZ does rarely. The names of interfaces,
members and errors are those of BlueZ's own documentation (``doc/org.bluez.*.rst``, BlueZ 5.66).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, ClassVar

from bleak.backends.bluezdbus.manager import _global_instances
from dbus_fast import BusType, DBusError, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import (
    DBusBool,
    DBusBytes,
    DBusDict,
    DBusInt16,
    DBusObjectPath,
    DBusSignature,
    DBusStr,
    DBusUInt16,
)
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from forensics.live.virtual.board import Board, BoardSettings
from forensics.live.virtual.receivers.base import AttError, GattCharacteristic
from forensics.verify.predict import predict_log

Nothing = Annotated[None, DBusSignature("")]
"""What a D-Bus method returns that returns nothing."""

DBusStrings = Annotated[list[str], DBusSignature("as")]

ADDRESS = "C0:DE:00:00:32:01"
NAME = "OTA-TEST"
_ADAPTER = "/org/bluez/hci0"
_DEVICE = f"{_ADAPTER}/dev_{ADDRESS.replace(':', '_')}"
_SERVICE = f"{_DEVICE}/service000e"
_READ = PropertyAccess.READ
_RSSI_SECONDS = 0.03
_DISCONNECT_SECONDS = 0.01


class FakeAdapter(ServiceInterface):
    """``org.bluez.Adapter1``."""

    def __init__(self, device: FakeDevice, *, powered: bool) -> None:
        super().__init__("org.bluez.Adapter1")
        self._device, self._powered = device, powered
        self._discovering = False
        self._task: asyncio.Task[None] | None = None

    @dbus_property(access=_READ, name="Address")
    def address(self) -> DBusStr:
        return "00:11:22:33:44:55"

    @dbus_property(access=_READ, name="Powered")
    def powered(self) -> DBusBool:
        return self._powered

    @dbus_property(access=_READ, name="Discovering")
    def discovering(self) -> DBusBool:
        return self._discovering

    @dbus_property(access=_READ, name="Roles")
    def roles(self) -> DBusStrings:
        return ["central", "peripheral"]

    @dbus_method(name="SetDiscoveryFilter")
    def set_discovery_filter(self, properties: DBusDict) -> Nothing:
        """Nothing is filtered: there is one device."""

    @dbus_method(name="StartDiscovery")
    def start_discovery(self) -> Nothing:
        self._discover(True)
        self._task = asyncio.create_task(self._device.advertise())

    @dbus_method(name="StopDiscovery")
    def stop_discovery(self) -> Nothing:
        self._discover(False)

    @dbus_method(name="RemoveDevice")
    def remove_device(self, path: DBusObjectPath) -> Nothing:
        """Forgets nothing."""

    def _discover(self, active: bool) -> None:
        if self._task:
            self._task.cancel()
        self._discovering = active
        self.emit_properties_changed({"Discovering": active})


class FakeDevice(ServiceInterface):
    """``org.bluez.Device1``; its GATT objects are there while it is connected."""

    def __init__(self, bus: MessageBus, faults: BluezFaults) -> None:
        super().__init__("org.bluez.Device1")
        self._bus, self._faults = bus, faults
        self._connected = self._resolved = False
        self._rssi = -50
        self.gatt: list[tuple[str, ServiceInterface]] = []

    async def advertise(self) -> None:
        """A changing signal strength is what a scanner hears."""
        while not self._faults.silent:
            await asyncio.sleep(_RSSI_SECONDS)
            self._rssi = -50 if self._rssi != -50 else -51
            self.emit_properties_changed({"RSSI": self._rssi})

    def drop(self) -> None:
        """The link ends."""
        if not self._connected:
            return
        self._connected = self._resolved = False
        self.emit_properties_changed({"ServicesResolved": False, "Connected": False})
        for path, one in reversed(self.gatt):
            self._bus.unexport(path, one)

    def vanish(self) -> None:
        """BlueZ forgets the device, as when it stops advertising for long."""
        self.drop()
        self._bus.unexport(_DEVICE, self)

    @dbus_property(access=_READ, name="Address")
    def address(self) -> DBusStr:
        return ADDRESS

    @dbus_property(access=_READ, name="Name")
    def device_name(self) -> DBusStr:
        return NAME

    @dbus_property(access=_READ, name="Alias")
    def alias(self) -> DBusStr:
        return NAME

    @dbus_property(access=_READ, name="Adapter")
    def adapter(self) -> DBusObjectPath:
        return _ADAPTER

    @dbus_property(access=_READ, name="Connected")
    def connected(self) -> DBusBool:
        return self._connected

    @dbus_property(access=_READ, name="ServicesResolved")
    def services_resolved(self) -> DBusBool:
        return self._resolved

    @dbus_property(access=_READ, name="Paired")
    def paired(self) -> DBusBool:
        return False

    @dbus_property(access=_READ, name="UUIDs")
    def uuids(self) -> DBusStrings:
        return []

    @dbus_property(access=_READ, name="RSSI")
    def rssi(self) -> DBusInt16:
        return self._rssi

    @dbus_method(name="Connect")
    async def connect(self) -> Nothing:
        if self._faults.connect:
            raise self._faults.connect
        self._connected = True
        self.emit_properties_changed({"Connected": True})
        for path, one in self.gatt:
            self._bus.export(path, one)
        self._resolved = True
        self.emit_properties_changed({"ServicesResolved": True})
        self.exchanged()

    def exchanged(self) -> None:
        """From now on the property MTU is that of this connection."""

    @dbus_method(name="Pair")
    async def pair(self) -> Nothing:
        raise DBusError("org.bluez.Error.AuthenticationFailed", "Authentication Failed")

    @dbus_method(name="Disconnect")
    async def disconnect(self) -> Nothing:
        asyncio.get_running_loop().call_later(_DISCONNECT_SECONDS, self.drop)


class FakeService(ServiceInterface):
    """``org.bluez.GattService1``."""

    def __init__(self, uuid: str) -> None:
        super().__init__("org.bluez.GattService1")
        self._uuid = uuid

    @dbus_property(access=_READ, name="UUID")
    def uuid(self) -> DBusStr:
        return self._uuid

    @dbus_property(access=_READ, name="Primary")
    def primary(self) -> DBusBool:
        return True

    @dbus_property(access=_READ, name="Device")
    def device(self) -> DBusObjectPath:
        return _DEVICE


class FakeCharacteristic(ServiceInterface):
    """``org.bluez.GattCharacteristic1`` before the board."""

    def __init__(self, one: GattCharacteristic, bluez: FakeBluez) -> None:
        super().__init__("org.bluez.GattCharacteristic1")
        self._one, self._bluez = one, bluez
        self._value = b""
        self._notifying = False

    @dbus_property(access=_READ, name="UUID")
    def uuid(self) -> DBusStr:
        return self._one.uuid

    @dbus_property(access=_READ, name="Service")
    def service(self) -> DBusObjectPath:
        return _SERVICE

    @dbus_property(access=_READ, name="Flags")
    def flags(self) -> DBusStrings:
        return sorted(self._one.properties)

    @dbus_property(access=_READ, name="Value")
    def value(self) -> DBusBytes:
        return self._value

    @dbus_property(access=_READ, name="Notifying")
    def notifying(self) -> DBusBool:
        return self._notifying

    @dbus_property(access=_READ, name="MTU")
    def mtu(self) -> DBusUInt16:
        return self._bluez.told_mtu

    @dbus_method(name="WriteValue")
    def write_value(self, value: DBusBytes, options: DBusDict) -> Nothing:
        response = options["type"].value == "request"
        if not response and len(value) > self._bluez.mtu - 3:
            raise DBusError("org.bluez.Error.Failed", "Failed to initiate write")
        self._bluez.write(self._one.uuid, bytes(value), response=response)

    @dbus_method(name="StartNotify")
    def start_notify(self) -> Nothing:
        self._notifying = True
        self.emit_properties_changed({"Notifying": True})

    @dbus_method(name="StopNotify")
    def stop_notify(self) -> Nothing:
        self._notifying = False

    def tell(self, value: bytes) -> None:
        """A notification, when somebody subscribed."""
        if self._notifying:
            self._value = value
            self.emit_properties_changed({"Value": value})


class BluezFaults:
    """What goes wrong, and when.

    Attributes:
        powered: The adapter is on; ``adapter``: there is one.
        silent: The device does not advertise.
        connect: Error of ``Connect``.
        write: Number of a write to the error that answers it.
        drop_after: Number of writes after which the link ends; ``vanish_after``, after which BlueZ forgets the device.
        unlikely_after: Number of writes after which the link ends in the middle of a request: ATT error 0x0E comes first.
        larger_mtu_after: Number of writes after which the MTU grows to 517, which is signalled.
        old_mtu: The objects are those of an earlier connection, with its MTU, of whose change nothing is signalled.
    """

    powered: bool = True
    adapter: bool = True
    silent: bool = False
    connect: DBusError | None = None
    write: ClassVar[dict[int, DBusError]] = {}
    drop_after: int | None = None
    vanish_after: int | None = None
    unlikely_after: int | None = None
    larger_mtu_after: int | None = None
    old_mtu: int | None = None

    def __init__(self, **chosen: object) -> None:
        for name, value in chosen.items():
            setattr(self, name, value)


class FakeBluez:
    """The service, and the device it knows."""

    def __init__(self, bus: MessageBus, faults: BluezFaults, *, mtu: int = 517) -> None:
        self.mtu = mtu
        self.told_mtu = faults.old_mtu or mtu
        self.writes = 0
        self._bus, self._faults = bus, faults
        self.device = FakeDevice(bus, faults)
        self.device.exchanged = self._exchanged  # type: ignore[method-assign]
        self.board = Board(BoardSettings(), verify=predict_log, send=self._tell)
        receiver = self.board.receiver
        self._characteristics = {one.uuid: FakeCharacteristic(one, self) for one in receiver.characteristics}
        places = enumerate(self._characteristics.values())
        self.device.gatt = [(_SERVICE, FakeService(receiver.service))]
        # bleak takes the last four digits of the path for the handle.
        self.device.gatt += [(f"{_SERVICE}/char{0x10 + 3 * number:04x}", one) for number, one in places]

    async def start(self) -> None:
        """On the bus under its name."""
        if self._faults.adapter:
            self._bus.export(_ADAPTER, FakeAdapter(self.device, powered=self._faults.powered))
            self._bus.export(_DEVICE, self.device)
        await self._bus.request_name("org.bluez")

    def _exchanged(self) -> None:
        self.told_mtu = self.mtu

    def write(self, uuid: str, value: bytes, *, response: bool) -> None:
        """One write, or what goes wrong with it."""
        number, self.writes = self.writes, self.writes + 1
        error = self._faults.write.get(number)
        if error:
            raise error
        if self._faults.unlikely_after == number:
            asyncio.get_running_loop().call_later(_DISCONNECT_SECONDS, self.device.drop)
            raise DBusError("org.bluez.Error.Failed", "Operation failed with ATT error: 0x0e")
        if self._faults.larger_mtu_after == number:
            self.mtu = self.told_mtu = 517
            for one in self._characteristics.values():
                one.emit_properties_changed({"MTU": 517})
        if self._faults.drop_after == number:
            self.device.drop()
        if self._faults.vanish_after == number:
            self.device.vanish()
        try:
            self.board.write(uuid, value, response=response)
        except AttError as refused:
            raise DBusError("org.bluez.Error.Failed", f"Operation failed with ATT error: 0x{refused.code:02x}") from refused

    def _tell(self, uuid: str, value: bytes) -> None:
        self._characteristics[uuid].tell(value)


@contextmanager
def private_bus() -> Iterator[subprocess.Popen[bytes]]:
    """A D-Bus daemon of our own; bleak is told by the environment that it is the system's."""
    daemon = shutil.which("dbus-daemon")
    assert daemon is not None
    process = subprocess.Popen(
        [daemon, "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = process.stdout.readline().decode().strip()
    try:
        yield process
    finally:
        if before is None:
            del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
        else:
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = before
        process.terminate()
        process.wait(10)
        process.stdout.close()


def close_bus_of_bleak() -> None:
    """bleak keeps its connection to the bus as long as the event loop lives, and its socket then stays open."""
    manager = _global_instances.pop(asyncio.get_running_loop(), None)
    if manager is not None and manager._bus is not None:
        manager._bus.disconnect()


@asynccontextmanager
async def fake_bluez(faults: BluezFaults | None = None, *, mtu: int = 517) -> AsyncIterator[FakeBluez]:
    """``org.bluez`` on the bus of the environment."""
    bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
    bluez = FakeBluez(bus, faults or BluezFaults(), mtu=mtu)
    await bluez.start()
    try:
        yield bluez
    finally:
        close_bus_of_bleak()
        bus.disconnect()
        await asyncio.sleep(_DISCONNECT_SECONDS)
