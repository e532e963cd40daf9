"""PDUs from the air: advertising that opens connections, retransmissions, damaged copies, encryption.

A link layer retransmission looks exactly like a chunk sent twice and is none; the sequence number tells them
apart.

Source: Bluetooth Core Specification 5.4, volume 6, part B, sections 2.3, 2.4 and 4.5.9.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from forensics.read.captures.hci import address_text, reason_text
from forensics.read.captures.l2cap import L2capReader
from forensics.read.captures.link_types import AirFrame, air_frame
from forensics.read.captures.packets import TRUNCATED, Packet
from forensics.read.captures.recorder import OpenConnection, Origin, Recorder
from forensics.spec.crc24 import crc24

ADVERTISING_ACCESS_ADDRESS = 0x8E89BED6
_CONNECT_IND = 5
_START, _CONTINUATION, _CONTROL = 2, 1, 3
_CONNECTION_UPDATE, _TERMINATE, _START_ENC_REQ, _PHY_UPDATE, _LENGTH_RSP = 0x00, 0x02, 0x05, 0x18, 0x15
_INTERFRAME_LIMIT = 400
"""Microseconds. A peripheral answers 150 us after the central's packet; the next event begins much later."""
_BYTE_TIME = 8
_MAX_LINKS = 4096
_MOST_MISSED = 0x4000
"""Events. A counter that jumps further was started again."""
_CRC_SIZE = 3
_MIC_SIZE = 4
_L2CAP_HEADER_SIZE = 4

BAD_CRC = "packets that the sniffer received only with a wrong CRC; the sender went on, so the device had them"
MISSED = "places where the sequence number shows that the sniffer missed packets"
MISSED_EVENTS = "connection events of which the sniffer received nothing; what went over the link in them is not known"
ENCRYPTED = "packets are encrypted and the capture holds no key: what they carry cannot be read"


@dataclass(slots=True)
class _Held:
    """The last PDU of one direction, kept until the next shows whether a better copy follows."""

    origin: Origin
    pdu: bytes


@dataclass(slots=True)
class _Link:
    connection: OpenConnection
    crc_init: int | None = None
    sequence: list[int | None] = field(default_factory=lambda: [None, None])
    accepted: list[bytes] = field(default_factory=lambda: [b"", b""])
    acknowledged: list[bool] = field(default_factory=lambda: [False, False])
    held: list[_Held | None] = field(default_factory=lambda: [None, None])
    encrypted: bool = False
    with_mic: bool = False
    event: int | None = None
    event_start: int = 0
    longest_interval: int = 0
    last_end: int = 0
    last_central: bool = False


def _is_valid(frame: AirFrame, crc_init: int | None) -> bool:
    """The sniffer's word on the CRC, or our own where it gives none and the connection's beginning is known."""
    if frame.crc_valid is None and crc_init is not None and len(frame.crc) == _CRC_SIZE:
        return crc24(frame.pdu, crc_init) == frame.crc
    return frame.crc_valid is not False


def _learn_mic(link: _Link, pdu: bytes) -> None:
    """Whether the sniffer left the check value (MIC) behind decrypted payloads: whole L2CAP PDUs show their size."""
    if pdu[0] & 3 == _START and len(pdu) >= _L2CAP_HEADER_SIZE + 2:
        extra = pdu[1] - _L2CAP_HEADER_SIZE - int.from_bytes(pdu[2:4], "little")
        if extra in (0, _MIC_SIZE):
            link.with_mic = extra == _MIC_SIZE


class LinkLayerReader:
    """Reads the PDUs of all connections of one capture from the air."""

    def __init__(self, recorder: Recorder, l2cap: L2capReader) -> None:
        self._recorder = recorder
        self._l2cap = l2cap
        self._links: dict[int, _Link] = {}
        self.retransmissions = 0

    def packet(self, packet: Packet) -> None:
        """Reads one record; its link type is in the adapter number's upper half."""
        number, time, _kind, _from_host, data, missing, source = packet
        frame = air_frame(source >> 16 & 0xFFFF, data)
        if frame is None or missing:
            if missing:
                self._recorder.problem("truncated", number, TRUNCATED)
            return
        if frame.access_address == ADVERTISING_ACCESS_ADDRESS:
            if frame.crc_valid is not False:
                self._advertising(number, time, frame.pdu)
            return
        link = self._link(number, time, frame)
        if link is None or len(frame.pdu) < 2:
            return
        self._missed_events(link, number, time, frame)
        from_central = self._direction(link, time, frame)
        if frame.encrypted:
            link.encrypted = True
        elif frame.encrypted is False:
            link.encrypted = False
        if frame.decrypted:
            _learn_mic(link, frame.pdu)
        self._data(link, Origin(number, time, link.connection, from_central), frame)

    def finish(self) -> None:
        """The capture ends: what was held for a better copy is handed on."""
        for link in self._links.values():
            for from_central in (False, True):
                self._release(link, from_central)
        if self.retransmissions:
            self._recorder.note(f"{self.retransmissions} link layer retransmissions were left out")

    def _link(self, number: int, time: int, frame: AirFrame) -> _Link | None:
        link = self._links.get(frame.access_address)
        if link is None and frame.crc_valid is not False:
            if len(self._links) >= _MAX_LINKS:
                self._recorder.problem("unreadable", number, "more connections than can be followed")
                return None
            link = _Link(self._recorder.connect(frame.access_address, time))
            self._links[frame.access_address] = link
            text = "the capture begins inside a connection: what came before is not in it"
            self._recorder.event(number, time, "joined", text, link.connection)
        return link

    def _advertising(self, number: int, time: int, pdu: bytes) -> None:
        if len(pdu) < 36 or pdu[0] & 0x0F != _CONNECT_IND:
            return
        central, peripheral = address_text(pdu[2:8]), address_text(pdu[8:14])
        access_address, interval = struct.unpack_from("<I", pdu, 14)[0], struct.unpack_from("<H", pdu, 24)[0]
        if len(self._links) >= _MAX_LINKS:
            return
        connection = self._recorder.connect(access_address, time, peripheral)
        connection.interval = interval * 1250
        self._links[access_address] = _Link(
            connection, int.from_bytes(pdu[18:21], "little"), longest_interval=connection.interval
        )
        text = f"{central} connects to {peripheral}, interval {interval * 1.25:g} ms"
        self._recorder.event(number, time, "connected", text, connection)

    def _direction(self, link: _Link, time: int, frame: AirFrame) -> bool:
        """Who sent it, for sniffers that do not say: within one event central and peripheral take turns."""
        from_central = frame.from_central
        if from_central is None:
            from_central = time - link.last_end > _INTERFRAME_LIMIT or not link.last_central
            if from_central and link.last_central:
                # A packet alone in its event may as well be the peripheral's answer to one that was missed.
                self._l2cap.gap(link.connection)
        link.last_end = time + (len(frame.pdu) + 8) * _BYTE_TIME
        link.last_central = from_central
        return from_central

    def _missed_events(self, link: _Link, number: int, time: int, frame: AirFrame) -> None:
        """The central sends in every event, so one of which nothing is there was missed.

        Told by the sniffer's counter of events, or by a time without packets that is longer than the interval.
        """
        missed = 0
        if frame.event is not None and link.event is not None:
            missed = (frame.event - link.event & 0xFFFF) - 1
        elif frame.event is None and link.longest_interval and link.event_start:
            missed = (2 * (time - link.event_start) + link.longest_interval) // (2 * link.longest_interval) - 1
        if 0 < missed < _MOST_MISSED:
            self._recorder.problem("missed-event", number, MISSED_EVENTS, missed)
            self._l2cap.gap(link.connection)
        if frame.event != link.event or time - link.event_start > link.longest_interval // 2:
            link.event, link.event_start = frame.event, time

    def _data(self, link: _Link, origin: Origin, frame: AirFrame) -> None:
        pdu = frame.pdu
        side = origin.from_host
        valid = _is_valid(frame, link.crc_init)
        sequence = pdu[0] >> 3 & 1
        if valid:
            self._acknowledge(link, origin, pdu[0] >> 2 & 1)
        held = link.held[side]
        if held is not None:
            same = sequence == held.pdu[0] >> 3 & 1
            if not valid and same:
                return
            if same:
                self._recorder.note("packets with a wrong CRC were left out where a good copy followed")
                link.held[side] = None
            else:
                self._release(link, side)
        if not valid:
            if sequence != link.sequence[side]:
                link.held[side] = _Held(origin, pdu)
            return
        if sequence == link.sequence[side]:
            if pdu[1:] == link.accepted[side][1:]:
                self.retransmissions += len(pdu) > 2
                return
            self._missed(origin)
        self._accept(link, origin, pdu, damaged=False)

    def _acknowledge(self, link: _Link, origin: Origin, expected: int) -> None:
        """Learns from the sequence number that this side expects next what it received from the other side.

        When it expects the number of the last packet that we saw, after it had acknowledged that packet, then it
        received one in between that we did not see.
        """
        other = not origin.from_host
        last = link.sequence[other]
        if last is None:
            return
        if expected != last:
            link.acknowledged[other] = True
        elif link.acknowledged[other]:
            if link.held[other] is not None:
                self._release(link, other)
            else:
                self._missed(origin._replace(from_host=other))
                link.sequence[other], link.accepted[other] = last ^ 1, b""
            link.acknowledged[other] = True

    def _release(self, link: _Link, side: bool) -> None:
        """No good copy of the held PDU came, but the sender went on: the receiver had one."""
        held = link.held[side]
        link.held[side] = None
        if held is None:
            return
        if len(held.pdu) > 2:
            self._recorder.problem("bad-crc", held.origin.number, BAD_CRC)
        self._accept(link, held.origin, held.pdu, damaged=True)

    def _missed(self, origin: Origin) -> None:
        self._recorder.problem("missed-packet" if origin.from_host else "missed-answer", origin.number, MISSED)
        self._l2cap.interrupted(origin)

    def _accept(self, link: _Link, origin: Origin, pdu: bytes, *, damaged: bool) -> None:
        link.sequence[origin.from_host] = pdu[0] >> 3 & 1
        link.accepted[origin.from_host] = pdu
        link.acknowledged[origin.from_host] = False
        kind = pdu[0] & 3
        payload = pdu[2:].ljust(pdu[1], b"\0")
        missing = len(payload) if damaged else pdu[1] + 2 - len(pdu)
        if not payload:
            return
        if link.with_mic and kind != _CONTROL:
            payload = payload[:-_MIC_SIZE]
        if link.encrypted:
            self._recorder.problem("encrypted", origin.number, ENCRYPTED)
        elif kind == _START:
            self._l2cap.start(origin, payload, missing)
        elif kind == _CONTINUATION:
            self._l2cap.proceed(origin, payload, missing)
        elif kind == _CONTROL and not damaged:
            self._control(link, origin, payload)

    def _control(self, link: _Link, origin: Origin, payload: bytes) -> None:
        opcode = payload[0]
        number, time, connection, _side, _bearer = origin
        if opcode == _CONNECTION_UPDATE and len(payload) > 11:
            (interval,) = struct.unpack_from("<H", payload, 4)
            link.longest_interval = max(connection.interval or 0, interval * 1250)
            connection.interval = interval * 1250
            self._recorder.event(number, time, "parameters", f"interval {interval * 1.25:g} ms from now on", connection)
        elif opcode == _TERMINATE and len(payload) > 1:
            connection.reason, connection.last_time = payload[1], time
            text = f"disconnected, reason 0x{payload[1]:02x} ({reason_text(payload[1])})"
            self._recorder.event(number, time, "disconnected", text, connection)
        elif opcode == _START_ENC_REQ:
            link.encrypted = True
            self._recorder.event(number, time, "encryption", "encryption on", connection)
        elif opcode == _PHY_UPDATE and len(payload) > 2:
            text = f"PHY mask {payload[1]} out, {payload[2]} in"
            self._recorder.event(number, time, "phy", text, connection)
        elif opcode == _LENGTH_RSP and len(payload) > 8:
            received, sent = struct.unpack_from("<HxxH", payload, 1)
            text = f"link layer payload up to {sent} bytes out, {received} bytes in"
            self._recorder.event(number, time, "data-length", text, connection)
