"""The events of a path as the edits of a report."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from forensics.align.damage import damage, damaged_in_place
from forensics.align.events import Event, EventKind
from forensics.align.order import rising
from forensics.align.pair import Pair, is_constant
from forensics.align.slack import slid, with_slack
from forensics.model.alignment import Edit, EditKind, Repeat, in_order
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan

_MOST_HOLES = 64
"""Beyond so many losses none is asked whether bytes that came elsewhere are equal to it."""

_FEWEST_REPEATS = 8
"""So many of the same edit at one distance are a rule."""

_ABOUT = 4
"""Bytes put in are those that were lost, changed, when neither are so many times as many as the others."""

_CLOSE = 64
"""Damaged places so near each other are one place for the question of the chunk size."""


def edits_of(pair: Pair, events: Sequence[Event], plan: ChunkPlan | None) -> list[Edit]:
    """The edits for a path, in the order of RECEIVED, each as near to a chunk edge as the data allows.

    A loss and a repeat of the same bytes are one move, and chunks that stand in each other's places were reordered.
    """
    events = list(_shorter_moves(events))
    holes = _Holes(events)
    moved = _changed_places(events, plan)
    edits = [edit for edit in moved.values() if edit]
    for event in events:
        if event.kind is not EventKind.REPLACE or event.received not in moved:
            edits += _edits_of_event(pair, event, holes)
    edits += holes.lost()
    edits = with_slack(pair, joined(list(_changed_where_due(pair, in_order(edits)))))
    if plan is None:
        return edits
    for number, edit in enumerate(edits):
        if any(edit.slack):
            edits[number] = _on_edge(edit, pair, plan, edits[max(0, number - 1) : number + 2])
    return with_slack(pair, joined(edits))


def _shorter_moves(events: Sequence[Event]) -> Iterator[Event]:
    """Moving a large block over a small one is moving the small one over it, and that is what happened."""
    skip = False
    for event, following in zip(events, [*events[1:], None], strict=True):
        if skip:
            skip = False
            continue
        size = event.received_end - event.received
        lost = (EventKind.DROP, event.source, event.source + size)
        if event.kind is EventKind.AGAIN and following and following[:3] == lost and 0 < event.source - event.sent < size:
            skip = True
            end = event.received_end + event.source - event.sent
            yield Event(EventKind.SWAP, event.sent, event.source + size, event.received, end, event.source)
        else:
            yield event


def _changed_where_due(pair: Pair, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Strange bytes where about as many were lost are those bytes, changed; only the rest was lost or put in."""
    put_in: Edit | None = None
    for edit in [*edits, None]:
        if put_in and edit and _is_due(put_in, edit) and edit.sent:
            size = min(put_in.received.size, edit.sent.size)
            sent, received = edit.sent.start, put_in.received.start
            yield from damaged_in_place(pair, sent, received, size)
            if size < edit.sent.size:
                yield replace(edit, sent=ByteSpan(sent + size, edit.sent.end))
            elif size < put_in.received.size:
                end = ByteSpan(edit.sent.end, edit.sent.end)
                yield replace(put_in, sent=end, received=ByteSpan(received + size, put_in.received.end))
            put_in = None
            continue
        if put_in:
            yield put_in
        put_in = edit if edit and edit.kind is EditKind.INSERTED else None
        if edit and not put_in:
            yield edit


def _is_due(put_in: Edit, lost: Edit) -> bool:
    if lost.kind is not EditKind.DROPPED or not lost.sent or not put_in.sent:
        return False
    small, large = sorted((lost.sent.size, put_in.received.size))
    here = lost.received.start == put_in.received.end and lost.sent.start == put_in.sent.start
    return here and _ABOUT * small >= large


def _edits_of_event(pair: Pair, event: Event, holes: _Holes) -> list[Edit]:
    sent, received = ByteSpan(event.sent, event.sent_end), ByteSpan(event.received, event.received_end)
    match event.kind:
        case EventKind.AGAIN:
            return [_again(pair, holes, event)]
        case EventKind.SWAP:
            late, early = ByteSpan(event.source, event.sent_end), ByteSpan(event.sent, event.source)
            if early.size < late.size:
                place = ByteSpan(event.received_end - early.size, event.received_end)
                return [Edit(kind=EditKind.REORDERED, sent=early, received=place)]
            place = ByteSpan(event.received, event.received + late.size)
            return [Edit(kind=EditKind.REORDERED, sent=late, received=place)]
        case EventKind.DAMAGE:
            return _damage(pair, sent, received)
        case EventKind.REPLACE if pair.sent[event.sent : event.sent_end] != pair.received[received.start : received.end]:
            source = ByteSpan(event.source, event.source + sent.size)
            return [Edit(kind=EditKind.REPLACED, sent=sent, received=received, source=source)]
        case EventKind.INSERT:
            return [Edit(kind=EditKind.INSERTED, sent=ByteSpan(event.sent, event.sent), received=received)]
        case EventKind.END if sent.size:
            return [Edit(kind=EditKind.TRUNCATED, sent=sent, received=received)]
        case EventKind.END if received.size:
            return [Edit(kind=EditKind.TRAILING, sent=None, received=received)]
    return []


class _Holes:
    """What was lost and did not come elsewhere: sent start, sent end and the seam in RECEIVED, rising."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.places: list[tuple[int, int, int]] = []
        for event in events:
            if event.kind is not EventKind.DROP:
                continue
            last = self.places[-1] if self.places else None
            if last and last[1] == event.sent and last[2] == event.received:
                self.places[-1] = (last[0], event.sent_end, event.received)
            else:
                self.places.append((event.sent, event.sent_end, event.received))
        self.places.sort()

    def lost(self) -> list[Edit]:
        """What is left."""
        return [
            Edit(kind=EditKind.DROPPED, sent=ByteSpan(start, end), received=ByteSpan(seam, seam))
            for start, end, seam in self.places
            if start < end
        ]

    def holding(self, start: int, end: int) -> int:
        """The number of the hole that holds sent ``[start, end)``, or -1."""
        number = bisect_right(self.places, (start, math.inf, 0)) - 1
        return number if number >= 0 and self.places[number][0] <= start and end <= self.places[number][1] else -1

    def with_content(self, pair: Pair, content: bytes) -> int:
        """Sent offset of bytes that are missing and equal to ``content``, or -1. Of a run only a whole hole counts."""
        run = is_constant(content)
        for start, end, _ in self.places if len(self.places) <= _MOST_HOLES else ():
            at = -1 if run and end - start != len(content) else pair.sent.find(content, start, end)
            if at >= 0:
                return at
        return -1

    def fill(self, number: int, start: int, end: int) -> None:
        """Sent ``[start, end)`` came elsewhere."""
        low, high, seam = self.places.pop(number)
        self.places[number:number] = [hole for hole in ((low, start, seam), (end, high, seam)) if hole[0] < hole[1]]


def _again(pair: Pair, holes: _Holes, event: Event) -> Edit:
    """A repeat, or a move when the same bytes are missing at their own place."""
    start, size = event.source, event.received_end - event.received
    received = ByteSpan(event.received, event.received_end)
    content = pair.received[received.start : received.end]
    number = holes.holding(start, start + size)
    if number < 0:
        equal = holes.with_content(pair, content)
        start = equal if equal >= 0 else start
        number = holes.holding(start, start + size) if equal >= 0 else -1
    if number >= 0:
        holes.fill(number, start, start + size)
        return Edit(kind=EditKind.REORDERED, sent=ByteSpan(start, start + size), received=received)
    if pair.sent[event.sent : event.sent + size] == content:
        # The chunk that is due has the same bytes: it came, and the one behind it is the repeat.
        return Edit(kind=EditKind.DUPLICATED, sent=ByteSpan(event.sent, event.sent + size), received=received.shifted(size))
    return Edit(kind=EditKind.DUPLICATED, sent=ByteSpan(start, start + size), received=received)


def _changed_places(events: Sequence[Event], plan: ChunkPlan | None) -> dict[int, Edit | None]:
    """Chunks that stand in each other's places, by received offset: the fewest moves, and None for those that stayed.

    Chunks that overwrite others leave some bytes of SENT nowhere; these leave none.
    """
    replaced = {event.sent: event for event in events if event.kind is EventKind.REPLACE}
    closed = _closed({sent: event.source for sent, event in replaced.items()})
    row = sorted((replaced[sent] for sent in closed), key=lambda event: event.received)
    if not row or any(event.size != replaced[event.source].size for event in row):
        return {}
    size = plan.size if plan else row[0].size
    order: list[int] = []
    at: dict[int, Event] = {}
    for before, event in zip([row[0], *row], row, strict=False):
        between = (event.sent - before.sent_end) // size  # chunks that kept their places hold the others to theirs
        order += [before.sent_end + number for number in range(min(between, len(row) + 1))]
        at[len(order)] = event
        order.append(event.source)
    kept = rising(order)
    return {
        event.received: None
        if number in kept
        else Edit(
            kind=EditKind.REORDERED,
            sent=ByteSpan(event.source, event.source + event.size),
            received=ByteSpan(event.received, event.received_end),
        )
        for number, event in at.items()
    }


def _closed(source: dict[int, int]) -> set[int]:
    """The places whose contents only changed places among themselves: each is the source of exactly one of them."""
    used = Counter(source.values())
    closed = {place for place in source if used[place] == 1}
    waiting = [place for place in source if place not in closed or source[place] not in closed]
    follows = {source[place]: place for place in source}
    for place in waiting:  # a chain that does not close is no change of places, from either end
        step: int | None = place
        while step is not None and step in closed:
            closed.discard(step)
            step = source[step]
        step = follows.get(place)
        while step is not None and step in closed:
            closed.discard(step)
            step = follows.get(step)
        closed.discard(place)
    return closed


def _damage(pair: Pair, sent: ByteSpan, received: ByteSpan) -> list[Edit]:
    """What stands in its place and differs: all of it when it is another content, else each place that differs."""
    edit = damage(pair, sent, received)
    if edit.kind is EditKind.ALTERED and (edit.pattern == "flips" or (edit.bits or 0) <= sent.size // 32):
        return damaged_in_place(pair, sent.start, received.start, sent.size)
    return [edit]


def joined(edits: Sequence[Edit], *, across_gaps: bool = False) -> list[Edit]:
    """Neighbours of one kind that go straight on are one edit; with ``across_gaps`` damage with gaps is, too."""
    result: list[Edit] = []
    for edit in edits:
        last = result[-1] if result else None
        whole = _as_one(last, edit, across_gaps=across_gaps) if last else None
        if whole:
            result[-1] = whole
        else:
            result.append(edit)
    return result


def _as_one(last: Edit, edit: Edit, *, across_gaps: bool) -> Edit | None:
    if last.kind is not edit.kind or not last.sent or not edit.sent or edit.kind is EditKind.INSERTED:
        return None
    gap = edit.sent.start - last.sent.end
    straight = gap == edit.received.start - last.received.end
    if gap == 0 and straight:
        on = last.value == edit.value and last.pattern == edit.pattern and edit.pattern != "flips"
        on = on and (not last.source or not edit.source or last.source.end == edit.source.start)
    else:
        on = False
    if not on and not (across_gaps and straight and 0 <= gap < _CLOSE and edit.kind is EditKind.ALTERED):
        return None
    return replace(
        last,
        sent=ByteSpan(last.sent.start, edit.sent.end),
        received=ByteSpan(last.received.start, edit.received.end),
        source=ByteSpan(last.source.start, edit.source.end) if last.source and edit.source else None,
        bits=last.bits + edit.bits if last.bits is not None and edit.bits is not None else None,
        slack=(0, 0),
    )


def _on_edge(edit: Edit, pair: Pair, plan: ChunkPlan, around: Sequence[Edit]) -> Edit:
    """A seam that may slide is put on a chunk edge, as far as the edits beside it leave room."""
    if edit.sent is None:
        return edit
    back, forward = edit.slack
    for other in around:
        if other is edit or not other.sent:
            continue
        if other.received.start <= edit.received.start:
            back = max(0, min(back, edit.sent.start - other.sent.end, edit.received.start - other.received.end))
        else:
            forward = max(0, min(forward, other.sent.start - edit.sent.end, other.received.start - edit.received.end))
    for point in (edit.sent.start, edit.sent.end):
        for edge in plan.edges_in(point - back, point + forward, most=1):
            moved = slid(pair, edit, edge - point)
            if moved.sent and (
                edit.kind is EditKind.INSERTED or plan.is_edge(moved.sent.start) or plan.is_edge(moved.sent.end)
            ):
                return moved
    return edit


def folded(edits: Sequence[Edit]) -> list[Edit]:
    """The same edit again and again at one distance, on both sides, is one edit with a ``repeat``."""
    result: list[Edit] = []
    number = 0
    while number < len(edits):
        count = _recurs(edits, number)
        if count < _FEWEST_REPEATS:
            result.append(edits[number])
            number += 1
            continue
        edit, following = edits[number], edits[number + 1]
        assert edit.sent is not None
        assert following.sent is not None
        repeat = Repeat(
            count=count,
            sent_step=following.sent.start - edit.sent.start,
            received_step=following.received.start - edit.received.start,
            source_step=following.source.start - edit.source.start if edit.source and following.source else 0,
        )
        result.append(replace(edit, repeat=repeat, slack=(0, 0)))
        number += count
    return result


def _recurs(edits: Sequence[Edit], first: int) -> int:
    """How many edits from ``first`` on are the same at one distance."""
    step: tuple[int, ...] | None = None
    count = 1
    while first + count < len(edits):
        edit, following = edits[first + count - 1], edits[first + count]
        if edit.sent is None or following.sent is None or _content_of(edit) != _content_of(following):
            break
        source = following.source.start - edit.source.start if edit.source and following.source else 0
        this = (following.sent.start - edit.sent.start, following.received.start - edit.received.start, source)
        if step not in (None, this) or min(this[:2]) < 0:
            break
        step, count = this, count + 1
    return count


def _content_of(edit: Edit) -> tuple[object, ...]:
    size = edit.sent.size if edit.sent else 0
    return edit.kind, size, edit.received.size, edit.value, edit.pattern
