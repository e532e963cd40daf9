"""A closer look at one gap: are its bytes one copy, or whole chunks from elsewhere?"""

from __future__ import annotations

from forensics.align.gaps import Gap
from forensics.align.grid import Grid
from forensics.align.pair import Pair, changes, is_constant
from forensics.align.pieces import Piece, PieceList

_SHORTEST = 12
_LARGEST = 1 << 16
_NEAR = 1 << 16


def refined(pair: Pair, gap: Gap, grid: Grid | None) -> Gap:
    """The gap with the plainest pieces that were found for its bytes: one copy, else whole chunks, else as it was."""
    size = gap.received_end - gap.received_start
    if not gap.inner or not _SHORTEST <= size <= _LARGEST:
        return gap
    if gap.sent_end < gap.sent_start:
        return _repeat(pair, gap)
    content = pair.received[gap.received_start : gap.received_end]
    if is_constant(content):
        return gap._replace(inner=(Piece(gap.received_start, gap.received_end, _run_again(pair, gap, grid, content)),))
    if _few_bits(pair, gap, content) or (len(gap.inner) == 1 and gap.inner[0].sent is not None):
        return gap
    place = occurrence(pair, content, gap.sent_start)
    if place is not None:
        return gap._replace(inner=(Piece(gap.received_start, gap.received_end, place),))
    if grid and size > grid.size:
        pieces = _tiles(pair, gap, grid)
        if len(pieces) < len(gap.inner) or _unexplained(pieces) < _unexplained(gap.inner):
            return gap._replace(inner=pieces)
    return gap


def _run_again(pair: Pair, gap: Gap, grid: Grid | None, content: bytes) -> int | None:
    """A whole chunk of one byte that was put in is a repeat of such a chunk, if there was one; else it has no source."""
    if (
        grid is None
        or gap.sent_start != gap.sent_end
        or len(content) != grid.after(grid.floor(gap.sent_start - 1)) - grid.floor(gap.sent_start - 1)
    ):
        return None
    place = pair.sent.rfind(content, 0, gap.sent_start)
    edge = grid.ceil(max(0, place - len(content)))
    while 0 <= edge <= place:
        if pair.sent.startswith(content, edge):
            return edge
        edge = grid.after(edge)
    return place if place >= 0 else None


def occurrence(pair: Pair, content: bytes, near: int) -> int | None:
    """Sent offset of ``content``: the last before ``near``, else the first after it; None when it says too little."""
    if len(content) < _SHORTEST or changes(content) < 4:
        return None
    sent = pair.sent
    for place in (
        sent.rfind(content, max(0, near - _NEAR), near),
        sent.find(content, near, near + _NEAR),
        sent.rfind(content, 0, near),
        sent.find(content, near),
    ):
        if place >= 0:
            return place
    return None


def _few_bits(pair: Pair, gap: Gap, content: bytes) -> bool:
    if not gap.in_place:
        return False
    due = int.from_bytes(pair.sent[gap.sent_start : gap.sent_end], "big")
    return (due ^ int.from_bytes(content, "big")).bit_count() <= max(2, len(content) // 64)


def _repeat(pair: Pair, gap: Gap) -> Gap:
    """Sent bytes come a second time, and what stands before them may be the beginning of the same repeat."""
    size = gap.received_end - gap.received_start
    begin = gap.sent_end - size
    if begin >= 0 and pair.sent.startswith(pair.received_view[gap.received_start : gap.received_end], begin):
        return gap._replace(sent_end=begin, received_end=gap.received_start, inner=())
    return gap


def _tiles(pair: Pair, gap: Gap, grid: Grid) -> tuple[Piece, ...]:
    """The gap cut at chunk edges, each chunk looked up whole."""
    pieces = PieceList()
    at, due = gap.received_start, gap.sent_start
    while at < gap.received_end:
        size = min(grid.after(grid.floor(due)) - due, gap.received_end - at)
        content = pair.received[at : at + size]
        place = None if is_constant(content) else occurrence(pair, content, due)
        pieces.add(at, at + size, place)
        at += size
        due += size
    return tuple(pieces.items)


def _unexplained(pieces: tuple[Piece, ...]) -> int:
    return sum(piece.size for piece in pieces if piece.sent is None)
