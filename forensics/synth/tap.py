"""The tap of ``samples/firmware/otatap.h`` in Python: what a device that has it notifies and prints."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from forensics.spec.tap import (
    CHUNK_RECORD,
    CHUNKS,
    FRAME_HEADER,
    SECTOR_RECORD,
    SECTORS,
    SECTORS_FIRST,
    TAP_SECTOR_SIZE,
    TOTALS,
    TOTALS_RECORD,
    first_byte,
    line_check,
)

_SECTORS_OF_A_LINE = 4
_MOST_UNRECORDED = 0xFFFF


class DeviceTap:
    """Takes the chunks as the write callback does, and gives the frames to notify.

    Args:
        payload: Bytes of one notification, ATT MTU - 3.
        capacity: Chunks that the ring holds until ``frames`` takes them.
    """

    def __init__(self, payload: int = 244, capacity: int = 64) -> None:
        self._payload = payload
        self._most_chunks: int = (payload - FRAME_HEADER.sizeof()) // CHUNK_RECORD.sizeof()
        self._capacity = capacity
        self.begin()

    def begin(self) -> None:
        """A transfer begins: everything counts from 0 again."""
        self._sequence = self._chunks = self._size = self._crc = self._unrecorded = 0
        self._ring: list[bytes] = []

    def chunk(self, offset: int, data: bytes) -> None:
        """The write callback was called with ``data``, which the receiver puts at ``offset`` of the image."""
        record = {"index": self._chunks, "offset": offset, "length": len(data), "crc32": zlib.crc32(data)}
        if len(self._ring) < self._capacity:
            self._ring.append(CHUNK_RECORD.build(record))
        else:
            self._unrecorded = min(self._unrecorded + 1, _MOST_UNRECORDED)
        self._chunks += 1
        self._size += len(data)
        self._crc = zlib.crc32(data, self._crc)

    @property
    def full(self) -> bool:
        """The chunks at hand fill a notification."""
        return len(self._ring) >= self._most_chunks

    def frames(self) -> Iterator[bytes]:
        """Frames of the chunks that were taken since the last call."""
        ring, self._ring = self._ring, []
        for first in range(0, len(ring), self._most_chunks):
            some = ring[first : first + self._most_chunks]
            yield self._frame(CHUNKS, len(some), b"".join(some))

    def totals(self) -> bytes:
        """The frame that ends a transfer."""
        record = {"chunks": self._chunks, "size": self._size, "crc32": self._crc, "unrecorded": self._unrecorded}
        return self._frame(TOTALS, 1, TOTALS_RECORD.build(record))

    def sectors(self, slot: bytes) -> Iterator[bytes]:
        """Frames of the map of ``slot``: the sectors that were written, to their ends."""
        crcs = sector_crcs(slot)
        most = (self._payload - FRAME_HEADER.sizeof() - SECTORS_FIRST.sizeof()) // SECTOR_RECORD.sizeof()
        for first in range(0, len(crcs), most):
            some = crcs[first : first + most]
            records = b"".join(SECTOR_RECORD.build({"crc32": crc}) for crc in some)
            yield self._frame(SECTORS, len(some), SECTORS_FIRST.build({"first": first}) + records)

    def _frame(self, kind: int, count: int, content: bytes) -> bytes:
        header = {"kind": first_byte(kind), "count": count, "sequence": self._sequence}
        self._sequence = (self._sequence + 1) & 0xFFFF
        return bytes(FRAME_HEADER.build(header)) + content


def sector_crcs(slot: bytes) -> tuple[int, ...]:
    """CRC32 of each sector of ``slot``; the last one is erased flash behind the end."""
    padded = memoryview(slot + b"\xff" * (-len(slot) % TAP_SECTOR_SIZE))
    return tuple(zlib.crc32(padded[at : at + TAP_SECTOR_SIZE]) for at in range(0, len(padded), TAP_SECTOR_SIZE))


def map_lines(slot: bytes) -> tuple[str, ...]:
    """The lines that the tap prints of ``slot``, without level, time and tag."""
    crcs = sector_crcs(slot)
    return tuple(
        map_line(first, crcs[first : first + _SECTORS_OF_A_LINE]) for first in range(0, len(crcs), _SECTORS_OF_A_LINE)
    )


def map_line(first: int, crcs: Sequence[int]) -> str:
    """One line: the first sector in hex, how many, their CRC32s, and the line's check."""
    words = " ".join(f"{crc:08x}" for crc in crcs)
    return f"OTAMAP {first:04x} {len(crcs)} {words} ={line_check(first, crcs):08x}"
