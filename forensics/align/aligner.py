"""One pair of byte strings from first comparison to proven edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forensics.align.chunking import Inference, infer
from forensics.align.details import with_details, with_places
from forensics.align.fallback import mixed_in_flash, unrelated
from forensics.align.layers.stack import Explained, explain
from forensics.align.pair import Pair
from forensics.align.path_edits import folded
from forensics.align.proof import spans_of
from forensics.model.alignment import Alignment, Chunking, ChunkSource, Edit, EditKind, Relation, Span
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan

_SMALL = 4096
"""In so few bytes no share says whether the two files are related."""


def align(sent: bytes, received: bytes, *, chunking: Chunking | None = None) -> Alignment:
    """The edits that turn ``sent`` into ``received``, the cheapest found, and the span of every received byte.

    Args:
        sent: The bytes that were sent.
        received: The bytes that arrived.
        chunking: The chunk plan when it is known (given by the user or by a protocol).
    """
    if sent == received:
        return _identical(sent, chunking)
    pair = Pair(sent, received)
    if sent and received.startswith(sent):
        return _followed(pair, chunking)
    plan = ChunkPlan(chunking.size, chunking.phase, chunking.reset) if chunking and chunking.size else None
    told = explain(pair, plan)
    if told is None or _is_foreign(told, len(received)):
        return _mixed(pair, chunking) or unrelated(pair)
    return _of_explained(pair, told, chunking)


def _is_foreign(told: Explained, size: int) -> bool:
    """Most of RECEIVED has no origin in SENT, and there is enough of it to say so."""
    size -= sum(edit.received.size for edit in told.edits if edit.kind is EditKind.TRAILING)
    foreign = sum(
        span.received.size for span in told.spans if span.relation is Relation.FOREIGN and span.received.end <= size
    )
    return 2 * foreign > size > _SMALL


def _of_explained(pair: Pair, told: Explained, chunking: Chunking | None) -> Alignment:
    content = told.content if told.content != pair.received else None
    below = Pair(pair.sent, told.content) if content is not None else pair
    if chunking is None and told.plan and told.support:
        plan = told.plan
        chunking = Chunking(
            size=plan.size,
            phase=plan.phase,
            reset=plan.reset,
            overhead=sum((layer.header or 0) + (layer.trailer or 0) for layer in told.layers),
            source=ChunkSource.INFERRED,
            support=told.support,
        )
    else:
        inference = infer(below, told.edits)
        if chunking is None and inference.stated and told.plan and told.plan.size != inference.stated.plan.size:
            inference = inference._replace(stated=None)  # two answers are none
        chunking = _with_others(chunking, inference) if chunking else _chunking(inference)
    found = _alignment(below, folded(told.edits), told.spans, chunking)
    return replace(found, layers=told.layers, content=content)


def _mixed(pair: Pair, chunking: Chunking | None) -> Alignment | None:
    edits = mixed_in_flash(pair)
    return _alignment(pair, edits, spans_of(pair, edits) or (), chunking or Chunking()) if edits else None


def _identical(sent: bytes, chunking: Chunking | None) -> Alignment:
    whole = ByteSpan(0, len(sent))
    spans = (Span(received=whole, relation=Relation.SAME, sent=whole),) if sent else ()
    return Alignment(spans=spans, edits=(), chunking=chunking or Chunking())


def _followed(pair: Pair, chunking: Chunking | None) -> Alignment:
    """All of sent, and something behind it that no device reads."""
    tail = Edit(kind=EditKind.TRAILING, sent=None, received=ByteSpan(len(pair.sent), len(pair.received)))
    return _alignment(pair, [tail], spans_of(pair, [tail]) or (), chunking or Chunking())


def _alignment(pair: Pair, edits: Sequence[Edit], spans: tuple[Span, ...], chunking: Chunking) -> Alignment:
    """The result for a story that holds, with the spans that prove it."""
    plan = ChunkPlan(chunking.size, chunking.phase, chunking.reset) if chunking.size else None
    return Alignment(spans=spans, edits=with_details(pair, with_places(edits, spans), plan), chunking=chunking)


def _with_others(chunking: Chunking, inference: Inference) -> Chunking:
    """A known plan, with the size that the edits speak for beside it."""
    sizes = ([inference.stated.plan.size] if inference.stated else []) + list(inference.alternatives)
    return replace(chunking, alternatives=tuple(dict.fromkeys(size for size in sizes if size != chunking.size)))


def _chunking(inference: Inference) -> Chunking:
    stated = inference.stated
    if stated is None:
        return Chunking(alternatives=inference.alternatives)
    plan = stated.plan
    return Chunking(
        size=plan.size,
        phase=plan.phase,
        reset=plan.reset,
        source=ChunkSource.INFERRED,
        support=stated.hits,
        alternatives=inference.alternatives,
    )
