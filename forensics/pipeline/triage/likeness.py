"""How much of one file stands in another, wherever it stands there: cheap enough to ask of every pair of a folder."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

_SEPARATOR = b"\x20"
"""Cuts code, tables and texts alike into blocks of some 60 bytes, and a shift moves the cuts with the bytes."""

_LEAST_BLOCK = 16
"""Bytes; shorter blocks stand in any image."""

_MOST_BLOCKS = 16384
_ALL = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The blocks between separators, as CRC-32s; of many only the smallest, so that two files keep the same ones.

    Attributes:
        crcs: CRC-32 of each block.
        below: Every block whose CRC-32 is smaller than this is among them.
    """

    crcs: frozenset[int]
    below: int

    @property
    def tell(self) -> bool:
        """There are enough of them to judge by."""
        return len(self.crcs) >= 4


def blocks_of(content: bytes) -> Blocks:
    """The blocks of ``content``; runs of one byte, which stand in any slot, are none."""
    crcs = {
        zlib.crc32(block)
        for block in content.split(_SEPARATOR)
        if len(block) >= _LEAST_BLOCK and block.count(block[:1]) < len(block)
    }
    if len(crcs) <= _MOST_BLOCKS:
        return Blocks(crcs=frozenset(crcs), below=_ALL)
    kept = sorted(crcs)[:_MOST_BLOCKS]
    return Blocks(crcs=frozenset(kept), below=kept[-1])


def share_in(part: Blocks, whole: Blocks) -> float:
    """The share of the blocks of ``part`` that stand in ``whole``, 0.0 to 1.0."""
    asked = part.crcs
    if whole.below < part.below:
        asked = frozenset(crc for crc in part.crcs if crc < whole.below)
    return len(asked & whole.crcs) / len(asked) if asked else 0.0


def likeness(first: Blocks, second: Blocks) -> float:
    """The larger of both shares: the beginning of an image is all of it, and so is an image inside a flash dump."""
    return max(share_in(first, second), share_in(second, first)) if first.tell and second.tell else 0.0
