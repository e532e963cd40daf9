"""The ATT MTU of the connection as it is now, where bleak tells the one of an earlier connection."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

_CHARACTERISTIC = "org.bluez.GattCharacteristic1"


async def mtu_of_bluez(client: BleakClient, place: BleakGATTCharacteristic) -> int | None:
    """What BlueZ says of the link that carries ``place``; None on other systems, and where BlueZ does not say it.

    BlueZ keeps the objects of a device over its connections and signals a changed MTU for new objects only, so from the
    second connection on bleak knows the value from before it. The property itself is right at every moment.

    Source: ``characteristic_get_mtu`` and ``characteristic_create`` in src/gatt-client.c, BlueZ 5.66.
    """
    bus = getattr(client._backend, "_bus", None)
    path = place.obj[0] if isinstance(place.obj, tuple) else None
    if bus is None or path is None:
        return None
    from dbus_fast import Message  # noqa: PLC0415 - there on Linux only

    ask = Message(
        destination="org.bluez",
        path=path,
        interface="org.freedesktop.DBus.Properties",
        member="Get",
        signature="ss",
        body=[_CHARACTERISTIC, "MTU"],
    )
    with suppress(EOFError, OSError):  # the bus goes away: whoever writes next is told
        reply = await bus.call(ask)
        if reply is not None and reply.body and hasattr(reply.body[0], "value"):
            return int(reply.body[0].value)
    return None
