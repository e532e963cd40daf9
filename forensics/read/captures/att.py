"""ATT PDUs to values: writes, notifications, MTU exchange and discovery.

Source: Bluetooth Core Specification 5.4, volume 3, part F, section 3.4.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from operator import itemgetter

from forensics.model.capture import ACKNOWLEDGED, REJECTED, Operation
from forensics.read.captures.recorder import Origin, Recorder

ERROR_RESPONSE = 0x01
_SIGNATURE_SIZE = 12
_CHARACTERISTIC = 0x2803
_BASE_UUID = "0000{:04x}-0000-1000-8000-00805f9b34fb"
_MAX_PREPARED = 0x10000
_PREPARE_HEAD = 5
_u16 = struct.Struct("<H").unpack_from


def uuid_text(little_endian: bytes) -> str:
    """A UUID as it stands in a PDU (2 or 16 bytes, little endian) as 36 characters."""
    if len(little_endian) == 2:
        return _BASE_UUID.format(int.from_bytes(little_endian, "little"))
    digits = little_endian[::-1].hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


_Asker = tuple[int, bool, int]
"""Connection, side and bearer of a request: one is under way at a time on each."""


def _client(origin: Origin) -> _Asker:
    """The side that sent this request."""
    return origin.connection.index, origin.from_host, origin.bearer


def _asker(origin: Origin) -> _Asker:
    """The side whose request this response answers."""
    return origin.connection.index, not origin.from_host, origin.bearer


class AttReader:
    """Reads the ATT PDUs of every connection of one capture."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._awaiting: dict[_Asker, tuple[int, ...]] = {}
        self._prepared: dict[_Asker, list[tuple[int, int, bytes, int]]] = {}
        self._prepared_size: dict[_Asker, int] = {}
        self._asked_type: dict[_Asker, int] = {}
        self._readers: dict[int, Callable[[Origin, bytes, int], None]] = {
            0x01: self._error,
            0x02: self._mtu_request,
            0x03: self._mtu_response,
            0x05: self._find_information_response,
            0x08: self._read_by_type_request,
            0x09: self._read_by_type_response,
            0x12: self._write_request,
            0x13: self._write_response,
            0x16: self._prepare_write_request,
            0x18: self._execute_write_request,
            0x19: self._write_response,
            0x1B: self._notification,
            0x1D: self._notification,
            0x23: self._multiple_notification,
            0xD2: self._signed_write,
        }

    def pdu(self, origin: Origin, data: bytes, missing: int) -> None:
        """Reads one PDU; ``missing`` of its bytes are not in the capture and are zero."""
        opcode = data[0] if data else 0
        if opcode == Operation.WRITE_COMMAND and len(data) > 2:
            self._recorder.record(origin, _u16(data, 1)[0], opcode, data[3:], missing=missing)
            return
        reader = self._readers.get(opcode)
        if reader is None:
            return
        try:
            reader(origin, data, missing)
        except struct.error:
            self._recorder.problem("unreadable", origin.number, "ATT PDUs too short for their opcode")

    def _write_request(self, origin: Origin, data: bytes, missing: int) -> None:
        index = self._record(origin, data, missing, data[3:])
        self._awaiting[_client(origin)] = (index,)

    def _signed_write(self, origin: Origin, data: bytes, missing: int) -> None:
        self._record(origin, data, missing, data[3:-_SIGNATURE_SIZE])

    def _notification(self, origin: Origin, data: bytes, missing: int) -> None:
        self._record(origin, data, missing, data[3:])

    def _record(self, origin: Origin, data: bytes, missing: int, value: bytes) -> int:
        return self._recorder.record(origin, _u16(data, 1)[0], data[0], value, missing=missing)

    def _multiple_notification(self, origin: Origin, data: bytes, missing: int) -> None:
        position = 1
        while position + 4 <= len(data):
            handle, size = struct.unpack_from("<HH", data, position)
            value = data[position + 4 : position + 4 + size]
            lost = min(missing, len(value))
            self._recorder.record(origin, handle, Operation.NOTIFICATION, value, missing=lost)
            position += 4 + size

    def _prepare_write_request(self, origin: Origin, data: bytes, missing: int) -> None:
        handle, offset = struct.unpack_from("<HH", data, 1)
        asker = _client(origin)
        size = self._prepared_size.get(asker, 0) + len(data)  # with its head, so that empty pieces count
        if size <= _MAX_PREPARED:
            self._prepared_size[asker] = size
            self._prepared.setdefault(asker, []).append((handle, offset, data[5:], missing))

    def _execute_write_request(self, origin: Origin, data: bytes, missing: int) -> None:
        queue = self._prepared.pop(_client(origin), [])
        self._prepared_size.pop(_client(origin), None)
        if len(data) < 2 or data[1] != 1:
            return
        by_handle: dict[int, list[tuple[int, bytes, int]]] = {}
        for handle, offset, piece, lost in queue:
            by_handle.setdefault(handle, []).append((offset, piece, lost))
        indexes = []
        for handle, pieces in by_handle.items():
            pieces.sort(key=itemgetter(0))
            value = b"".join(piece for _offset, piece, _missing in pieces)
            lost = sum(item[2] for item in pieces)
            indexes.append(self._recorder.record(origin, handle, Operation.LONG_WRITE, value, missing=lost))
        self._awaiting[_client(origin)] = tuple(indexes)

    def _write_response(self, origin: Origin, data: bytes, missing: int) -> None:
        for index in self._awaiting.pop(_asker(origin), ()):
            self._recorder.flags[index] |= ACKNOWLEDGED

    def _error(self, origin: Origin, data: bytes, missing: int) -> None:
        opcode, handle, code = struct.unpack_from("<BHB", data, 1)
        key = _asker(origin)
        if opcode in (Operation.WRITE_REQUEST, Operation.LONG_WRITE):
            for index in self._awaiting.pop(key, ()):
                self._recorder.flags[index] |= REJECTED
            text = f"the server rejected a write to handle 0x{handle:04x} with ATT error 0x{code:02x}"
            self._recorder.event(origin.number, origin.time, "write-rejected", text, origin.connection)
        elif opcode == 0x16 and self._prepared.get(key):
            self._prepared_size[key] -= len(self._prepared[key].pop()[2]) + _PREPARE_HEAD

    def _mtu_request(self, origin: Origin, data: bytes, missing: int) -> None:
        origin.connection.client_mtu = _u16(data, 1)[0]

    def _mtu_response(self, origin: Origin, data: bytes, missing: int) -> None:
        server_mtu = _u16(data, 1)[0]
        connection = origin.connection
        connection.mtu = max(23, min(server_mtu, connection.client_mtu or server_mtu))
        connection.mtu_exchanged = True
        self._recorder.event(origin.number, origin.time, "mtu", f"ATT MTU {connection.mtu}", connection)

    def _read_by_type_request(self, origin: Origin, data: bytes, missing: int) -> None:
        if len(data) == 7:
            self._asked_type[_client(origin)] = _u16(data, 5)[0]

    def _read_by_type_response(self, origin: Origin, data: bytes, missing: int) -> None:
        """Characteristic declarations: handle, then properties, value handle and UUID."""
        size = data[1] if len(data) > 1 else 0
        asked = self._asked_type.get(_asker(origin), _CHARACTERISTIC)
        if size not in (7, 21) or missing or asked != _CHARACTERISTIC:
            return
        for position in range(2, len(data) - size + 1, size):
            handle = _u16(data, position + 3)[0]
            origin.connection.server_uuids[origin.from_host][handle] = uuid_text(data[position + 5 : position + size])

    def _find_information_response(self, origin: Origin, data: bytes, missing: int) -> None:
        """Handles with the UUID of each attribute; a characteristic value's is the characteristic's."""
        size = {1: 4, 2: 18}.get(data[1] if len(data) > 1 else 0)
        if size is None or missing:
            return
        for position in range(2, len(data) - size + 1, size):
            handle = _u16(data, position)[0]
            origin.connection.server_uuids[origin.from_host].setdefault(
                handle, uuid_text(data[position + 2 : position + size])
            )
