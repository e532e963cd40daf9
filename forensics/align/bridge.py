"""Second thoughts about the pieces, before a story is told of them."""

from __future__ import annotations

from collections.abc import Sequence

from forensics.align.pair import Pair, is_constant
from forensics.align.pieces import Piece, PieceList

_TRUSTED = 64
_FARTHEST = 4096
_KEY = 16
_MOST_STEPS = 200


def bridged(pair: Pair, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without those that a later copy explains as well.

    In tables a wrong copy of a few bytes may be believed before the right one is found; the right one, followed
    backwards, then reaches to where the trouble began.
    """
    result: list[Piece] = []
    for piece in pieces:
        trusted = piece.sent is not None and not piece.rule and piece.size >= _TRUSTED
        result.append(_reach_back(pair, result, piece) if trusted else piece)
    return _loosened(pair, result)


def _reach_back(pair: Pair, before: list[Piece], piece: Piece) -> Piece:
    if piece.sent is None or not before or before[-1].rule:
        return piece
    back = pair.common_suffix(piece.sent, piece.start, _FARTHEST)
    start = piece.start
    while before and not before[-1].rule and before[-1].start >= piece.start - back and before[-1].start > 0:
        start = before.pop().start
    if (
        before
        and not before[-1].rule
        and piece.start - back < before[-1].end
        and start == before[-1].end
        and start < piece.start
    ):
        start = _into_gap(before, piece.start - back)
    moved = piece.start - start
    return Piece(start, piece.end, piece.sent - moved)


def _into_gap(before: list[Piece], start: int) -> int:
    """Bytes without a source may be shortened; a copy keeps its own."""
    last = before[-1]
    if last.sent is not None:
        return last.end
    before[-1] = Piece(last.start, start, None)
    return start


def _loosened(pair: Pair, pieces: list[Piece]) -> list[Piece]:
    """Unexplained bytes between two copies, where both sides may hold runs: followed once more without asking for
    information, since both ends are known.
    """
    result = PieceList()
    for number, piece in enumerate(pieces):
        before = pieces[number - 1] if number else None
        after = pieces[number + 1] if number + 1 < len(pieces) else None
        if piece.sent is None and before and after and before.sent is not None and after.sent is not None:
            due = after.sent - before.sent_end
            if due > _KEY and piece.size > _KEY and due != piece.size:
                for part in _follow(pair, piece, before.sent_end, after.sent):
                    result.add(*part[:3])
                continue
        if piece.rule and piece.sent is not None:
            result.add_rule(piece.start, piece.sent, piece.rule)
        else:
            result.add(piece.start, piece.end, piece.sent)
    return result.items


def _follow(pair: Pair, gap: Piece, sent_at: int, sent_end: int) -> list[Piece]:
    parts = PieceList()
    at = gap.start
    for _ in range(_MOST_STEPS):
        size = min(pair.common_prefix(sent_at, at), gap.end - at, sent_end - sent_at)
        parts.add(at, at + size, sent_at)
        at += size
        sent_at += size
        if at >= gap.end or sent_at >= sent_end:
            break
        lost = pair.sent.find(pair.received[at : at + _KEY], sent_at, sent_end)
        put_in = pair.received.find(pair.sent[sent_at : sent_at + _KEY], at, gap.end)
        if lost < 0 and put_in < 0:
            break
        if put_in < 0 or (lost >= 0 and lost - sent_at < put_in - at):
            sent_at = lost
        else:
            parts.add(at, put_in, None)
            at = put_in
    parts.add(at, gap.end, None)
    explained = sum(part.size for part in parts.items if part.sent is not None)
    plainer = explained * 2 > gap.size and len(parts) <= 2 + gap.size // 64
    return parts.items if plainer and not is_constant(pair.received[gap.start : gap.end]) else [gap]
