"""Stores packets in the files of every container, with the defects that a capture can have."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Sequence

from forensics.spec.crc24 import crc24
from tests.captures.conversation import (
    ACL,
    ADVERTISING_ACCESS_ADDRESS,
    COMMAND,
    CRC_INIT,
    EVENT,
    AirPacket,
    HciPacket,
)
from tests.captures.layouts import btsnoop, btsnooz, link_layer, packet_logger, pcap

_EPOCH = 0x00DCDDB30F2F8000


def write_btsnoop(packets: Iterable[HciPacket], datalink: int = 1002, *, drops_at: int | None = None) -> bytes:
    """A btsnoop file of datalink 1001, 1002 or 2001; its own drop counter rises at packet ``drops_at``."""
    pieces = [btsnoop.HEADER.build({"datalink": datalink})]
    for index, packet in enumerate(packets):
        data = bytes([packet.kind]) + packet.data if datalink == 1002 else packet.data
        flags = (0 if packet.from_host else 1) | (0 if packet.kind == ACL else 2)
        if datalink == 2001:
            flags = {(COMMAND, True): 2, (EVENT, False): 3, (ACL, True): 4, (ACL, False): 5}[packet.kind, packet.from_host]
        header = {
            "original_length": len(data),
            "included_length": len(data) - packet.cut,
            "flags": flags,
            "cumulative_drops": 3 if drops_at is not None and index >= drops_at else 0,
            "timestamp": packet.time + _EPOCH,
        }
        pieces.append(btsnoop.RECORD.build({"header": header, "packet": data[: len(data) - packet.cut]}))
    return b"".join(pieces)


def write_btsnooz(packets: Sequence[HciPacket], version: int = 2, *, cut: int = 0) -> bytes:
    """The text of a bug report with its short snoop log, in which ACL packets lose their last ``cut`` bytes."""
    types = {(COMMAND, True): 0x20, (EVENT, False): 0x10, (ACL, True): 0x21, (ACL, False): 0x11}
    layout = btsnooz.RECORD_1 if version == 1 else btsnooz.RECORD_2
    pieces: list[bytes] = []
    before = packets[0].time
    for packet in packets:
        kept = packet.data[: len(packet.data) - (cut if packet.kind == ACL else 0)]
        fields = {"length": len(kept) + 1, "delta": max(0, packet.time - before), "packet": kept}
        fields["type"] = types[packet.kind, packet.from_host]
        pieces.append(layout.build({**fields, "original_length": len(packet.data) + 1}))
        before = packet.time
    header = btsnooz.HEADER.build({"version": version, "last_timestamp": before})
    digits = base64.encodebytes(header + zlib.compress(b"".join(pieces)))
    begin, end = b"--- BEGIN:BTSNOOP_LOG_SUMMARY (1 bytes in) ---\n", b"--- END:BTSNOOP_LOG_SUMMARY ---\n"
    return b"=" * 56 + b"\n== dumpstate: 2025-10-09 08:53:20\n" + begin + digits + end + b"Bluetooth Status\n"


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
    init = 0x555555 if packet.access_address == ADVERTISING_ACCESS_ADDRESS else CRC_INIT
    crc = crc24(packet.pdu, init) if packet.crc_good else bytes(3)
    frame = packet.access_address.to_bytes(4, "little") + packet.pdu + crc
    if link_type == 251:
        return frame
    if link_type == 192:
        return struct.pack("<BBHI", 0, 0, 8, 251) + frame
    if link_type == 256:
        advertising = packet.access_address == ADVERTISING_ACCESS_ADDRESS
        kind = 0 if advertising else 2 if packet.from_central else 3
        flags = 1 | kind << 7 | 0x0400 | (0x0800 if packet.crc_good else 0)
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
        "packet_id": 2 if packet.access_address == ADVERTISING_ACCESS_ADDRESS else 6,
        "flags": packet.crc_good | packet.from_central << 1,
        "channel": 5,
        "signal": 60,
        "event_counter": packet.event,
        "time_difference": 0,
    }
    return bytes(link_layer.NORDIC_HEADER.build(fields)) + frame


def write_pcap(packets: Iterable[HciPacket | AirPacket], link_type: int) -> bytes:
    """A little-endian pcap file with times in microseconds."""
    records = ((packet.time, link_record(link_type, packet), _cut(packet)) for packet in packets)
    return write_pcap_records(records, link_type)


def write_pcap_records(records: Iterable[tuple[int, bytes, int]], link_type: int) -> bytes:
    """A pcap file of records as they stand: time, content, and how many bytes of its end the capture left out."""
    pieces = [pcap.PCAP_HEADER.build({"longest_packet": 65535, "link_type": link_type})]
    for time, data, cut in records:
        record = {
            "seconds": time // 1_000_000,
            "microseconds": time % 1_000_000,
            "included_length": len(data) - cut,
            "original_length": len(data),
            "packet": data[: len(data) - cut],
        }
        pieces.append(pcap.PCAP_RECORD.build(record))
    return b"".join(pieces)


def _cut(packet: HciPacket | AirPacket) -> int:
    return packet.cut if isinstance(packet, HciPacket) else 0


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
