"""One pair of byte strings from first comparison to proven story."""

from __future__ import annotations

from collections.abc import Sequence

from forensics.align.anchors import Index
from forensics.align.bridge import bridged
from forensics.align.chunking import Inference, infer
from forensics.align.details import with_details
from forensics.align.grid import Grid
from forensics.align.pair import Pair
from forensics.align.pairing import paired
from forensics.align.pieces import Piece
from forensics.align.proof import spans_of
from forensics.align.seams import settle
from forensics.align.slack import with_slack
from forensics.align.snap import snap
from forensics.align.story import tell
from forensics.align.trace import Tracer
from forensics.model.alignment import Alignment, Chunking, ChunkSource, Edit, EditKind, Relation, Span
from forensics.model.span import ByteSpan

_MOST_PAIRED = 1000
"""Beyond so many edits no pass that looks at pairs of them is made."""


def align(sent: bytes, received: bytes, *, chunking: Chunking | None = None) -> Alignment:
    """The edits that turn ``sent`` into ``received``, the fewest found, and the span of every received byte.

    Args:
        sent: The bytes that were sent.
        received: The bytes that arrived.
        chunking: The chunk plan when it is known (given by the user or by a protocol).
    """
    if sent == received:
        return _identical(sent, chunking)
    pair = Pair(sent, received)
    trace = Tracer(pair).run()
    if not trace.related:
        return _unrelated(pair, trace.index or Index(sent))
    known = Grid(chunking.size, chunking.phase, chunking.reset) if chunking and chunking.size else None
    pieces = bridged(pair, trace.pieces)
    first = _story(pair, pieces, known)
    inference = infer(pair, first, trace.grid)
    grid = known or (inference.best.grid if inference.best and inference.best.score > 0 else None)
    edits = first
    if grid:
        edits = _story(pair, pieces, grid)
        edits = snap(pair, edits, grid) if len(edits) <= _MOST_PAIRED else edits
    chunking = chunking or _chunking(inference)
    return _proven(pair, (edits, first), chunking)


def _story(pair: Pair, pieces: Sequence[Piece], grid: Grid | None) -> list[Edit]:
    edits = with_slack(pair, tell(pair, settle(pair, pieces, grid), grid))
    return paired(pair, edits, grid) if len(edits) <= _MOST_PAIRED else edits


def _identical(sent: bytes, chunking: Chunking | None) -> Alignment:
    whole = ByteSpan(0, len(sent))
    spans = (Span(received=whole, relation=Relation.SAME, sent=whole),) if sent else ()
    return Alignment(spans=spans, edits=(), chunking=chunking or Chunking())


def _proven(pair: Pair, stories: Sequence[Sequence[Edit]], chunking: Chunking) -> Alignment:
    """The first story that holds; when none does, the one that always holds."""
    for edits in stories:
        spans = spans_of(pair, edits)
        if spans is not None:
            grid = Grid(chunking.size, chunking.phase, chunking.reset) if chunking.size else None
            return Alignment(spans=spans, edits=with_details(pair, edits, grid), chunking=chunking)
    return _plain(pair, chunking)


def _plain(pair: Pair, chunking: Chunking) -> Alignment:
    """What always holds: an equal beginning, something else, an equal end."""
    head = pair.common_prefix(0, 0)
    shorter = min(len(pair.sent), len(pair.received)) - head
    tail = pair.common_suffix(len(pair.sent), len(pair.received), shorter)
    sent = ByteSpan(head, len(pair.sent) - tail)
    received = ByteSpan(head, len(pair.received) - tail)
    edits = []
    if sent.size:
        edits.append(Edit(kind=EditKind.DROPPED, sent=sent, received=ByteSpan(head, head)))
    if received.size:
        edits.append(Edit(kind=EditKind.INSERTED, sent=ByteSpan(sent.end, sent.end), received=received))
    spans = spans_of(pair, edits)
    return Alignment(spans=spans or (), edits=with_details(pair, edits, None), chunking=chunking)


def _unrelated(pair: Pair, index: Index) -> Alignment:
    sent, received = ByteSpan(0, len(pair.sent)), ByteSpan(0, len(pair.received))
    edits = (Edit(kind=EditKind.TRUNCATED, sent=sent, received=received),)
    share = index.share(pair.received, 0, len(pair.received), 400)
    spans = spans_of(pair, edits) or ()
    return Alignment(
        spans=spans, edits=with_details(pair, edits, None), chunking=Chunking(), related=False, similarity=share
    )


def _chunking(inference: Inference) -> Chunking:
    stated = inference.stated
    if stated is None:
        return Chunking(alternatives=inference.alternatives)
    grid = stated.grid
    return Chunking(
        size=grid.size,
        phase=grid.phase,
        reset=grid.reset,
        source=ChunkSource.INFERRED,
        support=stated.hits,
        alternatives=inference.alternatives,
    )
