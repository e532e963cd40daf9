"""A supposed image, told as pieces: cheap to make by the hundred thousand, exact enough to hash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forensics.model.solve import SolveFacts

ERASED = 0xFF
ZERO = 0x00
FILL_VALUES = (ZERO, ERASED)
NO_SOURCE = -1


class Piece(NamedTuple):
    """``size`` bytes of the supposed image: those of SENT from ``source``, else ``value`` repeated."""

    size: int
    source: int
    value: int = 0


class Candidate(NamedTuple):
    """One hypothesis of a family.

    ``pieces[0]`` is always what arrived unharmed from the start of SENT, so its hash can be shared. The other
    fields are chunk numbers and counts from which the family tells its story when the hypothesis proves
    right.
    """

    pieces: tuple[Piece, ...]
    chunk: int = 0
    other: int = 0
    length: int = 1
    value: int | None = None


class Ground:
    """SENT and the proven facts, with the few ways to lay pieces over them.

    Attributes:
        size: Bytes of SENT.
        covered: Bytes that the hash covers.
        stored_hash: What the device read behind them, as far as SENT has something there to compare.
        reach: How far pieces must go so that every fact about them can be checked.
        tails: What may stand where nothing was written.
    """

    def __init__(self, sent: bytes, facts: SolveFacts) -> None:
        self.sent = sent
        self.facts = facts
        self.view = memoryview(sent)
        self.size = len(sent)
        self.covered = facts.covered
        self.stored_hash = (facts.stored_hash or b"")[: self.size - facts.covered]
        self.reach = max(facts.covered + len(self.stored_hash), *(span.end for span in facts.protected), 0)
        self.tails = FILL_VALUES[::-1] if facts.slot_fill is None else (facts.slot_fill,)
        self._fills = {value: memoryview(bytes([value]) * self.reach) for value in {*FILL_VALUES, *self.tails}}

    def bytes_of(self, piece: Piece, start: int, end: int) -> memoryview:
        """The bytes ``[start, end)`` of a piece, counted from where it begins; nothing is copied."""
        if piece.source == NO_SOURCE:
            return self._fills[piece.value][start:end]
        return self.view[piece.source + start : piece.source + end]

    def read(self, pieces: Sequence[Piece], start: int, end: int) -> bytes:
        """The bytes ``[start, end)`` of the supposed image; fewer where the pieces end first."""
        parts = []
        at = 0
        for piece in pieces:
            if at >= end:
                break
            if at + piece.size > start:
                parts.append(self.bytes_of(piece, max(0, start - at), min(piece.size, end - at)))
            at += piece.size
        return b"".join(parts)

    def in_place(self, start: int, middle: Sequence[Piece], end: int) -> tuple[Piece, ...]:
        """SENT with ``middle`` in the place of ``[start, end)``; both have the same size."""
        return (Piece(start, 0), *middle, Piece(max(0, self.reach - end), end))

    def shifted(self, start: int, resume: int, fill: int | None) -> tuple[Piece, ...]:
        """SENT up to ``start``, then on from ``resume``, then unwritten slot where SENT ends too early."""
        room = max(0, self.reach - start)
        rest = min(room, self.size - resume)
        head = (Piece(start, 0), Piece(rest, resume))
        return head if room == rest else (*head, Piece(room - rest, NO_SOURCE, ERASED if fill is None else fill))

    def tails_behind(self, written: int) -> tuple[int | None, ...]:
        """The fills to try behind ``written`` bytes: one None when the facts do not reach that far."""
        return self.tails if written < self.reach else (None,)
