"""Both sides below some layers, and the way back to the offsets of the files."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from forensics.model.alignment import Edit, EditKind, Layer, Span, in_order
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan


class Pieces(NamedTuple):
    """Which bytes of a file a layer left: inner and outer offset of each piece, rising, and where the last one ends."""

    inner: list[int]
    outer: list[int]
    inner_end: int
    outer_end: int

    def split(self, span: ByteSpan) -> Iterator[tuple[ByteSpan, ByteSpan]]:
        """The parts of an inner range that stand together outside, each inner and outer."""
        number = self._piece_at(span.start)
        at = span.start
        while at < span.end:
            piece_end = self.inner[number + 1] if number + 1 < len(self.inner) else self.inner_end
            end = min(span.end, max(piece_end, at + 1))
            shift = self.outer[number] - self.inner[number]
            yield ByteSpan(at, end), ByteSpan(at + shift, end + shift)
            at, number = end, number + 1

    def outside(self, at: int) -> int:
        """The outer offset of inner ``at``."""
        if at >= self.inner_end:
            return self.outer_end
        number = self._piece_at(at)
        return self.outer[number] + at - self.inner[number]

    def left_out(self, total: int) -> Iterator[tuple[int, ByteSpan]]:
        """Inner place and outer range of all that is in no piece of a file of ``total`` bytes."""
        sizes = itertools.pairwise([*self.inner, self.inner_end])
        ends = [start + after - before for start, (before, after) in zip(self.outer, sizes, strict=True)]
        for place, start, end in zip([*self.inner, self.inner_end], [0, *ends], [*self.outer, total], strict=True):
            if start < end:
                yield place, ByteSpan(start, end)

    def _piece_at(self, at: int) -> int:
        return max(0, bisect_right(self.inner, at) - 1)


@dataclass(frozen=True, slots=True)
class View:
    """SENT and RECEIVED below ``layers``, outermost first.

    Attributes:
        sent: SENT with the layers that the sender applied.
        received: RECEIVED without the layers that are undone.
        plan: The chunk plan that a layer proves, in offsets of ``sent``.
        outer_plan: The same in offsets of the file, where they differ.
        sent_pieces: Where ``sent`` stands in the file, when a layer left bytes out.
        received_pieces: Where ``received`` stands in the file, when bytes were taken off around the chunks.
        support: Chunks that show the plan.
    """

    sent: bytes
    received: bytes
    layers: tuple[Layer, ...] = ()
    plan: ChunkPlan | None = None
    outer_plan: ChunkPlan | None = None
    sent_pieces: Pieces | None = None
    received_pieces: Pieces | None = None
    support: int = 0

    def in_files(self, edits: list[Edit], spans: Sequence[Span], sent_size: int, received_size: int) -> list[Edit]:
        """The edits in offsets of the files of these sizes, and those that the layers are themselves.

        Args:
            edits: The edits below the layers.
            spans: What follows from them.
            sent_size: Bytes of SENT.
            received_size: Bytes of RECEIVED.
        """
        own: list[Edit] = []
        if self.sent_pieces:
            own += self._cut(spans, sent_size)
            edits = [part for edit in edits for part in _sent_outside(edit, self.sent_pieces)]
        if self.received_pieces:
            edits = [part for edit in edits for part in _received_outside(edit, self.received_pieces)]
            own += self._put_in(spans, received_size)
        return in_order([*edits, *own])

    def _put_in(self, spans: Sequence[Span], total: int) -> Iterator[Edit]:
        """One insertion for each range of RECEIVED that is around the chunks, placed where the sender stood."""
        assert self.received_pieces is not None
        known = [(span.received.start, span.sent.start) for span in spans if span.sent]
        for place, put_in in self.received_pieces.left_out(total):
            number = max(0, bisect_right(known, (place, len(self.sent))) - 1)
            at = min(len(self.sent), max(0, known[number][1] + place - known[number][0])) if known else 0
            at = self.sent_pieces.outside(at) if self.sent_pieces else at
            yield Edit(kind=EditKind.INSERTED, sent=ByteSpan(at, at), received=put_in)

    def _cut(self, spans: Sequence[Span], total: int) -> Iterator[Edit]:
        """One loss for each range of SENT that the layer leaves out."""
        assert self.sent_pieces is not None
        known = sorted((span.sent.start, span.received.start, span.received.end) for span in spans if span.sent)
        for place, lost in self.sent_pieces.left_out(total):
            number = max(0, bisect_right(known, (place, -1, -1)) - 1)
            at = min(known[number][1] + max(0, place - known[number][0]), known[number][2]) if known else 0
            last = lost.end == total and at == len(self.received)
            yield Edit(kind=EditKind.TRUNCATED if last else EditKind.DROPPED, sent=lost, received=ByteSpan(at, at))


def _received_outside(edit: Edit, pieces: Pieces) -> Iterator[Edit]:
    if not edit.received.size:
        at = pieces.outside(edit.received.start)
        yield replace(edit, received=ByteSpan(at, at))
        return
    for inner, outer in pieces.split(edit.received):
        yield _part(edit, inner.start - edit.received.start, inner.size, received=outer)


def _sent_outside(edit: Edit, pieces: Pieces) -> Iterator[Edit]:
    if edit.sent is None or not edit.sent.size:
        at = pieces.outside(edit.sent.start) if edit.sent else 0
        yield replace(edit, sent=ByteSpan(at, at) if edit.sent else None)
        return
    for inner, outer in pieces.split(edit.sent):
        part = _part(edit, inner.start - edit.sent.start, inner.size, sent=outer)
        sources = [source for _, source in pieces.split(part.source)] if part.source else []
        yield replace(part, source=sources[0]) if sources else part


def _part(edit: Edit, start: int, size: int, *, sent: ByteSpan | None = None, received: ByteSpan | None = None) -> Edit:
    """A part of an edit from byte ``start`` on, at a place of its own on one side; only a whole one can still slide."""
    if size in (edit.received.size, edit.sent.size if edit.sent else -1) and not start:
        return replace(edit, sent=sent or edit.sent, received=received or edit.received)

    def within(span: ByteSpan | None) -> ByteSpan | None:
        return ByteSpan(span.start + start, span.start + start + size) if span and span.size else span

    return replace(
        edit,
        sent=sent or within(edit.sent),
        received=received or within(edit.received) or edit.received,
        source=within(edit.source),
        bits=None if edit.bits is None else edit.bits * size // max(1, edit.received.size),
        slack=(0, 0),
    )
