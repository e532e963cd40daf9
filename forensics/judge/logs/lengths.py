"""A mistaken segment length, looked up in SENT: how many bytes were lost or gained before its header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from forensics.errors import UsageError
from forensics.model.solve import LengthHit
from forensics.spec.chunk_sizes import USUAL_SIZES

LENGTH_SIZE = 4
_BLANK = frozenset((0x00000000, 0xFFFFFFFF))
"""Unwritten slot: the bytes say that the data ran out, not where they came from."""

_FAR = 1 << 17
"""How far from its place the length is looked for: eight of the largest blocks that a receiver buffers."""

_MOST_HITS = 256
"""Bytes that occur this often explain nothing; the nearest are taken."""


class _Place(NamedTuple):
    """One occurrence. ``rank`` is 0 where SENT itself has the length, 1 for whole chunks, else 2."""

    rank: int
    distance: int
    lost: int
    chunk_size: int | None


def locate_length(
    sent: bytes, value: int, at: int, *, chunk_sizes: Sequence[int] | None = None, far: int = _FAR
) -> tuple[LengthHit, ...]:
    """Where in SENT the bytes come from that the device took for a segment length.

    The device reads a segment header where the one before says that the segment ends. After a loss the bytes
    that stand there belong further back in SENT, so the distance is what was lost. Source: ESP-IDF v5.4
    ``esp_image_format.c``, ``process_segment`` and its message ``invalid segment length 0x%x``.

    Args:
        sent: The whole file that was sent.
        value: The length that the device printed.
        at: File offset in the received image where the device read it: that of the segment header plus 4.
        chunk_sizes: Bytes of a chunk, best guess first; None takes the usual sizes.
        far: How many bytes may be lost or gained at most.

    Returns:
        Every place, likeliest first: whole chunks, then any number of bytes, each by distance. Empty when the
        bytes are unwritten slot (0 or 0xFFFFFFFF) or stand nowhere near.

    Raises:
        UsageError: the value is no 32-bit number, or a size or distance is negative.
    """
    if not 0 <= value < 1 << (8 * LENGTH_SIZE):
        raise UsageError(f"{value} is no 32-bit length", next_step="give the length that the log shows")
    if at < 0 or far < 0 or any(size < 1 for size in chunk_sizes or ()):
        raise UsageError(
            "a segment length is looked up at a file offset, with sizes above zero",
            next_step="give an offset from 0 and sizes from 1",
        )
    if value in _BLANK:
        return ()
    sizes = USUAL_SIZES if chunk_sizes is None else tuple(chunk_sizes)
    offsets = islice(_occurrences(sent, value.to_bytes(LENGTH_SIZE, "little"), at, far), _MOST_HITS)
    places = sorted((_place(offset - at, sizes) for offset in offsets), key=lambda place: place[:2])
    rivals = Counter(place.rank for place in places)
    return tuple(
        LengthHit(
            found=at + place.lost,
            lost=place.lost,
            chunk_size=place.chunk_size,
            chunks=place.lost // place.chunk_size if place.chunk_size else None,
            unique=place is places[0] and rivals[place.rank] == 1,
        )
        for place in places
    )


def _occurrences(sent: bytes, needle: bytes, at: int, far: int) -> list[int]:
    """File offsets of ``needle`` no further than ``far`` from ``at``, nearest first."""
    offsets = []
    start = sent.find(needle, max(0, at - far), at + far + LENGTH_SIZE)
    while start >= 0:
        offsets.append(start)
        start = sent.find(needle, start + 1, at + far + LENGTH_SIZE)
    return sorted(offsets, key=lambda offset: (abs(offset - at), offset))


def _place(lost: int, sizes: Sequence[int]) -> _Place:
    if lost == 0:
        return _Place(0, 0, lost, None)
    size = next((size for size in sizes if lost % size == 0), None)
    return _Place(1 if size else 2, abs(lost), lost, size)
