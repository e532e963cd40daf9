"""Where exactly one piece ends and the next begins.

A copy runs on by chance over bytes that happen to be equal, so a seam may slide. The seams of one fault belong
together (the end of what stands before a lost chunk, the start of what follows), and all lie on chunk edges: positions
that several seams allow win, and positions on the chunk grid win over all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from forensics.align.grid import Grid
from forensics.align.pair import Pair, changes, run_after, run_before
from forensics.align.pieces import Piece

_FARTHEST = 1 << 16
_CHANCE = 4
"""How many bytes of a damaged chunk may be right by chance at either end."""

_GRID_VOTE = 4


class Seam(NamedTuple):
    """The border behind piece ``number``: the left piece ends at sent ``end``, the right one begins at sent ``start``
    (None for a piece without a source); both may move by ``back`` bytes down or ``forward`` bytes up.
    """

    number: int
    end: int | None
    start: int | None
    back: int
    forward: int


def slide(pair: Pair, end: int, start: int, back: int, forward: int) -> tuple[int, int]:
    """How far the seam between a copy ending at sent ``end`` and one beginning at sent ``start`` can move.

    Both copies hold the same bytes around it; ``back`` and ``forward`` bound the answer to what the pieces hold.
    """
    sent = pair.sent
    back = min(back, end, start, _FARTHEST)
    forward = min(forward, len(sent) - end, len(sent) - start, _FARTHEST)
    return same_before(sent, end, start, back), same_after(sent, end, start, forward)


def same_before(sent: bytes, one: int, other: int, limit: int) -> int:
    """How many bytes, at most ``limit``, are equal just before the two offsets of one file."""
    same = 0
    while same < limit:
        size = min(64 if same < 256 else 4096, limit - same)
        left = sent[one - same - size : one - same]
        right = sent[other - same - size : other - same]
        if left != right:
            while sent[one - same - 1] == sent[other - same - 1]:
                same += 1
            return same
        same += size
    return same


def same_after(sent: bytes, one: int, other: int, limit: int) -> int:
    """How many bytes, at most ``limit``, are equal from the two offsets of one file on."""
    same = 0
    while same < limit:
        size = min(64 if same < 256 else 4096, limit - same)
        if sent[one + same : one + same + size] != sent[other + same : other + same + size]:
            while sent[one + same] == sent[other + same]:
                same += 1
            return same
        same += size
    return same


def settle(pair: Pair, pieces: Sequence[Piece], grid: Grid | None) -> list[Piece]:
    """The same pieces with every seam at the place that fits its neighbours and the grid best."""
    seams = [seam for seam in (_seam(pair, pieces, number, grid) for number in range(len(pieces) - 1)) if seam]
    votes: Counter[int] = Counter()
    for seam in seams:
        if seam.back + seam.forward <= 64:
            for move in range(-seam.back, seam.forward + 1):
                votes.update({place + move for place in (seam.end, seam.start) if place is not None})
    places = sorted(place for place, count in votes.items() if count >= 2)
    settled = list(pieces)
    for seam in seams:
        move = _best_move(seam, votes, places, grid)
        if move:
            _move(settled, seam.number, move)
    return [piece for piece in settled if piece.size > 0]


def _seam(pair: Pair, pieces: Sequence[Piece], number: int, grid: Grid | None) -> Seam | None:
    left, right = pieces[number], pieces[number + 1]
    if left.rule or right.rule:
        return None
    if left.sent is not None and right.sent is not None:
        back, forward = slide(pair, left.sent_end, right.sent, left.size - 1, right.size - 1)
        return Seam(number, left.sent_end, right.sent, back, forward)
    if _put_in_only(pieces, number if left.sent is None else number + 1):
        return None
    if left.sent is not None:
        back = min(left.size - 1, max(_back_into(pair, left, right), _whole_chunk_before(pair, left, grid)))
        return Seam(number, left.sent_end, None, back, 0)
    if right.sent is not None:
        forward = min(right.size - 1, _forward_into(pair, left, right))
        return Seam(number, None, right.sent, 0, forward)
    return None


def _put_in_only(pieces: Sequence[Piece], number: int) -> bool:
    """The piece without a source stands between two copies that go straight on."""
    before = pieces[number - 1] if number else None
    after = pieces[number + 1] if number + 1 < len(pieces) else None
    return bool(before and after and before.sent is not None and not before.rule and before.sent_end == after.sent)


def _back_into(pair: Pair, copy: Piece, gap: Piece) -> int:
    run = run_before(pair.received, gap.start, pair.received[gap.start])
    return max(run, min(_CHANCE, copy.size // 4))


def _whole_chunk_before(pair: Pair, copy: Piece, grid: Grid | None) -> int:
    """How far back the chunk edge lies when the chunk that stands there is, whole, another chunk of sent: two chunks
    may begin alike for many bytes.
    """
    if grid is None or grid.is_edge(copy.sent_end):
        return 0
    edge = grid.floor(copy.sent_end)
    back, size = copy.sent_end - edge, grid.after(edge) - edge
    chunk = pair.received[copy.end - back : copy.end - back + size]
    place = pair.sent.find(chunk, max(0, edge - 4 * grid.size), edge + 6 * grid.size) if changes(chunk) >= 8 else -1
    return back if place >= 0 and grid.is_edge(place) else 0


def _forward_into(pair: Pair, gap: Piece, copy: Piece) -> int:
    run = run_after(pair.received, gap.end, pair.received[gap.end - 1])
    return max(run, min(_CHANCE, copy.size // 4))


def _best_move(seam: Seam, votes: Counter[int], places: list[int], grid: Grid | None) -> int:
    ends = [place for place in (seam.end, seam.start) if place is not None]
    moves = {0}
    for end in ends:
        if grid:
            moves.update(edge - end for edge in grid.edges_in(end - seam.back, end + seam.forward, most=8))
        low = bisect_left(places, end - seam.back)
        for place in places[low : low + 64]:
            if place > end + seam.forward:
                break
            moves.add(place - end)

    def value(move: int) -> tuple[float, int]:
        fit = sum(_GRID_VOTE for end in ends if grid and grid.is_edge(end + move))
        return fit + sum(min(votes[end + move], 3) for end in ends), -abs(move)

    return max((move for move in moves if -seam.back <= move <= seam.forward), key=value)


def _move(pieces: list[Piece], number: int, move: int) -> None:
    left, right = pieces[number], pieces[number + 1]
    if left.size + move <= 0 or right.size - move <= 0:
        return
    border = left.end + move
    pieces[number] = Piece(left.start, border, left.sent)
    pieces[number + 1] = Piece(border, right.end, None if right.sent is None else right.sent + move)
