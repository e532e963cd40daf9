"""L2CAP fragments to ATT PDUs, the same for HCI and for the air.

Source: Bluetooth Core Specification 5.4, volume 3, part A, sections 3.1 and 7.2.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from forensics.read.captures.att import AttReader
from forensics.read.captures.recorder import OpenConnection, Origin, Recorder

ATT_CHANNEL = 0x0004
SIGNALLING_CHANNEL = 0x0005
_HEADER_SIZE = 4
_MIC_SIZE = 4
_header = struct.Struct("<HH").unpack_from


class _Pending:
    """A PDU of which fragments are missing so far."""

    __slots__ = ("channel", "content", "damaged", "origin", "size")

    def __init__(self, origin: Origin, size: int, channel: int, content: bytearray, damaged: int) -> None:
        self.origin = origin
        self.size = size
        self.channel = channel
        self.content = content
        self.damaged = damaged


class L2capReader:
    """Puts the fragments of each direction of each connection together."""

    def __init__(self, recorder: Recorder, att: AttReader) -> None:
        self._recorder = recorder
        self._att_pdu: Callable[[Origin, bytes, int], None] = att.pdu
        self._pending: dict[tuple[int, bool], _Pending] = {}

    def start(self, origin: Origin, data: bytes, missing: int) -> None:
        """The first fragment of a PDU; ``missing`` of its bytes are not in the capture and are zero."""
        key = (origin.connection.index, origin.from_host)
        if self._pending and key in self._pending:
            self.interrupted(origin)
        if len(data) < _HEADER_SIZE:
            if data:
                self._pending[key] = _Pending(origin, -1, -1, bytearray(data), missing)
            return
        size, channel = _header(data)
        have = len(data) - _HEADER_SIZE
        if have == size or have == size + _MIC_SIZE:
            if channel == ATT_CHANNEL:
                body = data[_HEADER_SIZE : _HEADER_SIZE + size]
                self._att_pdu(origin, body, missing)
            elif channel > 0x3F:
                self._dynamic_channel(origin)
        elif have < size:
            self._pending[key] = _Pending(origin, size, channel, bytearray(data[_HEADER_SIZE:]), missing)
        else:
            self._recorder.problem("unreadable", origin.number, "L2CAP PDUs longer than they say")

    def proceed(self, origin: Origin, data: bytes, missing: int) -> None:
        """A continuing fragment."""
        pending = self._pending.get((origin.connection.index, origin.from_host))
        if pending is None:
            self._recorder.problem("lost-fragment", origin.number, "fragments whose beginning is not in the capture")
            return
        pending.origin = origin
        pending.content += data
        pending.damaged += missing
        if pending.size < 0:
            if len(pending.content) < _HEADER_SIZE:
                return
            pending.size, pending.channel = _header(pending.content)
            del pending.content[:_HEADER_SIZE]
        if len(pending.content) >= pending.size:
            self._deliver(pending)

    def interrupted(self, origin: Origin) -> None:
        """The rest of the pending PDU is not in the capture: it is kept with zeros and marked damaged."""
        pending = self._pending.get((origin.connection.index, origin.from_host))
        if pending is None:
            return
        self._recorder.problem("lost-fragment", origin.number, "PDUs of which a fragment is not in the capture")
        lost = pending.size - len(pending.content)
        if pending.size >= 0 and lost > 0:
            pending.content += bytes(lost)
            pending.damaged += lost
            self._deliver(pending)
        else:
            del self._pending[origin.connection.index, origin.from_host]

    def finish(self) -> None:
        """The capture ends: what is pending stays incomplete."""
        if self._pending:
            text = "PDUs that the end of the capture cuts"
            self._recorder.problem("cut", self._recorder.packets, text, len(self._pending))
            self._pending.clear()

    def forget(self, connection: OpenConnection) -> None:
        """The connection is over: its pending fragments will never be complete."""
        for from_host in (False, True):
            self._pending.pop((connection.index, from_host), None)

    def _deliver(self, pending: _Pending) -> None:
        origin = pending.origin
        del self._pending[origin.connection.index, origin.from_host]
        if pending.channel == ATT_CHANNEL:
            body = bytes(memoryview(pending.content)[: pending.size])
            self._att_pdu(origin, body, pending.damaged)
        elif pending.channel > 0x3F:
            self._dynamic_channel(origin)

    def _dynamic_channel(self, origin: Origin) -> None:
        """Enhanced ATT is not read; on a connection without ATT it is classic Bluetooth and no loss."""
        if origin.connection.mtu_exchanged:
            self._recorder.note("some data went over dynamic L2CAP channels (enhanced ATT?), which are not read")
