"""What a changed source does to the bytes of a segment once the linker has placed everything again."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

_DISTANCE = 4000
_SIZES = (4, 4, 8, 8, 12, 16, 20, 24, 32, 48, 64, 120, 260, 400)
_JUMP_EVERY = 160
_TEXT = re.compile(rb"[\x20-\x7e]{8,}")


@dataclass(frozen=True, slots=True)
class Cut:
    """``removed`` bytes at offset ``start`` of a segment give way to ``added``."""

    start: int
    removed: int
    added: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChange:
    """How one segment changed, cuts in ascending order. ``size`` is its length before (bytes)."""

    load_addr: int
    size: int
    cuts: tuple[Cut, ...]


def change_sources(load_addr: int, data: bytes, *, keep_size: bool, rng: Random) -> SourceChange:
    """Additions and removals of 4 to 400 bytes, one in about 4000 bytes and at least one.

    Args:
        load_addr: Load address of the segment.
        data: Its bytes.
        keep_size: True when the segment must end where it ended; the last cut then makes up for the others.
        rng: Source of every choice.
    """
    cuts: list[Cut] = []
    grown = 0
    offset = rng.randrange(min(len(data) // 2, _DISTANCE))
    while offset < len(data) * 7 // 8:
        size = min(rng.choice(_SIZES), len(data) // 16 & ~3)
        start = offset & ~3
        # The last sixteenth stays free of cuts, for the one that restores the length.
        if grown + size <= len(data) // 16 and rng.random() < 0.5:
            cuts.append(Cut(start, 0, _like(data, size, rng)))
            grown += size
        else:
            cuts.append(Cut(start, size, b""))
            grown -= size
        offset = start + size + rng.randrange(_DISTANCE // 4, _DISTANCE * 7 // 4)
    if keep_size:
        cuts.append(_compensate(data, grown, rng))
    return SourceChange(load_addr=load_addr, size=len(data), cuts=tuple(cuts))


def link(data: bytes, change: SourceChange, changes: Sequence[SourceChange], *, rng: Random) -> bytes:
    """The bytes of one segment after ``change``; its addresses follow what ``changes`` moved."""
    words = _move_addresses(data, changes)
    pieces: list[bytes] = []
    offset = 0
    for cut in change.cuts:
        pieces += (words[offset : cut.start], cut.added)
        offset = cut.start + cut.removed
    linked = bytearray(b"".join((*pieces, words[offset:])))
    if _is_code(data):
        _move_jumps(linked, rng)
    return bytes(linked)


def _compensate(data: bytes, grown: int, rng: Random) -> Cut:
    """The cut at the end that brings a segment that has ``grown`` (bytes) back to its length."""
    if grown >= 0:
        return Cut(len(data) - grown, grown, b"")
    return Cut(len(data), 0, _like(data, -grown, rng))


def _like(data: bytes, size: int, rng: Random) -> bytes:
    """``size`` new bytes of the same kind as ``data``: two stretches of it put together."""
    half = size // 8 * 4
    first, second = (rng.randrange(len(data) - size) & ~3 for _ in range(2))
    return data[first : first + half] + data[second : second + size - half]


def _move_addresses(data: bytes, changes: Sequence[SourceChange]) -> bytes:
    """``data`` with each aligned word that points into a changed segment moved along."""
    targets = sorted((change for change in changes if change.cuts), key=lambda change: change.load_addr)
    starts = [change.load_addr for change in targets]
    cut_starts = [[cut.start for cut in change.cuts] for change in targets]
    moves = [[0, *accumulate(len(cut.added) - cut.removed for cut in change.cuts)] for change in targets]
    lowest, highest = starts[0], targets[-1].load_addr + targets[-1].size
    count = len(data) // 4
    words = list(struct.unpack_from(f"<{count}I", data))
    for place, word in enumerate(words):
        if lowest <= word < highest:
            target = bisect_right(starts, word) - 1
            offset = word - starts[target]
            if offset < targets[target].size:
                words[place] = word + moves[target][bisect_right(cut_starts[target], offset)]
    return struct.pack(f"<{count}I", *words) + data[count * 4 :]


def _is_code(data: bytes) -> bool:
    """True for bytes with little text and few zeros."""
    text = sum(len(found.group()) for found in _TEXT.finditer(data))
    return text * 10 < len(data) and data.count(0) * 4 < len(data)


def _move_jumps(code: bytearray, rng: Random) -> None:
    """Relative jumps and calls across a cut have another distance: one byte in about 80 differs a little."""
    place = rng.randrange(_JUMP_EVERY)
    while place < len(code):
        code[place] = (code[place] + rng.choice((1, 2, 3, 4, 0xFC, 0xFD, 0xFE, 0xFF))) & 0xFF
        place += rng.randrange(1, _JUMP_EVERY)
