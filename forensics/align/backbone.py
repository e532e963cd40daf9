"""The copies that kept their order: the heaviest chain of pieces with rising sent offsets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from forensics.align.pieces import Piece

_LOOK_BACK = 120

_LEAST_GAIN = 8
"""A copy must add so many sent bytes to a chain: what runs on by chance is no part of it."""


def backbone(copies: Sequence[Piece]) -> list[int]:
    """Indexes of the copies in the chain.

    Bytes that two copies of the chain share count once, so a chunk that was sent twice adds nothing the second time.
    """
    if not copies:
        return []
    starts = [cast("int", piece.sent) for piece in copies]
    ends = [piece.sent_end for piece in copies]
    weights: list[int] = []
    before: list[int] = []
    for number in range(len(copies)):
        start, end = starts[number], ends[number]
        best, chosen = end - start, -1
        for earlier in range(number - 1, max(-1, number - 1 - _LOOK_BACK), -1):
            if starts[earlier] <= start and ends[earlier] < end:
                gain = end - max(start, ends[earlier])
                if gain >= _LEAST_GAIN and weights[earlier] + gain >= best:
                    best, chosen = weights[earlier] + gain, earlier
        weights.append(best)
        before.append(chosen)
    number = max(range(len(copies)), key=weights.__getitem__)
    chain = []
    while number >= 0:
        chain.append(number)
        number = before[number]
    return chain[::-1]
