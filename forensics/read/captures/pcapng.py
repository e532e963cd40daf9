"""pcapng files: several interfaces, each with its own link type and clock.

Source: IETF draft ``draft-ietf-opsawg-pcapng``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from forensics.errors import InputError
from forensics.read.captures.blocks import Blocks
from forensics.read.captures.link_types import AIR_LINK_TYPES, HCI_DECODERS
from forensics.read.captures.packets import CAPTURE_AGAIN, MAX_RECORD_SIZE, OTHER, Packet, ReportProblem
from forensics.read.captures.pcap import unread_link_type

INTERFACE_DESCRIPTION = 1
PACKET = 2
SIMPLE_PACKET = 3
INTERFACE_STATISTICS = 5
ENHANCED_PACKET = 6

_BYTE_ORDER_MAGIC = b"\x1a\x2b\x3c\x4d"
_TIME_RESOLUTION = 9
_END_OF_OPTIONS = 0
_SMALLEST_BLOCK = 12
_MAX_BLOCK = MAX_RECORD_SIZE * 4
_MAX_INTERFACES = 1024
_LATEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class _Interface:
    """Link type, and what a time stamp counts: ``multiplier / divisor`` microseconds."""

    link_type: int
    multiplier: int
    divisor: int


def sniff(head: bytes) -> bool:
    """``head`` begins with a section header block in either byte order."""
    return head[:4] == b"\x0a\x0d\x0d\x0a" and head[8:12] in (_BYTE_ORDER_MAGIC, _BYTE_ORDER_MAGIC[::-1])


def packets(stream: BinaryIO, report: ReportProblem, name: str) -> Iterator[Packet]:
    """The packets of all interfaces of a pcapng stream, in file order.

    Raises:
        InputError: the section header is cut, or no interface has a link type of Bluetooth LE.
    """
    blocks = Blocks(stream)
    if not blocks.refill(0, 12) or not sniff(blocks.data):
        raise InputError("the pcapng section header is cut or damaged", name=name, offset=0, next_step=CAPTURE_AGAIN)
    return _Reader(blocks, report, name).packets()


class _Reader:
    def __init__(self, blocks: Blocks, report: ReportProblem, name: str) -> None:
        self._blocks = blocks
        self._report = report
        self._name = name
        self._interfaces: list[_Interface] = []
        self._order = "<"
        self._number = 0
        self._useful = False

    def packets(self) -> Iterator[Packet]:
        """The packets of all blocks, in file order."""
        blocks = self._blocks
        position = 0
        while True:
            if position + 12 > len(blocks.data):
                if not blocks.refill(position, 12):
                    break
                position = 0
            if blocks.data[position : position + 4] == b"\x0a\x0d\x0d\x0a":
                self._order = ">" if blocks.data[position + 8 : position + 12] == _BYTE_ORDER_MAGIC else "<"
                self._interfaces = []
            kind, size = struct.unpack_from(self._order + "II", blocks.data, position)
            if size < _SMALLEST_BLOCK or size % 4 or size > _MAX_BLOCK:
                text = f"a block says {size} bytes; nothing behind it can be read"
                self._report("unreadable", self._number + 1, text, 1)
                return
            if position + size > len(blocks.data):
                if not blocks.refill(position, size):
                    break
                position = 0
            body = blocks.data[position + 8 : position + size - 4]
            position += size
            packet = self._block(kind, body)
            if packet is not None:
                yield packet
        if len(blocks.data):
            self._report("cut", self._number + 1, "the file ends inside a block", 1)
        if self._interfaces and not self._useful:
            raise unread_link_type(self._interfaces[0].link_type, self._name)

    def _block(self, kind: int, body: bytes) -> Packet | None:
        try:
            if kind == ENHANCED_PACKET:
                interface, high, low, included, original = struct.unpack_from(self._order + "IIIII", body)
                return self._packet(interface, high << 32 | low, body[20 : 20 + included], included, original)
            if kind == INTERFACE_DESCRIPTION:
                self._interface(body)
            elif kind == SIMPLE_PACKET:
                (original,) = struct.unpack_from(self._order + "I", body)
                return self._packet(0, 0, body[4 : 4 + original], min(original, len(body) - 4), original)
            elif kind == PACKET:
                interface, drops, high, low, included, original = struct.unpack_from(self._order + "HHIIII", body)
                if drops not in (0, 0xFFFF):
                    text = "the capture itself lost packets, by its own count"
                    self._report("dropped", self._number + 1, text, drops)
                return self._packet(interface, high << 32 | low, body[20 : 20 + included], included, original)
            elif kind == INTERFACE_STATISTICS:
                self._statistics(body)
        except struct.error:
            self._report("unreadable", self._number + 1, "blocks too short for their kind", 1)
        return None

    def _packet(self, interface: int, ticks: int, data: bytes, included: int, original: int) -> Packet:
        self._number += 1
        number = self._number
        if interface >= len(self._interfaces):
            self._report("unreadable", number, "packets of an interface that no block describes", 1)
            return number, 0, OTHER, None, b"", 0, 0
        description = self._interfaces[interface]
        time = min(ticks * description.multiplier // description.divisor, _LATEST)
        decode = HCI_DECODERS.get(description.link_type)
        if decode is None:
            return number, time, OTHER, None, b"", 0, 0
        self._useful = True
        kind, from_host, packet, adapter = decode(data)
        source = interface << 32 | adapter
        if description.link_type in AIR_LINK_TYPES:
            source |= description.link_type << 16
        return number, time, kind, from_host, packet, max(0, original - len(data)), source

    def _interface(self, body: bytes) -> None:
        if len(self._interfaces) >= _MAX_INTERFACES:
            raise InputError(
                f"describes more than {_MAX_INTERFACES} interfaces",
                name=self._name,
                next_step="export the packets of one interface",
            )
        (link_type,) = struct.unpack_from(self._order + "H", body)
        multiplier, divisor = 1, 1
        for code, value in self._options(body, 8):
            if code == _TIME_RESOLUTION and value:
                exponent = value[0] & 0x7F
                divisor = 2**exponent if value[0] & 0x80 else 10**exponent
                multiplier = 1_000_000
        self._interfaces.append(_Interface(link_type, multiplier, divisor))

    def _statistics(self, body: bytes) -> None:
        """Counts of packets that the interface or the program dropped (options 5 and 7)."""
        for code, value in self._options(body, 12):
            if code in (5, 7) and len(value) == 8:
                (drops,) = struct.unpack(self._order + "Q", value)
                if drops:
                    text = "the capture itself lost packets, by its own count"
                    self._report("dropped", None, text, drops)

    def _options(self, body: bytes, position: int) -> Iterator[tuple[int, bytes]]:
        while position + 4 <= len(body):
            code, size = struct.unpack_from(self._order + "HH", body, position)
            if code == _END_OF_OPTIONS:
                return
            yield code, body[position + 4 : position + 4 + size]
            position += 4 + (size + 3 & ~3)
