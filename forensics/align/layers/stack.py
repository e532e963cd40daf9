"""The stack of layers that explains most at least cost, and what happened below it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from forensics.align.events import CODED, EventKind
from forensics.align.layers.attempts import attempts
from forensics.align.layers.breaks import breaks_in
from forensics.align.layers.byte_maps import is_known, without_maps
from forensics.align.layers.cuts import with_chunks_cut_at_zero, with_cut_chunks
from forensics.align.layers.frames import without_frames
from forensics.align.layers.view import View
from forensics.align.pair import Pair
from forensics.align.path_edits import joined
from forensics.align.plans import Told, first_look, tell
from forensics.align.proof import spans_of
from forensics.align.slack import with_slack
from forensics.model.alignment import Edit, Layer, Relation, Span
from forensics.model.chunk_plan import ChunkPlan

_FEW_EVENTS = 6
"""A layer leaves more traces than so many."""

_MANY_EVENTS = 1000
"""Of so many it is not asked whether they are two attempts: it would take as many passes."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Layers, and the edits below them in offsets of the files.

    Attributes:
        edits: The edits, those of the layers among them.
        spans: What follows from them over ``content``.
        content: RECEIVED with the encodings undone, as ``spans`` count in.
        layers: Outermost first.
        plan: The chunk plan of the events, in offsets of SENT.
        support: Chunks of a layer that show the plan; 0 when only the events do.
    """

    edits: list[Edit]
    spans: tuple[Span, ...]
    content: bytes
    layers: tuple[Layer, ...] = ()
    plan: ChunkPlan | None = None
    support: int = 0


def explain(pair: Pair, plan: ChunkPlan | None) -> Explained | None:
    """The cheapest explanation over every stack of layers that the data speaks for; None when there is none.

    Args:
        pair: SENT and RECEIVED.
        plan: The chunk plan when it is known.
    """
    best: tuple[float, Explained] | None = None
    known = is_known(pair)
    look = first_look(pair) if known else None
    for view in _views(pair, look, is_known=known):
        extra = CODED * len(view.layers)
        below = Pair(view.sent, view.received) if view.layers else pair
        bound = best[0] - extra if best else math.inf
        told = tell(below, view.plan or plan, bound=bound, look=None if view.layers else look) if bound > 0 else None
        if told is None:
            continue
        one = _with_attempts(pair, view, below, told)
        if one and (best is None or one[0] + extra < best[0]):
            best = one[0] + extra, one[1]
    return best[1] if best else None


def _views(pair: Pair, look: Told | None, *, is_known: bool) -> Iterator[View]:
    """The stacks to try, the likeliest first: what it costs bounds the others."""
    plain = View(pair.sent, pair.received)
    yield from with_chunks_cut_at_zero(plain)
    if not is_known:
        yield from _below_maps(pair, plain)
        return
    reached = look.events[-1].received_end if look else 0
    odd = sum(event.received_end - event.received for event in look.events if event.kind is EventKind.INSERT) if look else 0
    if look and len(look.events) <= _FEW_EVENTS and reached == len(pair.received) and odd * 8 < reached:
        yield plain
        return
    yield from _around(plain)


def _below_maps(pair: Pair, plain: View) -> Iterator[View]:
    """Stacks for bytes that are not those of SENT: a byte map, or chunks too short for a sample."""
    for mapped in without_maps(pair):
        yield from _around(mapped)


def _around(view: View) -> Iterator[View]:
    """The frames and the cuts that the breaks show, and neither."""
    breaks = breaks_in(view)
    for framed in without_frames(view, breaks):
        yield from with_cut_chunks(framed, breaks_in(framed))
        yield framed
    yield from with_cut_chunks(view, breaks)
    yield view


def _with_attempts(pair: Pair, view: View, below: Pair, told: Told) -> tuple[float, Explained] | None:
    """The explanation with its cost; None when its edits do not give RECEIVED."""
    apart = attempts(below, told) if 2 < len(told.events) <= _MANY_EVENTS else None
    if apart:
        one = _explained(pair, view, below, apart.edits, apart.plan, (apart.layer,))
        if one:
            return apart.cost, one
    one = _explained(pair, view, below, told.edits, told.plan, ())
    return (told.cost, one) if one else None


def _explained(
    pair: Pair, view: View, below: Pair, edits: list[Edit], plan: ChunkPlan | None, inner: tuple[Layer, ...]
) -> Explained | None:
    spans = spans_of(below, edits)
    if spans is None:
        return None
    layers = (*view.layers, *inner)
    if not view.layers:
        return Explained(edits, spans, pair.received, layers, plan)
    content = _content(pair, view, spans)
    outside = Pair(pair.sent, content)
    edits = joined(view.in_files(edits, spans, len(pair.sent), len(pair.received)))
    if view.received_pieces is None:
        edits = with_slack(outside, edits)
    spans = spans_of(outside, edits)
    plan = view.outer_plan or view.plan or plan
    return Explained(edits, spans, content, layers, plan, view.support) if spans is not None else None


def _content(pair: Pair, view: View, spans: tuple[Span, ...]) -> bytes:
    """RECEIVED with its byte maps undone: what SENT explains is as SENT has it, the rest as the layer leaves it."""
    if not any(layer.name for layer in view.layers):
        return pair.received
    result = bytearray(pair.received)
    for span in spans:
        for inner, outer in (
            view.received_pieces.split(span.received) if view.received_pieces else [(span.received, span.received)]
        ):
            start = inner.start - span.received.start
            if span.relation is Relation.SAME and span.sent:
                at = view.sent_pieces.outside(span.sent.start + start) if view.sent_pieces else span.sent.start + start
                result[outer.start : outer.end] = pair.sent[at : at + inner.size]
            else:
                result[outer.start : outer.end] = view.received[inner.start : inner.end]
    return bytes(result)
