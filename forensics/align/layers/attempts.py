"""A stream that began again: what came before is one transfer and what comes behind another, each with its own faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from forensics.align.events import AGAIN, EventKind
from forensics.align.pair import Pair, changes
from forensics.align.plans import Told, tell
from forensics.align.proof import spans_of
from forensics.align.proposals import TYPICAL
from forensics.model.alignment import Edit, EditKind, Layer, LayerKind, Relation, Span, in_order
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan

_FAR_CHUNKS = 4
"""A chunk or two once more are no attempt."""

_MOST_STARTS = 3
_HEAD = 32


class Start(NamedTuple):
    """At received ``received`` the stream began again at sent ``sent``; it had got to sent ``reached``."""

    received: int
    sent: int
    reached: int


class Attempts(NamedTuple):
    """What two attempts are together: the edits in offsets of both, the layer, and the cost in nats."""

    cost: float
    edits: list[Edit]
    layer: Layer
    plan: ChunkPlan | None


def attempts(pair: Pair, told: Told) -> Attempts | None:
    """Two attempts that together cost less than ``told``, or None."""
    best: Attempts | None = None
    for start in list(_starts(pair, told))[:_MOST_STARTS]:
        bound = best.cost if best else told.cost
        one = _told_apart(pair, told.plan, start, bound)
        if one and one.cost < bound:
            best = one
    return best


def _starts(pair: Pair, told: Told) -> Iterator[Start]:
    far = _FAR_CHUNKS * (told.plan.size if told.plan else TYPICAL)
    for event in told.events:
        size = event.received_end - event.received
        if event.kind is EventKind.AGAIN and event.sent - event.source >= far and size >= far / _FAR_CHUNKS:
            yield Start(event.received, event.source, event.sent)
    first = pair.sent[:_HEAD]
    at = pair.received.find(first, 1) if changes(first) >= 12 else -1
    if at > 0:
        before = [event for event in told.events if event.received <= at]
        reached = before[-1].next_sent + at - before[-1].received_end if before else at
        yield Start(at, 0, min(len(pair.sent), reached))


def _told_apart(pair: Pair, plan: ChunkPlan | None, start: Start, bound: float) -> Attempts | None:
    early_pair = Pair(pair.sent[: start.reached], pair.received[: start.received])
    late_pair = Pair(pair.sent[start.sent :], pair.received[start.received :])
    fits = plan and (start.sent == 0 or (not plan.reset and start.sent % plan.size == 0))
    early = tell(early_pair, plan, bound=bound)
    if early is None or any(edit.kind in (EditKind.TRAILING, EditKind.TRUNCATED) for edit in early.edits):
        return None  # what stands between the attempts would cost nothing
    late = tell(late_pair, plan if fits else None, bound=bound - early.cost)
    if late is None:
        return None
    spans = spans_of(early_pair, early.edits), spans_of(late_pair, late.edits)
    if spans[0] is None or spans[1] is None:
        return None
    words = f"after {start.received} bytes the stream began again at byte {start.sent} of sent"
    layer = Layer(kind=LayerKind.ATTEMPT, words=words, sent=start.sent, received=start.received)
    edits = _edits(early.edits, spans[0], _shifted(late.edits, start), _shifted_spans(spans[1], start), start)
    return Attempts(AGAIN + early.cost + late.cost, edits, layer, late.plan or early.plan)


def _edits(
    early: list[Edit], early_spans: tuple[Span, ...], late: list[Edit], late_spans: list[Span], start: Start
) -> list[Edit]:
    """The edits of both. What both brought came twice, and that of the attempt with fewer faults in it is the repeat."""
    only_early = [edit for edit in early if not edit.sent or edit.sent.end <= start.sent]
    only_late = [edit for edit in late if not edit.sent or edit.sent.start >= start.reached]
    if len(early) - len(only_early) < len(late) - len(only_late):
        place = min((span.received.start for span in early_spans if span.sent and span.sent.end > start.sent), default=0)
        first = next((span for span in early_spans if span.received.start == place and span.sent), None)
        place += max(0, start.sent - first.sent.start) if first and first.sent else 0
        again = _again(early_spans, place, start.received)
        return in_order([*only_early, *again, *late])
    end = max(
        (span.received.end for span in late_spans if span.sent and span.sent.start < start.reached), default=start.received
    )
    last = next((span for span in late_spans if span.received.end == end and span.sent), None)
    end -= max(0, last.sent.end - start.reached) if last and last.sent else 0
    again = _again(late_spans, start.received, end)
    return in_order([*early, *again, *only_late])


def _again(spans: tuple[Span, ...] | list[Span], start: int, end: int) -> Iterator[Edit]:
    """Received ``[start, end)`` as repeats, with what no attempt of SENT explains put in between."""
    for span in spans:
        low, high = max(start, span.received.start), min(end, span.received.end)
        if low >= high:
            continue
        received = ByteSpan(low, high)
        if span.sent and span.relation is Relation.SAME:
            sent = ByteSpan(span.sent.start + low - span.received.start, span.sent.start + high - span.received.start)
            yield Edit(kind=EditKind.DUPLICATED, sent=sent, received=received)
        else:
            yield Edit(kind=EditKind.INSERTED, sent=ByteSpan(0, 0), received=received)


def _shifted(edits: list[Edit], start: Start) -> list[Edit]:
    return [
        replace(
            edit,
            sent=edit.sent.shifted(start.sent) if edit.sent else None,
            received=edit.received.shifted(start.received),
            source=edit.source.shifted(start.sent) if edit.source else None,
        )
        for edit in edits
    ]


def _shifted_spans(spans: tuple[Span, ...], start: Start) -> list[Span]:
    return [
        replace(
            span,
            sent=span.sent.shifted(start.sent) if span.sent else None,
            received=span.received.shifted(start.received),
        )
        for span in spans
    ]
