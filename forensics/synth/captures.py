"""Writes captures of a conversation whose every byte is known, in any container and with any defect.

An ``AttPdu`` list is the conversation. ``hci_packets`` or ``air_packets`` carry it, ``write_*`` stores it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from forensics.spec.captures import att, btsnoop, hci, l2cap, link_layer, packet_logger, pcap

COMMAND, ACL, EVENT = 1, 2, 4
ACCESS_ADDRESS = 0x50654C12
_ADVERTISING = 0x8E89BED6
_EPOCH = 0x00DCDDB30F2F8000
_ATT_CHANNEL = 4
_CENTRAL_ADDRESS = bytes.fromhex("665544332211")
PEER_ADDRESS = bytes.fromhex("c0ffee010203")[::-1]
"""As it stands in packets, little endian: ``c0:ff:ee:01:02:03``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttPdu:
    """One ATT PDU of the conversation; ``time`` in microseconds since 1970."""

    time: int
    from_central: bool
    data: bytes


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
    """One link layer PDU: access address, header and payload."""

    time: int
    from_central: bool
    access_address: int
    pdu: bytes
    crc_good: bool = True


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
        frame = l2cap.PDU.build({"length": len(pdu.data), "channel": _ATT_CHANNEL, "payload": pdu.data})
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


def air_packets(
    pdus: Iterable[AttPdu], *, access_address: int = ACCESS_ADDRESS, fragment: int = 27, opening: bool = True
) -> list[AirPacket]:
    """The PDUs that carry ``pdus``: an opening, then one event a fragment, answered by an empty PDU."""
    packets = [_opening(access_address)] if opening else []
    sequence = {True: 0, False: 0}
    time = 0
    for pdu in pdus:
        frame = l2cap.PDU.build({"length": len(pdu.data), "channel": _ATT_CHANNEL, "payload": pdu.data})
        for offset in range(0, len(frame), fragment):
            time = max(pdu.time, time + 7500)
            part = frame[offset : offset + fragment]
            for from_central in (True, False):
                carries = from_central == pdu.from_central
                payload = part if carries else b""
                kind = 1 if offset or not carries else 2
                data = data_pdu(kind, payload, sequence[from_central])
                packets.append(AirPacket(time=time, from_central=from_central, access_address=access_address, pdu=data))
                sequence[from_central] ^= 1
                time += (len(data) + 8) * 8 + 150
    return packets


def data_pdu(kind: int, payload: bytes, sequence: int) -> bytes:
    """A data channel PDU without its CRC."""
    flags = {"more_data": False, "sequence": sequence, "next_expected_sequence": 0, "kind": kind}
    return bytes(link_layer.DATA_PDU.build({"flags": flags, "length": len(payload), "payload": payload}))


def retransmitted(packet: AirPacket, *, first_crc_good: bool = True) -> list[AirPacket]:
    """The same PDU twice, as after a lost acknowledgement or a damaged first copy."""
    pdu = packet.pdu if first_crc_good else packet.pdu[:-1] + bytes([packet.pdu[-1] ^ 0x10])
    return [replace(packet, pdu=pdu, crc_good=first_crc_good), replace(packet, time=packet.time + 7500)]


def _opening(access_address: int) -> AirPacket:
    pdu = link_layer.CONNECT_IND.build(
        {
            "central": _CENTRAL_ADDRESS,
            "peripheral": PEER_ADDRESS,
            "access_address": access_address,
            "crc_init": bytes(3),
            "window_size": 1,
            "window_offset": 0,
            "interval": 24,
            "latency": 0,
            "timeout": 500,
            "channel_map": b"\xff\xff\xff\xff\x1f",
            "hop": 7,
        }
    )
    return AirPacket(time=0, from_central=True, access_address=_ADVERTISING, pdu=pdu)


def write_btsnoop(packets: Iterable[HciPacket], datalink: int = 1002, *, drops_at: int | None = None) -> bytes:
    """A btsnoop file of datalink 1001, 1002 or 2001; its own drop counter rises at packet ``drops_at``."""
    pieces = [btsnoop.HEADER.build({"datalink": datalink})]
    for index, packet in enumerate(packets):
        data = bytes([packet.kind]) + packet.data if datalink == 1002 else packet.data
        flags = (0 if packet.from_host else 1) | (0 if packet.kind == ACL else 2)
        if datalink == 2001:
            flags = {(COMMAND, True): 2, (EVENT, False): 3, (ACL, True): 4, (ACL, False): 5}[
                packet.kind, packet.from_host
            ]
        header = {
            "original_length": len(data),
            "included_length": len(data) - packet.cut,
            "flags": flags,
            "cumulative_drops": 3 if drops_at is not None and index >= drops_at else 0,
            "timestamp": packet.time + _EPOCH,
        }
        pieces.append(btsnoop.RECORD.build({"header": header, "packet": data[: len(data) - packet.cut]}))
    return b"".join(pieces)


def write_packet_logger(packets: Iterable[HciPacket], *, little_endian: bool = False) -> bytes:
    """A PacketLogger file in one of its byte orders, with a note between the first packets."""
    record = packet_logger.RECORD_LITTLE_ENDIAN if little_endian else packet_logger.RECORD_BIG_ENDIAN
    types = {(COMMAND, True): 0, (EVENT, False): 1, (ACL, True): 2, (ACL, False): 3}
    pieces: list[bytes] = []
    for index, packet in enumerate(packets):
        seconds, microseconds = divmod(packet.time, 1_000_000)
        fields = {"seconds": seconds, "microseconds": microseconds}
        if index == 1:
            pieces.append(record.build({**fields, "length": 9 + 5, "type": 0xFC, "packet": b"note\0"}))
        kind = types[packet.kind, packet.from_host]
        length = 9 + len(packet.data)
        pieces.append(record.build({**fields, "length": length, "type": kind, "packet": packet.data}))
    return b"".join(pieces)


def link_record(link_type: int, packet: HciPacket | AirPacket) -> bytes:
    """What a pcap record of ``link_type`` holds for ``packet``."""
    if isinstance(packet, AirPacket):
        return _air_record(link_type, packet)
    if link_type == 187:
        return bytes([packet.kind]) + packet.data
    if link_type == 201:
        return (0 if packet.from_host else 1).to_bytes(4, "big") + bytes([packet.kind]) + packet.data
    opcode = {(COMMAND, True): 2, (EVENT, False): 3, (ACL, True): 4, (ACL, False): 5}[packet.kind, packet.from_host]
    return b"\0\0" + opcode.to_bytes(2, "big") + packet.data


def _air_record(link_type: int, packet: AirPacket) -> bytes:
    crc = (zlib.crc32(packet.pdu) & 0xFFFFFF).to_bytes(3, "little")
    frame = packet.access_address.to_bytes(4, "little") + packet.pdu + crc
    if link_type == 251:
        return frame
    if link_type == 256:
        direction = (2 if packet.from_central else 3) << 7
        flags = 1 | direction | 0x0400 | (0x0800 if packet.crc_good else 0)
        header = {
            "channel": 5,
            "signal": -60,
            "noise": -90,
            "access_address_offences": 0,
            "reference_access_address": packet.access_address,
            "flags": flags,
        }
        return bytes(link_layer.LE_HEADER.build(header)) + frame
    fields = {
        "board": 0,
        "payload_length": 10 + len(frame),
        "protocol_version": 3,
        "counter": 0,
        "packet_id": 2 if packet.access_address == _ADVERTISING else 6,
        "flags": packet.crc_good | packet.from_central << 1,
        "channel": 5,
        "signal": 60,
        "event_counter": 0,
        "time_difference": 0,
    }
    return bytes(link_layer.NORDIC_HEADER.build(fields)) + frame


def write_pcap(packets: Iterable[HciPacket | AirPacket], link_type: int) -> bytes:
    """A little-endian pcap file with times in microseconds."""
    pieces = [pcap.PCAP_HEADER.build({"longest_packet": 65535, "link_type": link_type})]
    for packet in packets:
        data = link_record(link_type, packet)
        kept = data[: len(data) - packet.cut] if isinstance(packet, HciPacket) else data
        record = {
            "seconds": packet.time // 1_000_000,
            "microseconds": packet.time % 1_000_000,
            "included_length": len(kept),
            "original_length": len(data),
            "packet": kept,
        }
        pieces.append(pcap.PCAP_RECORD.build(record))
    return b"".join(pieces)


def write_pcapng(interfaces: Sequence[tuple[int, Sequence[HciPacket | AirPacket]]]) -> bytes:
    """A little-endian pcapng file; the packets of all interfaces in order of time."""
    pieces = [_block(0x0A0D0D0A, pcap.SECTION_HEADER_BODY.build({"section_length": -1}))]
    entries: list[tuple[int, int, bytes]] = []
    for index, (link_type, packets) in enumerate(interfaces):
        body = pcap.INTERFACE_BODY.build({"link_type": link_type, "longest_packet": 65535})
        pieces.append(_block(1, body))
        entries += [(packet.time, index, link_record(link_type, packet)) for packet in packets]
    for time, index, data in sorted(entries, key=lambda entry: entry[0]):
        fields = {
            "interface": index,
            "timestamp_high": time >> 32,
            "timestamp_low": time & 0xFFFFFFFF,
            "included_length": len(data),
            "original_length": len(data),
            "packet": data,
        }
        pieces.append(_block(6, pcap.ENHANCED_PACKET_BODY.build(fields)))
    return b"".join(pieces)


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return bytes(pcap.BLOCK.build({"type": kind, "length": size, "body": body, "length_again": size}))
