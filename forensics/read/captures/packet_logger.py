"""Apple PacketLogger files (.pklg), in both byte orders that were in use.

Source: BTstack ``hci_dump_posix_fs.c`` and Wireshark ``wiretap/packetlogger.c``, read for facts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from forensics.errors import InputError
from forensics.read.captures.blocks import Blocks
from forensics.read.captures.packets import (
    ACL,
    CAPTURE_AGAIN,
    COMMAND,
    EVENT,
    MAX_RECORD_SIZE,
    OTHER,
    SCO,
    Packet,
    ReportProblem,
)

KINDS: dict[int, tuple[int, bool | None]] = {
    0: (COMMAND, True),
    1: (EVENT, False),
    2: (ACL, True),
    3: (ACL, False),
    8: (SCO, True),
    9: (SCO, False),
}
"""Record type to kind and direction; the others are notes of the logger."""

_NOTES = frozenset((0x0A, 0x0B, 0xF7, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF))
_FIELDS = "IIIB"
_HEADER_SIZE = 13
_LENGTH_SIZE = 4
_SHORTEST = 8
"""What a record without a type and a packet says of its length."""
_CHAIN = 8
_YEAR_2001 = 978_307_200
"""Records bear Unix time; a dump of firmware that looks like a record seldom bears a date on top."""


def sniff(head: bytes) -> bool:
    """Up to eight records follow one another in one of the byte orders; the format has no magic."""
    return byte_order(head) is not None


def byte_order(head: bytes) -> str | None:
    """``>`` or ``<``, whichever makes the first records chain; None when neither does."""
    for order in (">", "<"):
        if _chains(head, order):
            return order
    return None


def _chains(head: bytes, order: str) -> bool:
    unpack = struct.Struct(order + _FIELDS).unpack_from
    position = count = 0
    while count < _CHAIN and position + _HEADER_SIZE <= len(head):
        size, seconds, microseconds, kind = unpack(head, position)
        if not _SHORTEST <= size <= MAX_RECORD_SIZE or microseconds >= 1_000_000 or seconds < _YEAR_2001:
            return False
        if size > _SHORTEST and kind not in KINDS and kind not in _NOTES:
            return False
        position += _LENGTH_SIZE + size
        count += 1
    return count > 0


def packets(stream: BinaryIO, report: ReportProblem, name: str) -> Iterator[Packet]:
    """The packets of a PacketLogger stream.

    Raises:
        InputError: the records chain in neither byte order.
    """
    blocks = Blocks(stream)
    blocks.refill(0, 1 << 16)
    order = byte_order(blocks.data)
    if order is None:
        raise InputError(
            "is no PacketLogger file: its records do not follow one another", name=name, offset=0, next_step=CAPTURE_AGAIN
        )
    return _records(blocks, struct.Struct(order + _FIELDS), report)


def _records(blocks: Blocks, header: struct.Struct, report: ReportProblem) -> Iterator[Packet]:
    unpack = header.unpack_from
    position = number = 0
    while True:
        if position + _HEADER_SIZE > len(blocks.data):
            if not blocks.refill(position, _HEADER_SIZE):
                break
            position = 0
        size, seconds, microseconds, kind = unpack(blocks.data, position)
        if not _SHORTEST <= size <= MAX_RECORD_SIZE:
            report("unreadable", number + 1, f"a record says {size} bytes; nothing behind it can be read", 1)
            return
        end = position + _LENGTH_SIZE + size
        if end > len(blocks.data):
            if not blocks.refill(position, _LENGTH_SIZE + size):
                break
            position, end = 0, _LENGTH_SIZE + size
        data = blocks.data[position + _HEADER_SIZE : end]
        position = end
        number += 1
        packet_kind, from_host = KINDS.get(kind if size > _SHORTEST else 0xFC, (OTHER, None))
        yield number, seconds * 1_000_000 + microseconds, packet_kind, from_host, data, 0, 0
    if len(blocks.data):
        report("cut", number + 1, "the file ends inside a record", 1)
