"""L2CAP fragments to ATT PDUs, the same for HCI and for the air.

Source: Bluetooth Core Specification 5.4, volume 3, part A, sections 3.1, 3.4.3 and 7.2.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from forensics.read.captures.att import AttReader
from forensics.read.captures.channels import FIRST_DYNAMIC_CHANNEL, SIGNALLING_CHANNELS, Bearer, Channels
from forensics.read.captures.recorder import OpenConnection, Origin, Recorder

ATT_CHANNEL = 0x0004
_HEADER_SIZE = 4
_SIZE_SIZE = 2
_MIC_SIZE = 4
_header = struct.Struct("<HH").unpack_from


class _Segments:
    """An ATT PDU of enhanced ATT of which frames are missing so far."""

    __slots__ = ("content", "damaged", "size")

    def __init__(self, size: int, content: bytes, damaged: int) -> None:
        self.size = size
        self.content = bytearray(content)
        self.damaged = damaged


class _Pending:
    """A PDU of which fragments are missing so far; bytes from ``proven`` on may belong to another one.

    ``gaps`` counts the gaps of its connection when its last fragment came.
    """

    __slots__ = ("channel", "content", "damaged", "gaps", "origin", "proven", "size")

    def __init__(self, origin: Origin, size: int, channel: int, content: bytearray, damaged: int, gaps: int) -> None:
        self.gaps = gaps
        self.origin = origin
        self.size = size
        self.channel = channel
        self.content = content
        self.damaged = damaged
        self.proven: int | None = None

    def doubt(self, size: int) -> None:
        """Of its content only the first ``size`` bytes are known to be of one PDU."""
        self.proven = size if self.proven is None else min(size, self.proven)

    def after(self, gaps: int) -> None:
        """Packets may be missing before what comes next: when there were gaps, it need not be of this PDU."""
        if gaps != self.gaps:
            self.gaps = gaps
            self.doubt(len(self.content) if self.size >= 0 else 0)


class L2capReader:
    """Puts the fragments of each direction of each connection together."""

    def __init__(self, recorder: Recorder, att: AttReader) -> None:
        self._recorder = recorder
        self._att_pdu: Callable[[Origin, bytes, int], None] = att.pdu
        self._pending: dict[tuple[int, bool], _Pending] = {}
        self._gaps = 0
        self._gaps_of: dict[int, int] = {}
        self._channels = Channels()
        self._segments: dict[tuple[int, bool], _Segments] = {}

    def start(self, origin: Origin, data: bytes, missing: int) -> None:
        """The first fragment of a PDU; ``missing`` of its bytes are not in the capture and are zero."""
        key = (origin.connection.index, origin.from_host)
        if self._pending and key in self._pending:
            self.interrupted(origin)
        if len(data) < _HEADER_SIZE:
            if data:
                self._pending[key] = _Pending(origin, -1, -1, bytearray(data), missing, self._gaps_on(origin))
            return
        size, channel = _header(data)
        have = len(data) - _HEADER_SIZE
        if have == size or have == size + _MIC_SIZE:
            body = data[_HEADER_SIZE : _HEADER_SIZE + size]
            if channel == ATT_CHANNEL:
                self._att_pdu(origin, body, missing)
            else:
                self._other_channel(origin, channel, body, missing)
        elif have < size:
            content = bytearray(data[_HEADER_SIZE:])
            self._pending[key] = _Pending(origin, size, channel, content, missing, self._gaps_on(origin))
        else:
            # The host drops such a fragment, too.
            self._recorder.problem("unreadable", origin.number, "L2CAP PDUs longer than they say")

    def proceed(self, origin: Origin, data: bytes, missing: int) -> None:
        """A continuing fragment."""
        pending = self._pending.get((origin.connection.index, origin.from_host))
        if pending is None:
            self._recorder.problem("lost-fragment", origin.number, "fragments whose beginning is not in the capture")
            return
        pending.after(self._gaps_on(origin))
        pending.origin = origin
        before = len(pending.content)
        pending.content += data
        pending.damaged += missing
        if pending.size < 0:
            if len(pending.content) < _HEADER_SIZE:
                return
            pending.size, pending.channel = _header(pending.content)
            del pending.content[:_HEADER_SIZE]
            before = 0
        if len(pending.content) > pending.size:
            # Fragments end where their PDU ends, so this one is of another PDU, whose beginning is missing.
            self._recorder.problem("lost-fragment", origin.number, "PDUs of which a fragment is not in the capture")
            pending.doubt(before)
        if len(pending.content) >= pending.size:
            self._deliver(pending)

    def gap(self, connection: OpenConnection | None = None) -> None:
        """Packets of ``connection``, or of any, are missing: fragments behind need not be of the PDUs that are pending."""
        if connection is None:
            self._gaps += 1
        else:
            self._gaps_of[connection.index] = self._gaps_of.get(connection.index, 0) + 1

    def _gaps_on(self, origin: Origin) -> int:
        return self._gaps + self._gaps_of.get(origin.connection.index, 0)

    def interrupted(self, origin: Origin) -> None:
        """The rest of the pending PDU is not in the capture: it is kept with zeros and marked damaged."""
        pending = self._pending.get((origin.connection.index, origin.from_host))
        if pending is None:
            return
        self._recorder.problem("lost-fragment", origin.number, "PDUs of which a fragment is not in the capture")
        pending.after(self._gaps_on(origin))
        lost = pending.size - len(pending.content)
        if pending.size >= 0 and lost > 0 and self._recorder.may_pad(lost):
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
        body = bytes(memoryview(pending.content)[: pending.size])
        doubtful = 0 if pending.proven is None else len(body) - pending.proven
        self._other_channel(origin, pending.channel, body, max(pending.damaged, doubtful))

    def _other_channel(self, origin: Origin, channel: int, body: bytes, missing: int) -> None:
        """A whole L2CAP PDU of any channel."""
        connection, from_host = origin.connection, origin.from_host
        if channel == ATT_CHANNEL:
            self._att_pdu(origin, body, missing)
        elif channel in SIGNALLING_CHANNELS:
            mtu = None if missing else self._channels.signal(connection, from_host, body)
            if mtu is not None:
                connection.mtu, connection.mtu_exchanged = max(connection.mtu, mtu), True
                self._recorder.event(origin.number, origin.time, "mtu", f"enhanced ATT, MTU {mtu}", connection)
        elif channel >= FIRST_DYNAMIC_CHANNEL:
            bearer = self._channels.bearer(connection, from_host, channel)
            if bearer is not None:
                self._bearer(origin._replace(bearer=bearer.number), bearer, body, missing)
            elif connection.mtu_exchanged and not self._channels.is_known(connection, from_host, channel):
                # Without its agreement nothing tells enhanced ATT from any other service.
                text = "data on L2CAP channels whose opening is not in the capture: enhanced ATT would look so"
                self._recorder.note(text)

    def _bearer(self, origin: Origin, bearer: Bearer, body: bytes, missing: int) -> None:
        """A frame of a channel that carries ATT: whole, or a part of a PDU whose first frame told its size."""
        if not bearer.segmented:
            self._att_pdu(origin, body, missing)
            return
        key = bearer.number, origin.from_host
        segments = self._segments.pop(key, None)
        if segments is None:
            if len(body) < _SIZE_SIZE:
                return
            segments = _Segments(int.from_bytes(body[:_SIZE_SIZE], "little"), body[_SIZE_SIZE:], missing)
        else:
            segments.content += body
            segments.damaged += missing
        if len(segments.content) < segments.size:
            self._segments[key] = segments
        else:
            self._att_pdu(origin, bytes(segments.content[: segments.size]), segments.damaged)
