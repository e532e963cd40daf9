"""The proof: edits replayed over sent give received, and spans say what every received byte is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forensics.align.pair import Pair, is_constant
from forensics.model.alignment import Edit, EditKind, Relation, Span
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


def occurrences(edit: Edit) -> Iterable[Edit]:
    """The edit itself, or each of its repetitions as an edit of its own."""
    if edit.repeat is None:
        yield edit
        return
    repeat = edit.repeat
    for number in range(repeat.count):
        yield Edit(
            kind=edit.kind,
            sent=edit.sent.shifted(number * repeat.sent_step) if edit.sent else None,
            received=edit.received.shifted(number * repeat.received_step),
            source=edit.source.shifted(number * repeat.source_step) if edit.source else None,
            value=edit.value,
            bits=edit.bits,
            pattern=edit.pattern,
        )


def spans_of(pair: Pair, edits: Sequence[Edit]) -> tuple[Span, ...] | None:
    """The spans that follow from ``edits``, or None when the edits do not give received.

    What no edit takes out of sent stands, in its order, in what no edit claims of received.
    """
    single = [one for edit in edits for one in occurrences(edit)]
    gone = _ranges(edit.sent for edit in single if edit.kind in _LEAVES_SENT and edit.sent)
    claimed = sorted((edit for edit in single if edit.received.size), key=lambda edit: edit.received.start)
    if gone is None or _ranges(edit.received for edit in claimed) is None:
        return None
    kept = _complement(gone, len(pair.sent))
    spans: list[Span] = []
    at = 0
    for edit in claimed:
        if not _keep_order(pair, spans, kept, at, edit.received.start):
            return None
        spans.append(_span(edit, pair))
        at = edit.received.end
    if not _keep_order(pair, spans, kept, at, len(pair.received)) or kept:
        return None
    spans = _joined(spans)
    return tuple(spans) if all(_true(pair, span) for span in spans) else None


def _ranges(ranges: Iterable[ByteSpan]) -> list[ByteSpan] | None:
    """Sorted, or None when two of them overlap."""
    ordered = sorted(span for span in ranges if span.size)
    for before, after in zip(ordered, ordered[1:], strict=False):
        if after.start < before.end:
            return None
    return ordered


def _complement(gone: list[ByteSpan], size: int) -> list[ByteSpan]:
    """What is left of ``[0, size)``, in reverse order so that the next piece is taken from the end."""
    left = []
    at = 0
    for span in gone:
        if span.start > at:
            left.append(ByteSpan(at, span.start))
        at = span.end
    if at < size:
        left.append(ByteSpan(at, size))
    left.reverse()
    return left


def _keep_order(pair: Pair, spans: list[Span], kept: list[ByteSpan], start: int, end: int) -> bool:
    """Fill received ``[start, end)`` with the next sent bytes that were kept."""
    while start < end:
        if not kept:
            return False
        sent = kept.pop()
        size = min(sent.size, end - start)
        if size < sent.size:
            kept.append(ByteSpan(sent.start + size, sent.end))
        taken = ByteSpan(sent.start, sent.start + size)
        spans.append(Span(received=ByteSpan(start, start + size), relation=Relation.SAME, sent=taken))
        start += size
    return True


def _span(edit: Edit, pair: Pair) -> Span:
    received = edit.received
    if edit.kind in (EditKind.DUPLICATED, EditKind.REORDERED):
        return Span(received=received, relation=Relation.SAME, sent=edit.sent)
    if edit.kind is EditKind.REPLACED:
        return Span(received=received, relation=Relation.SAME, sent=edit.source)
    if edit.kind is EditKind.FILLED:
        return Span(received=received, relation=Relation.FILL, value=edit.value)
    if edit.kind is EditKind.ALTERED:
        return Span(received=received, relation=Relation.ALTERED, sent=edit.sent)
    data = pair.received[received.start : received.end]
    if is_constant(data):
        return Span(received=received, relation=Relation.FILL, value=data[0])
    return Span(received=received, relation=Relation.FOREIGN)


def _true(pair: Pair, span: Span) -> bool:
    received = span.received
    if span.sent is not None and (span.sent.size != received.size or span.sent.end > len(pair.sent)):
        return False
    if span.relation is Relation.SAME and span.sent is not None:
        return pair.sent.startswith(pair.received_view[received.start : received.end], span.sent.start)
    if span.relation is Relation.FILL and span.value is not None:
        data = pair.received[received.start : received.end]
        return data.count(bytes((span.value,))) == len(data)
    return True


def _joined(spans: list[Span]) -> list[Span]:
    """Neighbours that go straight on become one."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and last.relation is span.relation is Relation.SAME and last.sent and span.sent and last.sent.end == span.sent.start:
            whole = ByteSpan(last.sent.start, span.sent.end)
            joined[-1] = Span(received=ByteSpan(last.received.start, span.received.end), relation=Relation.SAME, sent=whole)
        else:
            joined.append(span)
    return joined
