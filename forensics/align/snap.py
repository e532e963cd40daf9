"""Edits moved onto the chunk grid, as far as the data allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forensics.align.damage import describe_change
from forensics.align.grid import Grid
from forensics.align.pair import Pair
from forensics.align.slack import slack_of, slid
from forensics.align.whole_chunks import whole_chunk_story
from forensics.model.alignment import Edit, EditKind
from forensics.model.span import ByteSpan

_CHANCE = 4
_IN_PLACE = (EditKind.FILLED, EditKind.ALTERED, EditKind.REPLACED)


def snap(pair: Pair, edits: Sequence[Edit], grid: Grid) -> list[Edit]:
    """The same edits on chunk edges: seams are slid, damaged places grow over bytes that are right by chance."""
    snapped = [_snapped(pair, edit, grid) for edit in edits]
    snapped.sort(key=lambda edit: (edit.received.start, edit.received.end))
    return joined(pair, _absorbed(snapped))


def _snapped(pair: Pair, edit: Edit, grid: Grid) -> Edit:
    if edit.sent is None or edit.repeat:
        return edit
    if edit.kind in (EditKind.DROPPED, EditKind.DUPLICATED, EditKind.INSERTED, EditKind.REORDERED):
        return _slid(pair, edit, grid)
    if edit.kind in _IN_PLACE:
        return whole_chunk_story(pair, edit, grid) or _grown(pair, edit, grid)
    return edit


def _slid(pair: Pair, edit: Edit, grid: Grid) -> Edit:
    if edit.sent is None:
        return edit
    back, forward = edit.slack
    start, end = edit.sent.start, edit.sent.end
    best, most = 0, grid.is_edge(start) + grid.is_edge(end)
    moves = [edge - start for edge in grid.edges_in(start - back, start + forward, most=64)]
    moves += [edge - end for edge in grid.edges_in(end - back, end + forward, most=64)]
    for move in sorted(moves, key=abs):
        hits = grid.is_edge(start + move) + grid.is_edge(end + move)
        if hits > most:
            best, most = move, hits
    return slid(pair, edit, best)


def _grown(pair: Pair, edit: Edit, grid: Grid) -> Edit:
    """The damaged place up to the chunk edges, where what lies between agrees with the same damage."""
    if edit.sent is None or (edit.kind is EditKind.ALTERED and edit.pattern == "flips"):
        return edit
    low, high = grid.floor(edit.sent.start), grid.ceil(edit.sent.end)
    before, after = edit.sent.start - low, max(0, min(high, len(pair.sent)) - edit.sent.end)
    if not _fits(pair, edit, -before, 0):
        before = 0
    if not _fits(pair, edit, 0, after):
        after = 0
    if not before and not after:
        return edit
    sent = ByteSpan(edit.sent.start - before, edit.sent.end + after)
    received = ByteSpan(edit.received.start - before, edit.received.end + after)
    source = ByteSpan(edit.source.start - before, edit.source.end + after) if edit.source else None
    return replace(edit, sent=sent, received=received, source=source)


def _fits(pair: Pair, edit: Edit, back: int, forward: int) -> bool:
    """The bytes beside the edit stand in their place and would also be there had the damage covered them."""
    if edit.sent is None or not (back or forward):
        return False
    at = edit.sent.end if forward else edit.sent.start + back
    to = edit.received.end if forward else edit.received.start + back
    size = forward - back
    if to < 0 or to + size > len(pair.received):
        return False
    was, now = pair.sent[at : at + size], pair.received[to : to + size]
    if edit.kind is EditKind.FILLED and edit.value is not None:
        return now.count(bytes((edit.value,))) == size
    if edit.pattern == "and":
        before, after = int.from_bytes(was, "big"), int.from_bytes(now, "big")
        return before & after == after and size <= edit.sent.size * 2
    if was != now:
        return False
    if edit.source is not None:
        source = edit.source.end if forward else edit.source.start + back
        return source >= 0 and pair.sent[source : source + size] == now
    return size <= _CHANCE


def _absorbed(edits: Sequence[Edit]) -> list[Edit]:
    """Without the damage that lies inside other damage of the same place, which has grown over it."""
    places = [edit for edit in edits if edit.kind in _IN_PLACE and not edit.repeat]
    places.sort(key=lambda edit: -edit.received.size)
    kept: list[Edit] = []
    for edit in places:
        if not any(_inside(edit, other) for other in kept):
            kept.append(edit)
    chosen = set(map(id, kept))
    return [edit for edit in edits if edit.kind not in _IN_PLACE or edit.repeat or id(edit) in chosen]


def _inside(edit: Edit, other: Edit) -> bool:
    if (
        edit.sent is None
        or other.sent is None
        or edit.received.start - edit.sent.start != other.received.start - other.sent.start
    ):
        return False
    return other.received.start <= edit.received.start and edit.received.end <= other.received.end


def joined(pair: Pair, edits: Sequence[Edit]) -> list[Edit]:
    """Neighbours that are one edit: same kind, touching on both sides."""
    result: list[Edit] = []
    for edit in edits:
        last = result[-1] if result else None
        whole = _union(pair, last, edit) if last else None
        if whole:
            result[-1] = whole
        else:
            result.append(edit)
    return result


def _union(pair: Pair, one: Edit, other: Edit) -> Edit | None:
    if one.kind is not other.kind or one.repeat or other.repeat or one.sent is None or other.sent is None:
        return None
    overlap = one.sent.end - other.sent.start
    touching = one.received.end - other.received.start == overlap
    if not touching or (overlap != 0 and not (overlap > 0 and one.kind is EditKind.FILLED and one.value == other.value)):
        return None
    sent = ByteSpan(one.sent.start, other.sent.end)
    received = ByteSpan(one.received.start, other.received.end)
    if one.kind is EditKind.FILLED and one.value == other.value:
        return replace(one, sent=sent, received=received)
    if one.kind in (EditKind.DROPPED, EditKind.DUPLICATED):
        whole = replace(one, sent=sent, received=received)
        return replace(whole, slack=slack_of(pair, whole))
    if one.kind is EditKind.REPLACED and one.source and other.source and one.source.end == other.source.start:
        return replace(one, sent=sent, received=received, source=ByteSpan(one.source.start, other.source.end))
    if one.kind is EditKind.ALTERED and "flips" not in (one.pattern, other.pattern):
        bits, pattern = describe_change(pair.sent[sent.start : sent.end], pair.received[received.start : received.end])
        return replace(one, sent=sent, received=received, bits=bits, pattern=pattern)
    return None
