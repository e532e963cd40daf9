"""Two edits that are one: what was lost here stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from forensics.align.damage import damage
from forensics.align.grid import Grid
from forensics.align.pair import Pair, is_constant
from forensics.align.proof import spans_of
from forensics.align.slack import slack_of, slid
from forensics.model.alignment import Edit, EditKind
from forensics.model.span import ByteSpan

_PUT_IN = (EditKind.INSERTED, EditKind.DUPLICATED)
_IN_PLACE = (EditKind.REPLACED, EditKind.FILLED, EditKind.ALTERED)
_SHORTEST = 12


def paired(pair: Pair, edits: Sequence[Edit], grid: Grid | None) -> list[Edit]:
    """The edits with those that belong together told as one, and whole chunks preferred where a run leaves it open."""
    together = _without_idle_moves(pair, _net_runs(pair, _put_in_here(pair, _moves(pair, edits))))
    return _damaged_chunks(pair, _whole_chunks(pair, together, grid), grid) if grid else together


def _moves(pair: Pair, edits: Sequence[Edit]) -> list[Edit]:
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
                    return _moves(pair, without)
                result[result.index(put_in)] = moved
                break
    return result


def _whole_chunks(pair: Pair, edits: list[Edit], grid: Grid) -> list[Edit]:
    """Damage in a run followed by the loss of a part of a chunk is as well something put in and a whole chunk lost."""
    for damaged, hole in pairwise(edits):
        if damaged.kind not in _IN_PLACE or hole.kind is not EditKind.DROPPED or damaged.sent is None or hole.sent is None:
            continue
        whole = damaged.sent.size + hole.sent.size
        if damaged.sent.end != hole.sent.start or hole.sent.size % grid.size == 0 or whole % grid.size:
            continue
        place, seam = ByteSpan(damaged.sent.start, damaged.sent.start), hole.received
        put_in = Edit(kind=EditKind.INSERTED, sent=place, received=damaged.received)
        lost = Edit(kind=EditKind.DROPPED, sent=ByteSpan(damaged.sent.start, hole.sent.end), received=seam)
        told = [edit for edit in edits if edit is not damaged and edit is not hole] + [put_in, lost]
        if spans_of(pair, told):
            told.sort(key=lambda edit: (edit.received.start, edit.received.end))
            return _whole_chunks(pair, [replace(edit, slack=slack_of(pair, edit)) for edit in told], grid)
    return edits


def _damaged_chunks(pair: Pair, edits: list[Edit], grid: Grid) -> list[Edit]:
    """A whole chunk of noise put in, and more chunks lost from the same run: the noise stands in a chunk's place, and one
    chunk less was lost.
    """
    lost = [edit for edit in edits if edit.kind is EditKind.DROPPED and sum(edit.slack) >= 64 and edit.sent]
    for noise in [edit for edit in edits if edit.kind is EditKind.INSERTED and not edit.repeat] if lost else ():
        size = noise.received.size
        if size % grid.size or noise.sent is None or noise.sent.start + size > len(pair.sent):
            continue
        place = ByteSpan(noise.sent.start, noise.sent.start + size)
        for hole in lost:
            if hole.sent is None or hole.sent.size < size:
                continue
            left = ByteSpan(hole.sent.start, hole.sent.end - size)
            rest = [replace(hole, sent=left)] if left.size else []
            told = [edit for edit in edits if edit is not noise and edit is not hole]
            told += [damage(pair, place, noise.received), *(edit for edit in rest)]
            if spans_of(pair, told):
                told.sort(key=lambda edit: (edit.received.start, edit.received.end))
                return _damaged_chunks(pair, [replace(edit, slack=slack_of(pair, edit)) for edit in told], grid)
    return edits


def _without_idle_moves(pair: Pair, edits: list[Edit]) -> list[Edit]:
    """Without the moves of a block to where an equal block stood anyway."""
    for move in [edit for edit in edits if edit.kind is EditKind.REORDERED][:16]:
        if move.sent and pair.sent.startswith(
            pair.received_view[move.received.start : move.received.end], move.received.start
        ):
            without = [edit for edit in edits if edit is not move]
            if spans_of(pair, without):
                edits = without
    return edits


def _net_runs(pair: Pair, edits: list[Edit]) -> list[Edit]:
    """Bytes lost from a run and bytes of the same run put in again are one edit of the difference."""
    lost = [edit for edit in edits if edit.kind is EditKind.DROPPED and sum(edit.slack) >= 64 and not edit.repeat]
    for put_in in [edit for edit in edits if edit.kind in _PUT_IN and not edit.repeat] if lost else ():
        if not is_constant(pair.received[put_in.received.start : put_in.received.end]):
            continue
        for hole in lost:
            rest = _difference(hole, put_in)
            netted = [edit for edit in edits if edit is not hole and edit is not put_in] + rest
            if spans_of(pair, netted):
                netted.sort(key=lambda edit: (edit.received.start, edit.received.end))
                return _net_runs(pair, [replace(edit, slack=slack_of(pair, edit)) for edit in netted])
    return edits


def _difference(hole: Edit, put_in: Edit) -> list[Edit]:
    if hole.sent is None or put_in.sent is None:
        return []
    more = hole.sent.size - put_in.received.size
    if more > 0:
        seam = hole.received.start - (put_in.received.size if put_in.received.start < hole.received.start else 0)
        return [replace(hole, sent=ByteSpan(hole.sent.start, hole.sent.start + more), received=ByteSpan(seam, seam))]
    start = put_in.received.start
    sent = put_in.sent if put_in.kind is EditKind.INSERTED else ByteSpan(put_in.sent.start, put_in.sent.start - more)
    return [replace(put_in, sent=sent, received=ByteSpan(start, start - more))] if more else []


def _put_in_here(pair: Pair, edits: list[Edit]) -> list[Edit]:
    """Damage in place, and as many bytes too many at the end of a run behind it: they were put in where the damage is."""
    for late in [edit for edit in edits if edit.kind in _PUT_IN and edit.slack[0] >= edit.received.size and not edit.repeat]:
        for early in edits:
            if early.kind not in _IN_PLACE or early.received.size != late.received.size or early.sent is None:
                continue
            if not 0 <= late.received.start - early.received.start <= late.slack[0] + late.received.size:
                continue
            place = early.source or ByteSpan(early.sent.start, early.sent.start)
            kind = EditKind.DUPLICATED if early.source else EditKind.INSERTED
            one = Edit(kind=kind, sent=place, received=early.received)
            plainer = [one if edit is early else edit for edit in edits if edit is not late]
            if spans_of(pair, plainer):
                return _put_in_here(pair, plainer)
    return edits


def _as_move(pair: Pair, hole: Edit, put_in: Edit) -> Edit | None:
    content = pair.received[put_in.received.start : put_in.received.end]
    back, forward = hole.slack
    if hole.sent is None:
        return None
    low = hole.sent.start - back
    place = pair.sent.find(content, low, hole.sent.end + forward)
    if place < 0:
        return None
    there = slid(pair, hole, place - hole.sent.start)
    moved = replace(put_in, kind=EditKind.REORDERED, sent=there.sent, source=None)
    return replace(moved, slack=there.slack if is_constant(content) else slack_of(pair, moved))


def _size(edit: Edit) -> int:
    return edit.sent.size if edit.sent else 0
