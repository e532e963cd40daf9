"""The proof: edits replayed over sent give received, and spans say what every received byte is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from forensics.align.pair import Pair, is_constant
from forensics.model.alignment import Edit, EditKind, Relation, Repeat, Span
from forensics.model.span import ByteSpan

_LEAVES_SENT = {
    EditKind.DROPPED,
    EditKind.REORDERED,
    EditKind.REPLACED,
    EditKind.FILLED,
    EditKind.ALTERED,
    EditKind.TRUNCATED,
}
"""Kinds whose sent range no longer stands in its place."""


class _Place(NamedTuple):
    """One occurrence of an edit, as plain offsets: a rule over a large image has a hundred thousand of them."""

    received: int
    received_end: int
    sent: int
    sent_end: int
    source: int
    edit: Edit


def spans_of(pair: Pair, edits: Sequence[Edit]) -> tuple[Span, ...] | None:
    """The spans that follow from ``edits``, or None when the edits do not give received.

    What no edit takes out of sent stands, in its order, in what no edit claims of received.
    """
    places = [place for edit in edits for place in _places(edit)]
    gone = _disjoint([(place.sent, place.sent_end) for place in places if place.edit.kind in _LEAVES_SENT])
    claimed = sorted((place for place in places if place.received_end > place.received), key=lambda place: place.received)
    if any(place.received_end > len(pair.received) or place.sent_end > len(pair.sent) for place in places):
        return None
    if gone is None or _disjoint([place[:2] for place in claimed]) is None:
        return None
    kept = _complement(gone, len(pair.sent))
    spans: list[Span] = []
    at = 0
    for place in claimed:
        if not _keep_order(pair, spans, kept, at, place.received):
            return None
        span = _span(pair, place)
        if span is None:
            return None
        spans.append(span)
        at = place.received_end
    if not _keep_order(pair, spans, kept, at, len(pair.received)) or kept:
        return None
    return tuple(_joined(spans))


def _places(edit: Edit) -> Iterator[_Place]:
    repeat = edit.repeat or Repeat(count=1, sent_step=0, received_step=0)
    sent, sent_end = (edit.sent.start, edit.sent.end) if edit.sent else (0, 0)
    source = edit.source.start if edit.source else 0
    start, end = edit.received.start, edit.received.end
    for _ in range(repeat.count):
        yield _Place(start, end, sent, sent_end, source, edit)
        start, end = start + repeat.received_step, end + repeat.received_step
        sent, sent_end = sent + repeat.sent_step, sent_end + repeat.sent_step
        source += repeat.source_step


def _disjoint(ranges: list[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """The ranges that are not empty, sorted, or None when two of them overlap."""
    ordered = sorted(span for span in ranges if span[1] > span[0])
    if any(after[0] < before[1] for before, after in itertools.pairwise(ordered)):
        return None
    return ordered


def _complement(gone: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """What is left of ``[0, size)``, in reverse order so that the next piece is taken from the end."""
    left = []
    at = 0
    for start, end in gone:
        if start > at:
            left.append((at, start))
        at = end
    if at < size:
        left.append((at, size))
    left.reverse()
    return left


def _keep_order(pair: Pair, spans: list[Span], kept: list[tuple[int, int]], start: int, end: int) -> bool:
    """Fill received ``[start, end)`` with the next sent bytes that were kept."""
    while start < end:
        if not kept:
            return False
        sent, sent_end = kept.pop()
        size = min(sent_end - sent, end - start)
        if sent + size < sent_end:
            kept.append((sent + size, sent_end))
        if not pair.sent.startswith(pair.received_view[start : start + size], sent):
            return False
        whole, taken = ByteSpan(start, start + size), ByteSpan(sent, sent + size)
        spans.append(Span(received=whole, relation=Relation.SAME, sent=taken))
        start += size
    return True


def _span(pair: Pair, place: _Place) -> Span | None:
    """What the bytes that an edit claims are; None when the claim is false."""
    received = ByteSpan(place.received, place.received_end)
    edit = place.edit
    data = pair.received_view[received.start : received.end]
    if edit.kind in (EditKind.DUPLICATED, EditKind.REORDERED, EditKind.REPLACED):
        start = place.source if edit.kind is EditKind.REPLACED else place.sent
        true = pair.sent.startswith(data, start) and place.sent_end - place.sent == received.size
        return Span(received=received, relation=Relation.SAME, sent=ByteSpan(start, start + received.size)) if true else None
    if edit.kind is EditKind.FILLED and edit.value is not None:
        true = bytes(data).count(bytes((edit.value,))) == received.size
        return Span(received=received, relation=Relation.FILL, value=edit.value) if true else None
    if edit.kind is EditKind.ALTERED:
        true = place.sent_end - place.sent == received.size and place.sent_end <= len(pair.sent)
        return (
            Span(received=received, relation=Relation.ALTERED, sent=ByteSpan(place.sent, place.sent_end)) if true else None
        )
    content = bytes(data)
    if is_constant(content):
        return Span(received=received, relation=Relation.FILL, value=content[0])
    return Span(received=received, relation=Relation.FOREIGN)


def _joined(spans: list[Span]) -> list[Span]:
    """Neighbours that go straight on become one."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if (
            last
            and last.relation is span.relation is Relation.SAME
            and last.sent
            and span.sent
            and last.sent.end == span.sent.start
        ):
            whole = ByteSpan(last.sent.start, span.sent.end)
            joined[-1] = Span(received=ByteSpan(last.received.start, span.received.end), relation=Relation.SAME, sent=whole)
        else:
            joined.append(span)
    return joined
