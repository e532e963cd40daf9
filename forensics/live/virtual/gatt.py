"""The GATT server of the virtual device: bumble's, with the properties and the encryption that a real one holds to."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bumble import att
from bumble.core import UUID
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.gatt_server import Server

from forensics.live.virtual.receivers.base import (
    INDICATE,
    NOTIFY,
    READ,
    WRITE,
    WRITE_COMMAND,
    AttError,
    GattCharacteristic,
)

_PROPERTIES = {
    READ: Characteristic.Properties.READ,
    WRITE: Characteristic.Properties.WRITE,
    WRITE_COMMAND: Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
    NOTIFY: Characteristic.Properties.NOTIFY,
    INDICATE: Characteristic.Properties.INDICATE,
}
_LONGEST_ATTRIBUTE = 512
_INSUFFICIENT_ENCRYPTION = 0x0F
_WRITE_NOT_PERMITTED = 0x03
_READ_NOT_PERMITTED = 0x02
_INVALID_LENGTH = 0x0D
"""ATT errors. Source: Bluetooth Core Specification 5.4, volume 3, part F, section 3.4.1.1."""

OnWrite = Callable[[Connection, str, bytes, bool], None]
"""Connection, UUID, value, with response; raises ``AttError`` to refuse."""


def uuid_text(uuid: UUID) -> str:
    """36 characters in lower case, of a short UUID too."""
    if len(uuid.uuid_bytes) == 16:
        return uuid.to_hex_str("-").lower()
    return f"0000{uuid.to_hex_str().lower()[-4:]}-0000-1000-8000-00805f9b34fb"


class Esp32GattServer(Server):
    """Hands every write to the device in the order of arrival, and refuses what the properties do not allow.

    bumble's own server asks for no properties and runs each write as a task.
    """

    def __init__(self, device: Device, on_write: OnWrite, *, requires_pairing: bool) -> None:
        super().__init__(device)
        self._on_write = on_write
        self._requires_pairing = requires_pairing
        self._ours: dict[int, Characteristic[bytes]] = {}

    def offer(self, service: str, characteristics: tuple[GattCharacteristic, ...]) -> dict[str, Characteristic[bytes]]:
        """Add a service; gives bumble's characteristics by UUID."""
        made = {one.uuid: self._characteristic(one) for one in characteristics}
        self.add_service(Service(UUID(service), list(made.values())))
        self._ours |= {one.handle: one for one in made.values()}
        return made

    def on_att_write_request(self, bearer: att.Bearer, request: att.ATT_Write_Request) -> None:
        """Answers with what the device says."""
        own = self._ours.get(request.attribute_handle)
        if own is None or not isinstance(bearer, Connection):
            super().on_att_write_request(bearer, request)
            return
        response: att.ATT_PDU = att.ATT_Write_Response()
        try:
            self._take(bearer, own, request.attribute_value, response=True)
        except AttError as error:
            response = att.ATT_Error_Response(
                request_opcode_in_error=request.op_code,
                attribute_handle_in_error=request.attribute_handle,
                error_code=error.code,
            )
        self.send_response(bearer, response)

    def on_att_write_command(self, bearer: att.Bearer, request: att.ATT_Write_Command) -> None:
        """What is refused is dropped: a command has no answer."""
        own = self._ours.get(request.attribute_handle)
        if own is None or not isinstance(bearer, Connection):
            super().on_att_write_command(bearer, request)
            return
        try:
            self._take(bearer, own, request.attribute_value, response=False)
        except AttError as error:
            logging.getLogger(__name__).debug("write command dropped: %s", error)

    def _take(self, connection: Connection, own: Characteristic[bytes], value: bytes, *, response: bool) -> None:
        if not own.properties & _PROPERTIES[WRITE if response else WRITE_COMMAND]:
            raise AttError(_WRITE_NOT_PERMITTED)
        if self._requires_pairing and not connection.is_encrypted:
            raise AttError(_INSUFFICIENT_ENCRYPTION)
        if len(value) > _LONGEST_ATTRIBUTE:
            raise AttError(_INVALID_LENGTH)
        self._on_write(connection, uuid_text(own.uuid), value, response)

    def _characteristic(self, one: GattCharacteristic) -> Characteristic[bytes]:
        properties = Characteristic.Properties(0)
        for name in one.properties:
            properties |= _PROPERTIES[name]

        def read(_connection: Connection) -> bytes:
            if READ not in one.properties:
                raise att.ATT_Error(_READ_NOT_PERMITTED)
            return b"\0"

        def long_write(connection: Connection, value: bytes) -> None:
            """The pieces of a prepared write, put together."""
            try:
                self._take(connection, made, value, response=True)
            except AttError as error:
                raise att.ATT_Error(error.code) from error

        permissions = Characteristic.Permissions.READABLE | Characteristic.Permissions.WRITEABLE
        # Without a read function bumble never answers a read, and the client waits for half a minute.
        made: Characteristic[bytes] = Characteristic(
            UUID(one.uuid), properties, permissions, CharacteristicValue(read=read, write=long_write)
        )
        return made
