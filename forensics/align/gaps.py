"""What lies between the copies of the backbone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from forensics.align.pair import Pair
from forensics.align.pieces import Piece

_CHANCE_COPY = 96


class Gap(NamedTuple):
    """What lies between two copies of the backbone: sent ``[sent_start, sent_end)`` was due, received
    ``[received_start, received_end)`` stands there, made of ``inner`` pieces. ``sent_end`` is below ``sent_start``
    where sent bytes come a second time.
    """

    sent_start: int
    sent_end: int
    received_start: int
    received_end: int
    inner: tuple[Piece, ...]

    @property
    def in_place(self) -> bool:
        """As many bytes stand there as were due."""
        return self.sent_end - self.sent_start == self.received_end - self.received_start


def fold(pieces: Sequence[Piece]) -> list[Piece]:
    """Bytes that agree by chance inside damage belong to the damage; an overlap of some bytes belongs to what was put in."""
    folded: list[Piece] = []
    for piece in pieces:
        folded.append(piece)
        while len(folded) >= 3:
            before, middle, after = folded[-3:]
            if before.sent is None and after.sent is None and middle.sent is not None and not middle.rule:
                around = before.size + after.size
                if middle.size < min(_CHANCE_COPY, 2 * around) and before.size > 1 and after.size > 1:
                    folded[-3:] = [Piece(before.start, after.end, None)]
                    continue
            if middle.sent is None and before.sent is not None and after.sent is not None and not before.rule:
                overlap = before.sent_end - after.sent
                if 0 < overlap < 12 and before.size > overlap:
                    folded[-3] = Piece(before.start, before.end - overlap, before.sent)
                    folded[-2] = Piece(before.end - overlap, middle.end, None)
            break
    return folded


def gaps_of(pair: Pair, pieces: Sequence[Piece], chain: Sequence[Piece]) -> list[Gap]:
    """Every place where the backbone ``chain`` does not go straight on, and the end."""
    in_chain = set(chain)
    gaps = []
    inner: list[Piece] = []
    sent_at = received_at = 0
    for piece in pieces:
        if piece not in in_chain:
            inner.append(piece)
            continue
        start = cast("int", piece.sent)
        if start != sent_at or piece.start != received_at:
            gaps.append(Gap(sent_at, start, received_at, piece.start, tuple(inner)))
        inner = []
        sent_at, received_at = piece.sent_end, piece.end
    gaps.append(Gap(sent_at, len(pair.sent), received_at, len(pair.received), tuple(inner)))
    return gaps
