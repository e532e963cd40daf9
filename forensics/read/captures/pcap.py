"""pcap files of Wireshark, tcpdump and sniffers.

Source: IETF draft ``draft-ietf-opsawg-pcap``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from forensics.errors import InputError
from forensics.read.captures.blocks import Blocks
from forensics.read.captures.link_types import AIR_LINK_TYPES, BASEBAND, HCI_DECODERS
from forensics.read.captures.packets import CAPTURE_AGAIN, MAX_RECORD_SIZE, Packet, ReportProblem

_HEADER_SIZE = 24
_RECORD_SIZE = 16
_ORDERS = {
    b"\xa1\xb2\xc3\xd4": (">", 1),
    b"\xd4\xc3\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1000),
}
"""Magic to byte order and to how many units of the second time field make a microsecond."""


def sniff(head: bytes) -> bool:
    """``head`` begins with one of the four magics."""
    return head[:4] in _ORDERS


def packets(stream: BinaryIO, report: ReportProblem, name: str) -> Iterator[Packet]:
    """The packets of a pcap stream.

    Raises:
        InputError: the header is cut, or the link type is none of Bluetooth LE.
    """
    blocks = Blocks(stream)
    if not blocks.refill(0, _HEADER_SIZE) or not sniff(blocks.data):
        raise InputError("the pcap header is cut or damaged", name=name, offset=0, next_step=CAPTURE_AGAIN)
    order, units = _ORDERS[blocks.data[:4]]
    (link_type,) = struct.unpack_from(order + "I", blocks.data, 20)
    link_type &= 0xFFFF
    if link_type not in HCI_DECODERS:
        raise unread_link_type(link_type, name)
    return _records(blocks, struct.Struct(order + "IIII"), units, link_type, report)


def unread_link_type(link_type: int, name: str) -> InputError:
    """The error for a capture of something else than Bluetooth LE."""
    what = "classic Bluetooth baseband" if link_type == BASEBAND else "not Bluetooth LE"
    return InputError(
        f"link type {link_type} ({what}) holds no ATT that otadiff can read",
        name=name,
        next_step="capture HCI, or the LE link layer",
    )


def _records(blocks: Blocks, header: struct.Struct, units: int, link_type: int, report: ReportProblem) -> Iterator[Packet]:
    unpack, decode = header.unpack_from, HCI_DECODERS[link_type]
    air = link_type << 16 if link_type in AIR_LINK_TYPES else 0
    position, number = _HEADER_SIZE, 0
    while True:
        if position + _RECORD_SIZE > len(blocks.data):
            if not blocks.refill(position, _RECORD_SIZE):
                break
            position = 0
        seconds, fraction, included, original = unpack(blocks.data, position)
        if included > MAX_RECORD_SIZE:
            report("unreadable", number + 1, f"a record says {included} bytes; nothing behind it can be read", 1)
            return
        end = position + _RECORD_SIZE + included
        if end > len(blocks.data):
            if not blocks.refill(position, _RECORD_SIZE + included):
                break
            position, end = 0, _RECORD_SIZE + included
        kind, from_host, data, adapter = decode(blocks.data[position + _RECORD_SIZE : end])
        position = end
        number += 1
        missing = original - included if original > included else 0
        yield number, seconds * 1_000_000 + fraction // units, kind, from_host, data, missing, air | adapter
    if len(blocks.data):
        report("cut", number + 1, "the file ends inside a record", 1)
