"""HCI packets: ACL fragments to L2CAP, events to the timeline.

Source: Bluetooth Core Specification 5.4, volume 4, part E, sections 5.4.2 and 7.7.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from forensics.read.captures.l2cap import L2capReader
from forensics.read.captures.packets import TRUNCATED, Packet
from forensics.read.captures.recorder import OpenConnection, Origin, Recorder

_CONTINUING = 1
_TO_HOST_FIRST = 2
_acl_header = struct.Struct("<HH").unpack_from
_PHYS = {1: "1M", 2: "2M", 3: "Coded"}

_CONNECTION_COMPLETE = 0x03
_DISCONNECTION_COMPLETE = 0x05
_ENCRYPTION_CHANGE = 0x08
_LE_META = 0x3E

REASONS = {
    0x05: "authentication failure",
    0x08: "supervision timeout",
    0x13: "ended by the remote user",
    0x14: "remote device low on resources",
    0x15: "remote device powers off",
    0x16: "ended by the local host",
    0x22: "link layer response timeout",
    0x3B: "unacceptable connection parameters",
    0x3D: "MIC failure",
    0x3E: "connection failed to be established",
}
"""HCI error codes that end a connection. Source: volume 1, part F."""


def reason_text(reason: int) -> str:
    """What an HCI error code says, in words."""
    return REASONS.get(reason, "see the Core Specification, volume 1, part F")


def address_text(little_endian: bytes) -> str:
    """A device address as it stands in a packet, written as people write it."""
    return little_endian[::-1].hex(":")


class HciReader:
    """Reads the HCI packets of one capture."""

    def __init__(self, recorder: Recorder, l2cap: L2capReader) -> None:
        self._recorder = recorder
        self._l2cap = l2cap
        self._start = l2cap.start
        self._proceed = l2cap.proceed
        self._open: dict[int, OpenConnection] = {}
        self._last_direction: dict[int, bool] = {}
        self._le_events: dict[int, Callable[[int, int, bytes, int], None]] = {
            0x01: self._connected,
            0x03: self._updated,
            0x07: self._data_length,
            0x0A: self._connected,
            0x0C: self._phy,
            0x29: self._connected,
        }

    def acl(self, packet: Packet) -> None:
        """Reads one ACL packet and hands its fragment on."""
        number, time, _kind, from_host, data, missing, adapter = packet
        if len(data) < 4:
            self._recorder.problem("truncated", number, TRUNCATED)
            self._l2cap.gap()
            return
        word, size = _acl_header(data)
        fragment = data[4:]
        if len(fragment) != size:
            missing = max(0, size - len(fragment))
            if missing:
                self._recorder.problem("truncated", number, TRUNCATED)
                if not self._recorder.may_pad(missing):
                    self._l2cap.gap()
                    return
            fragment = fragment[:size].ljust(size, b"\0")
        key = adapter << 12 | word & 0xFFF
        connection = self._open.get(key)
        if connection is None:
            connection = self._open[key] = self._recorder.connect(word & 0xFFF, time)
        boundary = word >> 12 & 3
        if from_host is None:
            from_host = self._direction(key, boundary)
        origin = Origin(number, time, connection, from_host)
        if boundary == _CONTINUING:
            self._proceed(origin, fragment, missing)
        else:
            self._start(origin, fragment, missing)

    def _direction(self, key: int, boundary: int) -> bool:
        """Who sent it, in a container that does not say: the two sides mark a first fragment differently."""
        if boundary == _CONTINUING:
            return self._last_direction.get(key, True)
        from_host = boundary != _TO_HOST_FIRST
        self._last_direction[key] = from_host
        return from_host

    def event(self, packet: Packet) -> None:
        """Reads one event: connections that begin, change and end."""
        number, time, _kind, _from_host, data, _missing, adapter = packet
        base = adapter << 12
        if len(data) < 3:
            return
        code = data[0]
        try:
            if code == _LE_META:
                reader = self._le_events.get(data[2])
                if reader is not None:
                    reader(number, time, data[2:], base)
            elif code == _CONNECTION_COMPLETE:
                self._classic_connected(number, time, data[2:], base)
            elif code == _DISCONNECTION_COMPLETE:
                self._disconnected(number, time, data[2:], base)
            elif code == _ENCRYPTION_CHANGE:
                self._encryption(number, time, data[2:], base)
        except (struct.error, IndexError):
            self._recorder.problem("truncated", number, TRUNCATED)

    def _connected(self, number: int, time: int, data: bytes, base: int) -> None:
        _subevent, status, handle, role = struct.unpack_from("<BBHB", data)
        if status:
            return
        peer = address_text(data[6:12])
        interval_at = 12 if data[0] == 0x01 else 24
        (interval,) = struct.unpack_from("<H", data, interval_at)
        connection = self._recorder.connect(handle & 0xFFF, time, peer)
        connection.interval = interval * 1250
        self._open[base | handle & 0xFFF] = connection
        text = f"connected to {peer} as {'peripheral' if role else 'central'}, interval {interval * 1.25:g} ms"
        self._recorder.event(number, time, "connected", text, connection)

    def _classic_connected(self, number: int, time: int, data: bytes, base: int) -> None:
        """A connection of classic Bluetooth, which a dual-mode host has beside those of LE."""
        status, handle = struct.unpack_from("<BH", data)
        if status == 0 and len(data) >= 9:
            peer = address_text(data[3:9])
            connection = self._open[base | handle & 0xFFF] = self._recorder.connect(handle & 0xFFF, time, peer)
            self._recorder.event(number, time, "connected", f"connected to {peer} over classic Bluetooth", connection)

    def _updated(self, number: int, time: int, data: bytes, base: int) -> None:
        _subevent, status, handle, interval, latency, timeout = struct.unpack_from("<BBHHHH", data)
        connection = self._open.get(base | handle & 0xFFF)
        if status or connection is None:
            return
        connection.interval = interval * 1250
        text = f"interval {interval * 1.25:g} ms, latency {latency}, supervision timeout {timeout * 10} ms"
        self._recorder.event(number, time, "parameters", text, connection)

    def _data_length(self, number: int, time: int, data: bytes, base: int) -> None:
        _subevent, handle, sent, _sent_time, received, _received_time = struct.unpack_from("<BHHHHH", data)
        text = f"link layer payload {sent} bytes out, {received} bytes in"
        self._recorder.event(number, time, "data-length", text, self._open.get(base | handle & 0xFFF))

    def _phy(self, number: int, time: int, data: bytes, base: int) -> None:
        _subevent, status, handle, sent, received = struct.unpack_from("<BBHBB", data)
        if status == 0:
            text = f"PHY {_PHYS.get(sent, sent)} out, {_PHYS.get(received, received)} in"
            self._recorder.event(number, time, "phy", text, self._open.get(base | handle & 0xFFF))

    def _disconnected(self, number: int, time: int, data: bytes, base: int) -> None:
        status, handle, reason = struct.unpack_from("<BHB", data)
        if status:
            return
        ended = self._open.pop(base | handle & 0xFFF, None)
        if ended is not None:
            ended.last_time, ended.reason = time, reason
            self._l2cap.forget(ended)
        text = f"disconnected, reason 0x{reason:02x} ({reason_text(reason)})"
        self._recorder.event(number, time, "disconnected", text, ended)

    def _encryption(self, number: int, time: int, data: bytes, base: int) -> None:
        status, handle, enabled = struct.unpack_from("<BHB", data)
        if status == 0:
            text = "encryption on" if enabled else "encryption off"
            self._recorder.event(number, time, "encryption", text, self._open.get(base | handle & 0xFFF))
