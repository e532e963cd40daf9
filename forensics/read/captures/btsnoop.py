"""btsnoop files: Android's HCI snoop log, ``btmon -w``, Frontline.

Source: BlueZ 5.66 ``src/shared/btsnoop.c`` and ``monitor/packet.h``; the layout is described in
``tests/captures/layouts/btsnoop.py`` and read with ``struct`` here, since a log holds millions of records.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from forensics.errors import InputError
from forensics.read.captures.blocks import Blocks
from forensics.read.captures.packets import (
    ACL,
    CAPTURE_AGAIN,
    COMMAND,
    EVENT,
    ISO,
    MAX_RECORD_SIZE,
    OTHER,
    SCO,
    Decoded,
    Packet,
    ReportProblem,
)

MAGIC = b"btsnoop\0"
HCI_UNENCAPSULATED = 1001
HCI_UART = 1002
LINUX_MONITOR = 2001
EPOCH = 0x00DCDDB30F2F8000
"""Microseconds from the year 0 to 1970."""

_HEADER = struct.Struct(">8sII")
_RECORD = struct.Struct(">IIIIq")
_NAMES = {1003: "BCSP", 1004: "three-wire UART", 2002: "simulator"}

MONITOR_KINDS: dict[int, tuple[int, bool | None]] = {
    2: (COMMAND, True),
    3: (EVENT, False),
    4: (ACL, True),
    5: (ACL, False),
    6: (SCO, True),
    7: (SCO, False),
    18: (ISO, True),
    19: (ISO, False),
}
"""Linux monitor opcode to kind and direction; the others are notes about the adapter."""


def sniff(head: bytes) -> bool:
    """``head`` begins with the magic."""
    return head.startswith(MAGIC)


def packets(stream: BinaryIO, report: ReportProblem, name: str) -> Iterator[Packet]:
    """The packets of a btsnoop stream.

    Raises:
        InputError: the header is cut, or the datalink is none that holds HCI packets.
    """
    blocks = Blocks(stream)
    if not blocks.refill(0, _HEADER.size) or not sniff(blocks.data):
        raise InputError("the btsnoop header is cut or damaged", name=name, offset=0, next_step=CAPTURE_AGAIN)
    _magic, _version, datalink = _HEADER.unpack_from(blocks.data)
    if datalink not in _DECODERS:
        what = _NAMES.get(datalink, "unknown")
        raise InputError(f"btsnoop datalink {datalink} ({what}) is not read", name=name, next_step="export as pcap")
    return _records(blocks, datalink, report)


def _records(blocks: Blocks, datalink: int, report: ReportProblem) -> Iterator[Packet]:
    unpack, header_size, decode = _RECORD.unpack_from, _RECORD.size, _DECODERS[datalink]
    position, number, drops_before = _HEADER.size, 0, 0
    while True:
        if position + header_size > len(blocks.data):
            if not blocks.refill(position, header_size):
                break
            position = 0
        original, included, flags, drops, stamp = unpack(blocks.data, position)
        if included > MAX_RECORD_SIZE:
            report("unreadable", number + 1, f"a record says {included} bytes; nothing behind it can be read", 1)
            return
        end = position + header_size + included
        if end > len(blocks.data):
            if not blocks.refill(position, header_size + included):
                break
            position, end = 0, header_size + included
        kind, from_host, data, adapter = decode(flags, blocks.data[position + header_size : end])
        position = end
        number += 1
        if drops != drops_before:
            if drops > drops_before:
                report(
                    "dropped",
                    number,
                    "the capture itself lost packets, by its own count",
                    drops - drops_before,
                )
            drops_before = drops
        yield (
            number,
            stamp - EPOCH if stamp > 0 else 0,
            kind,
            from_host,
            data,
            max(0, original - included),
            adapter,
        )
    if len(blocks.data):
        report("cut", number + 1, "the file ends inside a record", 1)


def _unencapsulated(flags: int, data: bytes) -> Decoded:
    if flags & 2:
        return EVENT if flags & 1 else COMMAND, not flags & 1, data, 0
    return ACL, not flags & 1, data, 0


def _uart(flags: int, data: bytes) -> Decoded:
    return data[0] if data else OTHER, not flags & 1, data[1:], 0


def _monitor(flags: int, data: bytes) -> Decoded:
    kind, from_host = MONITOR_KINDS.get(flags & 0xFFFF, (OTHER, None))
    return kind, from_host, data, flags >> 16


_DECODERS: dict[int, Callable[[int, bytes], Decoded]] = {
    HCI_UNENCAPSULATED: _unencapsulated,
    HCI_UART: _uart,
    LINUX_MONITOR: _monitor,
}
