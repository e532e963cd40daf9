"""A small damage that is, seen on the chunk grid, something that happened to whole chunks."""

from __future__ import annotations

from typing import NamedTuple

from forensics.align.grid import Grid
from forensics.align.pair import Pair, changes, is_constant
from forensics.model.alignment import Edit, EditKind
from forensics.model.span import ByteSpan

_TELLING = 4
"""Changes between neighbouring bytes that a chunk must have before its origin is believed."""


class _Hull(NamedTuple):
    """The chunks around a damage: their sent range, and the received range that stands in their place."""

    sent: ByteSpan
    received: ByteSpan


def whole_chunk_story(pair: Pair, edit: Edit, grid: Grid) -> Edit | None:
    """What happened to the chunks around ``edit``, or None. Two chunks may differ in so few bytes that one that was
    overwritten, filled or changed places with its neighbour looks almost unharmed.
    """
    hull = _hull(pair, edit, grid)
    if hull is None:
        return None
    if hull.sent.size > grid.size:
        return _changed_places(pair, hull, grid)
    if edit.kind is EditKind.REPLACED or edit.received.size > grid.size // 2:
        return None
    return _filled(pair, hull) or _overwritten(pair, hull, grid)


def _hull(pair: Pair, edit: Edit, grid: Grid) -> _Hull | None:
    if edit.sent is None or edit.sent.size > 2 * grid.size:
        return None
    sent = ByteSpan(grid.floor(edit.sent.start), min(grid.ceil(edit.sent.end), len(pair.sent)))
    start = edit.received.start - (edit.sent.start - sent.start)
    if start < 0 or start + sent.size > len(pair.received):
        return None
    return _Hull(sent, ByteSpan(start, start + sent.size))


def _filled(pair: Pair, hull: _Hull) -> Edit | None:
    content = pair.received[hull.received.start : hull.received.end]
    if not is_constant(content):
        return None
    return Edit(kind=EditKind.FILLED, sent=hull.sent, received=hull.received, value=content[0])


def _overwritten(pair: Pair, hull: _Hull, grid: Grid) -> Edit | None:
    """By the chunk before or the chunk after."""
    content = pair.received[hull.received.start : hull.received.end]
    if changes(content) < _TELLING:
        return None
    for start in (hull.sent.start - grid.size, hull.sent.start + grid.size):
        if start >= 0 and pair.sent.startswith(content, start):
            source = ByteSpan(start, start + hull.sent.size)
            return Edit(kind=EditKind.REPLACED, sent=hull.sent, received=hull.received, source=source)
    return None


def _changed_places(pair: Pair, hull: _Hull, grid: Grid) -> Edit | None:
    """Two neighbours, each whole in the other's place."""
    middle = grid.after(hull.sent.start)
    if grid.after(middle) < hull.sent.end:
        return None
    first, second = pair.sent[hull.sent.start : middle], pair.sent[middle : hull.sent.end]
    if pair.received[hull.received.start : hull.received.end] != second + first:
        return None
    landed = ByteSpan(hull.received.start, hull.received.start + len(second))
    return Edit(kind=EditKind.REORDERED, sent=ByteSpan(middle, hull.sent.end), received=landed)
