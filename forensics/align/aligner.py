"""One pair of byte strings from first comparison to proven story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forensics.align.anchors import Index
from forensics.align.bridge import bridged
from forensics.align.chunking import Inference, infer
from forensics.align.details import with_details, with_places
from forensics.align.fallback import mixed_in_flash, plain_edits, unrelated
from forensics.align.grid import Grid
from forensics.align.pair import Pair
from forensics.align.pairing import paired
from forensics.align.permuted import permuted
from forensics.align.pieces import Piece
from forensics.align.proof import spans_of
from forensics.align.seams import settle
from forensics.align.slack import with_slack
from forensics.align.snap import snap
from forensics.align.story import tell
from forensics.align.trace import Trace, Tracer
from forensics.align.zero_cut import cut_at_zeros
from forensics.model.alignment import Alignment, Chunking, ChunkSource, Edit, EditKind, Relation, Span
from forensics.model.span import ByteSpan

_MOST_PAIRED = 300
"""Beyond so many edits no pass that looks at pairs of them is made."""

_MOST_SNAPPED = 3000
"""Beyond so many edits none is moved onto the chunk grid."""

_MANY = 50
"""Beyond so many edits it is asked whether all chunks arrived and only their order changed."""

_ALIKE = 0.2
"""Share of sampled windows that occur in sent; of chunks of 16 bytes in any order it is 0.8, of another file near 0."""

_MOVES = {EditKind.REORDERED}

_SMALL = 4096
"""In so few bytes no share of windows says whether the two files are related."""


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
    if sent and received.startswith(sent):
        return _followed(pair, chunking)
    cut = cut_at_zeros(pair)
    if cut:
        return _ruled(pair, *cut, chunking)
    trace = Tracer(pair).run()
    told = _told(pair, trace, chunking) if trace.related else None
    told = told or _mixed(pair, chunking) or unrelated(pair, trace.index or Index(sent))
    moved = permuted(pair) if _is_poor(pair, told) else None
    if moved and (not told.related or len(moved[0]) < len(told.edits) or {edit.kind for edit in told.edits} != _MOVES):
        return _ruled(pair, *moved, chunking)
    return told


def _mixed(pair: Pair, chunking: Chunking | None) -> Alignment | None:
    edits = mixed_in_flash(pair)
    return _alignment(pair, edits, spans_of(pair, edits) or (), chunking or Chunking()) if edits else None


def _is_poor(pair: Pair, told: Alignment) -> bool:
    """Many edits, or many bytes without an origin that occur in sent: a story that a simpler one may replace."""
    if not told.related:
        return (told.similarity or 0.0) > _ALIKE
    unexplained = (EditKind.INSERTED, EditKind.ALTERED, EditKind.TRAILING)
    foreign = sum(edit.received.size for edit in told.edits if edit.kind in unexplained)
    return len(told.edits) > _MANY or foreign * 20 > len(pair.received)


def _identical(sent: bytes, chunking: Chunking | None) -> Alignment:
    whole = ByteSpan(0, len(sent))
    spans = (Span(received=whole, relation=Relation.SAME, sent=whole),) if sent else ()
    return Alignment(spans=spans, edits=(), chunking=chunking or Chunking())


def _followed(pair: Pair, chunking: Chunking | None) -> Alignment:
    """All of sent, and something behind it that no device reads."""
    tail = Edit(kind=EditKind.TRAILING, sent=None, received=ByteSpan(len(pair.sent), len(pair.received)))
    return _alignment(pair, [tail], spans_of(pair, [tail]) or (), chunking or Chunking())


def _ruled(pair: Pair, edits: list[Edit], grid: Grid, chunking: Chunking | None) -> Alignment:
    """A story that names its chunk size by itself: every edit is an edge that agrees."""
    plan = chunking or Chunking(size=grid.size, source=ChunkSource.INFERRED, support=len(edits))
    return _alignment(pair, edits, spans_of(pair, edits) or (), plan)


def _told(pair: Pair, trace: Trace, chunking: Chunking | None) -> Alignment:
    """The story of the traced pieces: told once, then once more on the chunk grid that the first telling shows."""
    pieces = bridged(pair, trace.pieces)
    known = Grid(chunking.size, chunking.phase, chunking.reset) if chunking and chunking.size else None
    first = _story(pair, pieces, known)
    inference = infer(pair, first, trace.grid)
    grid = known or (inference.best.grid if inference.best and inference.best.score > 0 else None)
    stories = [first]
    if grid:
        again = _story(pair, pieces, grid)
        stories.insert(0, snap(pair, again, grid) if len(again) <= _MOST_SNAPPED else again)
    proven = [(edits, spans) for edits in stories if (spans := spans_of(pair, edits)) is not None]
    if proven:
        plan = _with_others(chunking, inference) if chunking else _chunking(inference)
        return _alignment(pair, *min(proven, key=lambda story: len(story[0])), plan)
    edits = plain_edits(pair)
    foreign = sum(edit.received.size for edit in edits)
    if 2 * foreign > len(pair.received) and len(pair.received) > _SMALL:
        return unrelated(pair, trace.index or Index(pair.sent))
    return _alignment(pair, edits, spans_of(pair, edits) or (), chunking or Chunking())


def _story(pair: Pair, pieces: Sequence[Piece], grid: Grid | None) -> list[Edit]:
    edits = with_slack(pair, tell(pair, settle(pair, pieces, grid), grid))
    return paired(pair, edits, grid) if len(edits) <= _MOST_PAIRED else edits


def _alignment(pair: Pair, edits: Sequence[Edit], spans: tuple[Span, ...], chunking: Chunking) -> Alignment:
    """The result for a story that holds, with the spans that prove it."""
    grid = Grid(chunking.size, chunking.phase, chunking.reset) if chunking.size else None
    return Alignment(spans=spans, edits=with_details(pair, with_places(edits, spans), grid), chunking=chunking)


def _with_others(chunking: Chunking, inference: Inference) -> Chunking:
    """A known plan, with the size that the edits speak for beside it."""
    sizes = ([inference.stated.grid.size] if inference.stated else []) + list(inference.alternatives)
    return replace(chunking, alternatives=tuple(dict.fromkeys(size for size in sizes if size != chunking.size)))


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
