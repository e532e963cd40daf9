"""What the proven facts exclude before anything is hashed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import xor

from forensics.solve.pieces import NO_SOURCE, Ground, Piece
from forensics.spec.checksum import CHECKSUM_SEED


class Pruner:
    """Decides in a few microseconds whether a supposed image agrees with every fact but the hash."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        facts = ground.facts
        self.knows_xor = facts.xor_passed or facts.checksum_calculated is not None
        segments = sorted(span for span in facts.segments if span.size)
        self._starts = [span.start for span in segments]
        self._ends = [span.end for span in segments]
        spans = sorted((span for span in facts.protected if span.size), key=lambda span: span.end)
        self._protected = [(span.start, span.end, ground.sent[span.start : span.end]) for span in spans]
        self._protected_ends = [span.end for span in spans]
        self._barriers: dict[int, int] = {}
        self._all = self._data = b""
        if self.knows_xor:
            self._all = bytes(accumulate(ground.sent, xor, initial=0))
            self._data = bytes(accumulate(self._only_data(), xor, initial=0))

    def allows(self, pieces: Sequence[Piece]) -> bool:
        """True when no fact speaks against the supposed image, and it is not SENT once more."""
        return self._xor_agrees(pieces) and self._headers_agree(pieces) and not self._is_sent(pieces)

    def xor_of(self, start: int, end: int) -> int:
        """XOR of all bytes of ``sent[start:end]``; only when the XOR is known."""
        return self._all[start] ^ self._all[end]

    def wanted_xor(self, start: int, end: int) -> int | None:
        """XOR that other bytes in the place of ``sent[start:end]`` must have; None when not all is data."""
        index = bisect_right(self._ends, start)
        if not self.knows_xor or index == len(self._starts):
            return None
        if start < self._starts[index] or end > self._ends[index]:
            return None
        ground = self._ground
        now = CHECKSUM_SEED ^ self._data[ground.covered]
        return self.xor_of(start, end) ^ now ^ self._wanted(ground.sent[ground.covered - 1])

    def shift_barrier(self, shift: int) -> int:
        """The least file offset from which a shift of SENT by ``shift`` leaves the protected ranges right."""
        if shift not in self._barriers:
            size, sent = self._ground.size, self._ground.sent
            harmed = (
                start + 1
                for start, end, kept in self._protected
                if start + shift >= 0 and end + shift <= size and sent[start + shift : end + shift] != kept
            )
            self._barriers[shift] = max(harmed, default=0)
        return self._barriers[shift]

    def truncations(self, value: int) -> Iterator[int]:
        """File offsets from which ``value`` may fill the rest, with a few that ``allows`` excludes still."""
        end = self._ground.covered
        harmed = (start + 1 for start, _, kept in self._protected if kept.strip(bytes([value])) and start < end)
        first = max(harmed, default=1)
        if not self.knows_xor:
            yield from range(first, end)
            return
        # The stored checksum is the fill itself; an odd number of filled data bytes turns the XOR by it.
        stored = self._wanted(value) ^ CHECKSUM_SEED
        for wanted in sorted({stored, stored ^ value}):
            at = self._data.find(wanted, first, end)
            while at >= 0:
                yield at
                at = self._data.find(wanted, at + 1, end)

    def _wanted(self, stored: int) -> int:
        known = self._ground.facts.checksum_calculated
        return stored if known is None else known

    def _xor_agrees(self, pieces: Sequence[Piece]) -> bool:
        if not self.knows_xor:
            return True
        ground = self._ground
        stored = -1
        last = ground.covered - 1
        total = CHECKSUM_SEED
        at = 0
        for size, source, value in pieces:
            end = at + size
            if end > last and stored < 0:
                stored = value if source == NO_SOURCE else ground.sent[source + last - at]
            if source == at:
                total ^= self._data[at] ^ self._data[min(end, ground.size)]
            else:
                total ^= self._placed(at, end, source, value)
            at = end
        known = ground.facts.checksum_calculated
        return (known is None or total == known) and (not ground.facts.xor_passed or total == stored)

    def _placed(self, at: int, end: int, source: int, value: int) -> int:
        """XOR of those bytes of a piece that stand where segment data is expected."""
        total = 0
        index = bisect_right(self._ends, at)
        while index < len(self._starts) and self._starts[index] < end:
            low = max(at, self._starts[index])
            high = min(end, self._ends[index])
            if source != NO_SOURCE:
                total ^= self._all[source + low - at] ^ self._all[source + high - at]
            elif (high - low) & 1:
                total ^= value
            index += 1
        return total

    def _headers_agree(self, pieces: Sequence[Piece]) -> bool:
        ground = self._ground
        changed_end = sum(piece.size for piece in pieces[:-1])
        if pieces[-1].source != changed_end:
            changed_end = ground.reach
        for index in range(bisect_right(self._protected_ends, pieces[0].size), len(self._protected)):
            start, end, kept = self._protected[index]
            if start < changed_end and ground.read(pieces, start, end) != kept:
                return False
        stored = ground.stored_hash
        return not stored or ground.read(pieces, ground.covered, ground.covered + len(stored)) == stored

    def _is_sent(self, pieces: Sequence[Piece]) -> bool:
        """Nothing that the hash covers is changed: equal chunks swapped, a fill over the same fill."""
        ground = self._ground
        if pieces[0].size >= ground.covered:
            return False
        at = 0
        for piece in pieces:
            here = min(piece.size, ground.covered - at)
            if piece.source != at and not ground.sent.startswith(ground.bytes_of(piece, 0, here), at):
                return False
            at += here
            if at == ground.covered:
                break
        return True

    def _only_data(self) -> bytearray:
        masked = bytearray(self._ground.size)
        for start, end in zip(self._starts, self._ends, strict=True):
            masked[start:end] = self._ground.sent[start:end]
        return masked
