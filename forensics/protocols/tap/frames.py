"""The frames that the tap in the device notifies. ``forensics/spec/tap.py`` has the layouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forensics.spec.tap import (
    CHUNK_RECORD,
    CHUNKS,
    FRAME_HEADER,
    SECTOR_RECORD,
    SECTORS,
    SECTORS_FIRST,
    TAP_VERSION,
    TOTALS,
    TOTALS_RECORD,
)

_HEADER_SIZE = FRAME_HEADER.sizeof()
_CHUNK_SIZE = CHUNK_RECORD.sizeof()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """One call of the device's write callback.

    Attributes:
        index: Its number from 0.
        offset: Where in the image the receiver puts the chunk.
        length: Bytes of the chunk.
        crc32: CRC32 of the chunk.
    """

    index: int
    offset: int
    length: int
    crc32: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The end of a transfer, as the device counted it: chunks, bytes, CRC32 over all, chunks without a fingerprint."""

    chunks: int
    size: int
    crc32: int
    unrecorded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One notification of the tap.

    Attributes:
        sequence: Its number in the transfer, modulo 65536.
        fingerprints: Chunks, in the order of the callback.
        sectors: CRC32 by index of the sector in the slot.
        totals: Set when it ends a transfer.
    """

    sequence: int
    fingerprints: tuple[Fingerprint, ...] = ()
    sectors: tuple[tuple[int, int], ...] = ()
    totals: Totals | None = None


def read_frame(value: bytes) -> Frame | None:
    """One notification as the tap sends it; None when it is none of this version."""
    if len(value) < _HEADER_SIZE or value[0] >> 4 != TAP_VERSION:
        return None
    kind, (count, sequence) = value[0] & 0xF, (value[1], int.from_bytes(value[2:4], "little"))
    content = value[_HEADER_SIZE:]
    if kind == CHUNKS and len(content) == count * _CHUNK_SIZE:
        records = (CHUNK_RECORD.parse(content[at : at + _CHUNK_SIZE]) for at in range(0, len(content), _CHUNK_SIZE))
        return Frame(sequence=sequence, fingerprints=tuple(Fingerprint(**_fields(one)) for one in records))
    if kind == SECTORS and len(content) == SECTORS_FIRST.sizeof() + count * SECTOR_RECORD.sizeof():
        first = SECTORS_FIRST.parse(content).first
        crcs = content[SECTORS_FIRST.sizeof() :]
        sectors = ((first + n, int.from_bytes(crcs[4 * n : 4 * n + 4], "little")) for n in range(count))
        return Frame(sequence=sequence, sectors=tuple(sectors))
    if kind == TOTALS and len(content) == TOTALS_RECORD.sizeof():
        return Frame(sequence=sequence, totals=Totals(**_fields(TOTALS_RECORD.parse(content))))
    return None


def _fields(record: Any) -> dict[str, int]:  # noqa: ANN401 - construct has no types
    return {str(name): int(value) for name, value in record.items() if not str(name).startswith("_")}
