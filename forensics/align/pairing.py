"""Two edits that are one: what was lost here stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forensics.align.pair import Pair, is_constant
from forensics.align.proof import spans_of
from forensics.align.slack import slid
from forensics.model.alignment import Edit, EditKind

_PUT_IN = (EditKind.INSERTED, EditKind.DUPLICATED)
_SHORTEST = 12


def paired(pair: Pair, edits: Sequence[Edit]) -> list[Edit]:
    """A lost block and an equal block put in elsewhere are one block out of order."""
    lost = [edit for edit in edits if edit.kind is EditKind.DROPPED and _size(edit) >= _SHORTEST and not edit.repeat]
    result = list(edits)
    for put_in in [edit for edit in edits if edit.kind in _PUT_IN and not edit.repeat]:
        for hole in lost:
            if _size(hole) != put_in.received.size:
                continue
            moved = _as_move(pair, hole, put_in)
            if moved:
                lost.remove(hole)
                result.remove(hole)
                without = [edit for edit in result if edit is not put_in]
                if spans_of(pair, without):
                    return paired(pair, without)
                result[result.index(put_in)] = moved
                break
    return result


def _as_move(pair: Pair, hole: Edit, put_in: Edit) -> Edit | None:
    content = pair.received[put_in.received.start : put_in.received.end]
    back, forward = hole.slack
    if hole.sent is None:
        return None
    low = hole.sent.start - back
    place = pair.sent.find(content, low, hole.sent.end + forward)
    if place < 0:
        return None
    there = slid(hole, place - hole.sent.start)
    slack = there.slack if is_constant(content) else (0, 0)
    return replace(put_in, kind=EditKind.REORDERED, sent=there.sent, source=None, slack=slack)


def _size(edit: Edit) -> int:
    return edit.sent.size if edit.sent else 0
