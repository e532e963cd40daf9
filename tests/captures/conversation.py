"""Conversations whose every byte is known, as ATT PDUs, HCI packets or packets from the air.

An ``AttPdu`` list is the conversation; ``hci_packets`` or ``air_packets`` carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tests.captures.layouts import att, hci, l2cap, link_layer

COMMAND, ACL, EVENT = 1, 2, 4
ACCESS_ADDRESS = 0x50654C12
ADVERTISING_ACCESS_ADDRESS = 0x8E89BED6
CRC_INIT = 0x17AB3C
_INTERVAL, _SHORT_EVENT = 30_000, 460
"""Microseconds: the connection interval that the opening names, and what an event of two empty PDUs takes."""
_CENTRAL_ADDRESS = bytes.fromhex("665544332211")
PEER_ADDRESS = bytes.fromhex("c0ffee010203")[::-1]
"""As it stands in packets, little endian: ``c0:ff:ee:01:02:03``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttPdu:
    """One ATT PDU of the conversation; ``time`` in microseconds since 1970, ``channel`` of L2CAP."""

    time: int
    from_central: bool
    data: bytes
    channel: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HciPacket:
    """One HCI packet without its H4 indicator. ``cut`` bytes at its end are left out by the capture."""

    time: int
    kind: int
    from_host: bool
    data: bytes
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AirPacket:
    """One link layer PDU: access address, header and payload; ``event`` counts the connection's events."""

    time: int
    from_central: bool
    access_address: int
    pdu: bytes
    crc_good: bool = True
    event: int = 0


def value_pdu(opcode: int, handle: int, value: bytes) -> bytes:
    """A write, notification or indication."""
    return bytes(att.VALUE.build({"opcode": opcode, "handle": handle, "value": value}))


def mtu_exchange(client: int, server: int, *, time: int = 0) -> list[AttPdu]:
    """The request and the response."""
    request = att.MTU.build({"opcode": 2, "mtu": client})
    response = att.MTU.build({"opcode": 3, "mtu": server})
    return [
        AttPdu(time=time, from_central=True, data=request),
        AttPdu(time=time + 500, from_central=False, data=response),
    ]


def discovery(characteristics: Sequence[tuple[int, str]], *, time: int = 0) -> list[AttPdu]:
    """Read By Type exchanges that tell the UUID of each value handle, one characteristic a response."""
    pdus: list[AttPdu] = []
    for handle, uuid in characteristics:
        request = b"\x08" + (handle - 1).to_bytes(2, "little") + b"\xff\xff\x03\x28"
        entry = att.CHARACTERISTIC.build(
            {
                "declaration": handle - 1,
                "properties": 0x1E,
                "handle": handle,
                "uuid": bytes.fromhex(uuid.replace("-", ""))[::-1],
            }
        )
        pdus.append(AttPdu(time=time, from_central=True, data=request))
        pdus.append(AttPdu(time=time + 500, from_central=False, data=b"\x09\x15" + entry))
    return pdus


def long_write(handle: int, value: bytes, piece: int, *, time: int = 0) -> list[AttPdu]:
    """Prepare requests of ``piece`` bytes with their echoes, then execute."""
    pdus: list[AttPdu] = []
    for offset in range(0, len(value), piece):
        part = {"handle": handle, "offset": offset, "value": value[offset : offset + piece]}
        request = att.PREPARE_WRITE.build(part)
        pdus.append(AttPdu(time=time, from_central=True, data=request))
        pdus.append(AttPdu(time=time + 100, from_central=False, data=b"\x17" + request[1:]))
    pdus.append(AttPdu(time=time + 200, from_central=True, data=att.EXECUTE_WRITE.build({"flags": 1})))
    pdus.append(AttPdu(time=time + 300, from_central=False, data=b"\x19"))
    return pdus


def hci_packets(
    pdus: Iterable[AttPdu], *, handle: int = 0x40, fragment: int = 251, host_is_central: bool = True
) -> list[HciPacket]:
    """The ACL packets that carry ``pdus`` with at most ``fragment`` bytes each."""
    packets: list[HciPacket] = []
    for pdu in pdus:
        frame = l2cap.PDU.build({"length": len(pdu.data), "channel": pdu.channel, "payload": pdu.data})
        from_host = pdu.from_central == host_is_central
        for offset in range(0, len(frame), fragment):
            first = 0 if from_host else 2
            part = frame[offset : offset + fragment]
            flags = {"broadcast": 0, "boundary": 1 if offset else first, "handle": handle}
            data = hci.ACL.build({"flags": flags, "length": len(part), "fragment": part})
            packets.append(HciPacket(time=pdu.time + offset, kind=ACL, from_host=from_host, data=data))
    return packets


def connected(handle: int = 0x40, *, time: int = 0, role: int = 0) -> HciPacket:
    """The event that opens a connection."""
    parameters = hci.LE_CONNECTION_COMPLETE.build(
        {
            "status": 0,
            "handle": handle,
            "role": role,
            "peer_address_type": 1,
            "peer_address": PEER_ADDRESS,
            "interval": 24,
            "latency": 0,
            "supervision_timeout": 500,
            "clock_accuracy": 0,
        }
    )
    return _event(0x3E, parameters, time)


def disconnected(handle: int = 0x40, *, reason: int = 0x13, time: int = 0) -> HciPacket:
    """The event that ends a connection."""
    parameters = {"status": 0, "handle": handle, "reason": reason}
    return _event(0x05, hci.DISCONNECTION_COMPLETE.build(parameters), time)


def _event(code: int, parameters: bytes, time: int) -> HciPacket:
    data = hci.EVENT.build({"code": code, "length": len(parameters), "parameters": parameters})
    return HciPacket(time=time, kind=EVENT, from_host=False, data=data)


def air_packets(pdus: Iterable[AttPdu], *, access_address: int = ACCESS_ADDRESS, fragment: int = 27) -> list[AirPacket]:
    """The PDUs that carry ``pdus``: an opening, then one event a fragment, answered by an empty PDU.

    Where there is nothing to say for an interval, both sides send an empty PDU.
    """
    link = _AirLink(access_address)
    for pdu in pdus:
        frame = l2cap.PDU.build({"length": len(pdu.data), "channel": pdu.channel, "payload": pdu.data})
        while link.packets and pdu.time - link.time > _INTERVAL:
            link.event(link.time + _INTERVAL - _SHORT_EVENT, 1, b"", from_central=True)
        for offset in range(0, len(frame), fragment):
            start = max(pdu.time, link.time + 7500)
            link.event(start, 1 if offset else 2, frame[offset : offset + fragment], from_central=pdu.from_central)
    return [opening(access_address), *link.packets]


class _AirLink:
    """One connection on the air: both sides' sequence numbers, and the time of the last packet's end."""

    def __init__(self, access_address: int) -> None:
        self.packets: list[AirPacket] = []
        self.time = 0
        self._access_address = access_address
        self._sequence = {True: 0, False: 0}
        self._expected = {True: 0, False: 0}

    def event(self, start: int, kind: int, payload: bytes, *, from_central: bool) -> None:
        """The central's PDU and the peripheral's answer; one of them carries ``payload``, the other nothing."""
        self.time = start
        for central in (True, False):
            carries = central == from_central
            data = data_pdu(
                kind if carries else 1, payload if carries else b"", self._sequence[central], self._expected[central]
            )
            self._expected[not central] = self._sequence[central] ^ 1
            self._sequence[central] ^= 1
            packet = AirPacket(time=self.time, from_central=central, access_address=self._access_address, pdu=data)
            self.packets.append(packet)
            self.time += (len(data) + 8) * 8 + 150


def data_pdu(kind: int, payload: bytes, sequence: int, expected: int = 0) -> bytes:
    """A data channel PDU without its CRC; ``expected`` is the sequence number that its sender expects next."""
    flags = {"more_data": False, "sequence": sequence, "next_expected_sequence": expected, "kind": kind}
    return bytes(link_layer.DATA_PDU.build({"flags": flags, "length": len(payload), "payload": payload}))


def retransmitted(packet: AirPacket, *, first_crc_good: bool = True) -> list[AirPacket]:
    """The same PDU twice, as after a lost acknowledgement or a damaged first copy."""
    pdu = packet.pdu if first_crc_good else packet.pdu[:-1] + bytes([packet.pdu[-1] ^ 0x10])
    return [replace(packet, pdu=pdu, crc_good=first_crc_good), replace(packet, time=packet.time + 7500)]


def opening(access_address: int) -> AirPacket:
    """The CONNECT_IND that begins a connection."""
    pdu = link_layer.CONNECT_IND.build(
        {
            "central": _CENTRAL_ADDRESS,
            "peripheral": PEER_ADDRESS,
            "access_address": access_address,
            "crc_init": CRC_INIT.to_bytes(3, "little"),
            "window_size": 1,
            "window_offset": 0,
            "interval": 24,
            "latency": 0,
            "timeout": 500,
            "channel_map": b"\xff\xff\xff\xff\x1f",
            "hop": 7,
        }
    )
    return AirPacket(time=0, from_central=True, access_address=ADVERTISING_ACCESS_ADDRESS, pdu=pdu)
