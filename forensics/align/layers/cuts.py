"""Chunks of which only a part arrives: the first bytes, all but the first, or what stands before their first zero byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from forensics.align.chunking import USUAL
from forensics.align.layers.breaks import Break, most_usual, plan_of
from forensics.align.layers.view import Pieces, View
from forensics.model.alignment import Layer, LayerKind
from forensics.model.chunk_plan import ChunkPlan

_SMALL = 16
"""What lacks in each chunk, if it is a chunk itself, is rather every n-th of a row of small chunks."""

_BUFFER = 512
"""Receivers collect chunks in buffers of multiples of this size."""

_SMALLEST, _LARGEST = 16, 4200
_LOOKED_AT = 64
_FEWEST = 24


def with_cut_chunks(view: View, breaks: list[Break]) -> Iterator[View]:
    """The view with SENT cut as the breaks show it."""
    for less, kept in most_usual((one.less, one.size) for one in breaks if one.less):
        size = kept + less
        if less >= _SMALL and size % less == 0:
            continue
        starts = [one.sent for one in breaks if one.less == less]
        first = _first(starts, size, less)
        plan = plan_of(size, [start - first for start in starts])
        words = (
            f"{kept} bytes of each chunk of {size} arrived" if less > 1 else f"{kept} of {size} bytes of each chunk arrived"
        )
        layer = Layer(kind=LayerKind.CUT_CHUNKS, words=words, kept=kept, first=first)
        cut = _cut(view, plan, layer, _part(first, first + kept))
        yield replace(cut, outer_plan=ChunkPlan(_chunk_in(size, kept, less), plan.phase, plan.reset))


def with_chunks_cut_at_zero(view: View) -> Iterator[View]:
    """The view with each chunk of SENT up to its first zero byte, when no zero byte arrived at all.

    Hardly any image has a kilobyte without a zero byte, so received bytes without one are the sign to look for.
    """
    sent, received = view.sent, view.received
    if len(received) >= len(sent) or len(received) < _FEWEST or 0 in received or not sent.count(0):
        return
    for size in range(_SMALLEST, min(_LARGEST, len(sent) // _FEWEST) + 1):
        start = b"".join(sent[at : at + size].partition(b"\0")[0] for at in range(0, _LOOKED_AT * size, size))
        if received.startswith(start[: len(received)]):
            layer = Layer(kind=LayerKind.CUT_AT_ZERO, words=f"each chunk of {size} bytes ends at its first zero byte")
            yield _cut(view, ChunkPlan(size), layer, lambda data: (0, len(data.partition(b"\0")[0])))
            return


def _chunk_in(size: int, kept: int, less: int) -> int:
    """The chunk size where a whole buffer is kept: the usual one of which a row fills it, and whose rest is lost."""
    if kept % _BUFFER or kept == less:
        return size
    usual = [one for one in USUAL if size % one == 0 and less < one < kept]
    return max(usual, key=lambda one: USUAL[one], default=size)


def _part(first: int, end: int) -> Callable[[bytes], tuple[int, int]]:
    return lambda chunk: (first, min(end, len(chunk)))


def _first(starts: list[int], size: int, less: int) -> int:
    """How many bytes lack at the start of a chunk: all, when what arrives begins so far behind an edge, or none."""
    shifted = sum(start % size == less for start in starts)
    return less if shifted * 2 > len(starts) else 0


def _cut(view: View, plan: ChunkPlan, layer: Layer, kept: Callable[[bytes], tuple[int, int]]) -> View:
    inner, outer, parts, length, end = [], [], [], 0, 0
    for chunk in plan.chunks(len(view.sent)):
        low, high = kept(view.sent[chunk.start : chunk.end])
        if low < high:
            inner.append(length)
            outer.append(chunk.start + low)
            parts.append(view.sent[chunk.start + low : chunk.start + high])
            length += high - low
            end = chunk.start + high
    below = ChunkPlan(layer.kept) if layer.kept and plan.reset is None else None
    return replace(
        view,
        sent=b"".join(parts),
        layers=(*view.layers, layer),
        plan=below,
        outer_plan=plan,
        sent_pieces=Pieces(inner, outer, length, end),
        support=len(parts),
    )
