"""Which copies off the backbone are blocks that stand elsewhere in the order, not repeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forensics.align.pair import Pair, is_constant
from forensics.align.pieces import Piece

_MOST = 2000
"""Beyond so many copies off the backbone none is looked at in pairs."""


class Stray(NamedTuple):
    """A copy off the backbone, in the gap of that ``number``. ``place`` is the sent offset whose place it holds when
    the gap holds as many bytes as were due, else None.
    """

    number: int
    piece: Piece
    place: int | None


def from_hole(pair: Pair, piece: Piece, holes: Sequence[tuple[int, int]]) -> Piece:
    """The same copy taken from a place that lacks these bytes, where there is one: of several equal sources the missing
    one is the plainest.
    """
    if piece.sent is None or _in_hole(piece, holes):
        return piece
    content = pair.received[piece.start : piece.end]
    if is_constant(content):
        return piece
    for low, high in holes:
        if high - low >= piece.size:
            place = pair.sent.find(content, low, high)
            if place >= 0:
                return Piece(piece.start, piece.end, place)
    return piece


def moved(strays: Sequence[Stray], holes: Sequence[tuple[int, int]]) -> list[Piece]:
    """The strays whose bytes stand nowhere else, so they were moved.

    A stray that holds the place of other sent bytes was moved only if those were moved as well (two chunks changed
    places); else its bytes overwrote them.
    """
    if len(strays) > _MOST:
        return []
    candidates = [stray for stray in strays if _in_hole(stray.piece, holes)]
    candidates = _once(candidates)
    while True:
        ranges = [(stray.piece.sent or 0, stray.piece.sent_end) for stray in candidates]
        kept = [stray for stray in candidates if stray.place is None or _covered(stray.place, stray.piece.size, ranges)]
        if len(kept) == len(candidates):
            return [stray.piece for stray in kept]
        candidates = kept


def _in_hole(piece: Piece, holes: Sequence[tuple[int, int]]) -> bool:
    start, end = piece.sent or 0, piece.sent_end
    return any(low <= start and end <= high for low, high in holes)


def _once(strays: list[Stray]) -> list[Stray]:
    """Of strays with common source bytes only the first can be the moved block."""
    kept: list[Stray] = []
    for stray in strays:
        start, end = stray.piece.sent or 0, stray.piece.sent_end
        if all(end <= (other.piece.sent or 0) or other.piece.sent_end <= start for other in kept):
            kept.append(stray)
    return kept


def _covered(start: int, size: int, ranges: Sequence[tuple[int, int]]) -> bool:
    end = start + size
    for low, high in sorted(ranges):
        if low <= start < high:
            start = high
    return start >= end
