"""Nordic's secure DFU: objects, each checked by CRC-32 before it is executed.

Source: nRF5 SDK 17 documentation, "DFU protocol". All numbers are little endian.
"""

from __future__ import annotations

import zlib

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange, Message
from forensics.protocols.image_builder import ImageBuilder

NAME = "nordic-secure-dfu"
_PACKET = "8ec90002-f315-4f60-9fb8-838830daea50"
_CONTROL = "8ec90001-f315-4f60-9fb8-838830daea50"
_CREATE, _CHECKSUM, _EXECUTE, _SELECT, _RESPONSE = 1, 3, 4, 6, 0x60
_DATA_OBJECT = 2
_OBJECT_SIZE = 4096
_GAP = "the receiver's CRC of the object does not fit, and the sender creates the object again"


def find(exchange: Exchange) -> int | None:
    """The packet handle, by UUID or by the control point's commands; None when it is not there."""
    handle = exchange.handle_of(_PACKET)
    if handle is not None and exchange.writes_to(handle):
        return handle
    control = _control(exchange)
    if control is None:
        return None
    return next((busy for busy in exchange.busiest() if busy != control), None)


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """Packets of data objects at the objects' offsets; an object that is created again replaces the first."""
    return _Decoder(exchange, handle).decode()


def _control(exchange: Exchange) -> int | None:
    """The handle that took "create" with a type and a size, and later "execute"."""
    created: set[int] = set()
    for message in exchange.commands:
        if len(message.value) == 6 and message.value[0] == _CREATE and message.value[1] in (1, 2):
            created.add(message.handle)
        elif message.value == bytes([_EXECUTE]) and message.handle in created:
            return message.handle
    return None


class _Decoder:
    def __init__(self, exchange: Exchange, handle: int) -> None:
        self._exchange = exchange
        self._handle = handle
        self._control = exchange.handle_of(_CONTROL) or _control(exchange)
        self._builder = ImageBuilder()
        self._begin = 0
        self._cursor = 0
        self._crc32 = self._begin_crc32 = 0
        self._data_object = False
        self._wrong = 0

    def decode(self) -> DecodedTransfer:
        """Reads the messages in order and places what they carry."""
        for message in self._exchange.messages:
            if message.handle == self._control and message.value:
                if message.is_write:
                    self._command(message.value)
                else:
                    self._response(message.value)
            elif message.handle == self._handle and message.is_write and self._data_object:
                self._packet(message)
        if self._wrong:
            self._builder.note(f"{self._wrong} times the device's CRC did not fit what this capture shows")
        return self._builder.transfer(self._exchange, protocol=NAME, handle=self._handle, gap=_GAP, reset=_OBJECT_SIZE)

    def _command(self, value: bytes) -> None:
        if value[0] == _CREATE and len(value) == 6:
            self._data_object = value[1] == _DATA_OBJECT
            if self._data_object:
                if self._cursor > self._begin:
                    self._builder.note("an object was created again before it was executed")
                self._cursor, self._crc32 = self._begin, self._begin_crc32
        elif value[0] == _EXECUTE and self._data_object:
            self._begin, self._begin_crc32 = self._cursor, self._crc32

    def _packet(self, message: Message) -> None:
        self._builder.put(self._cursor, message.value, message)
        self._cursor += len(message.value)
        self._crc32 = zlib.crc32(message.value, self._crc32)

    def _response(self, value: bytes) -> None:
        """A checksum answer tells offset and CRC-32 of everything so far."""
        if value[:3] == bytes([_RESPONSE, _CHECKSUM, 1]) and len(value) == 11 and self._data_object:
            offset, crc32 = int.from_bytes(value[3:7], "little"), int.from_bytes(value[7:11], "little")
            if offset > self._cursor and offset == self._cursor + self._builder.device_has(offset):
                self._cursor, self._crc32 = offset, crc32
            self._wrong += offset == self._cursor and crc32 != self._crc32
