"""What became of each sent byte, gathered into cells that a map can show. Pure data, no drawing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from forensics.model.alignment import Edit, EditKind, Relation
from forensics.model.image import EspImage
from forensics.model.report import Report
from forensics.model.span import ByteSpan
from forensics.report.origins import Origins, region_starts


class CellState(StrEnum):
    """What became of the sent bytes of a cell, from harmless to worst: the worst one is shown."""

    AS_SENT = "as sent"
    SHIFTED = "shifted"
    TRAILING = "bytes after the end"
    REPEATED = "repeated"
    FOREIGN = "extra bytes"
    ALTERED = "altered"
    REPLACED = "overwritten"
    FILLED = "filled"
    OUT_OF_ORDER = "out of order"
    MISSING = "missing"


SEVERITY = {state: rank for rank, state in enumerate(CellState)}

EDIT_STATES = {
    EditKind.DROPPED: CellState.MISSING,
    EditKind.TRUNCATED: CellState.MISSING,
    EditKind.REORDERED: CellState.OUT_OF_ORDER,
    EditKind.DUPLICATED: CellState.REPEATED,
    EditKind.REPLACED: CellState.REPLACED,
    EditKind.FILLED: CellState.FILLED,
    EditKind.ALTERED: CellState.ALTERED,
    EditKind.INSERTED: CellState.FOREIGN,
    EditKind.TRAILING: CellState.TRAILING,
}

COPYING_KINDS = (EditKind.REORDERED, EditKind.DUPLICATED, EditKind.REPLACED)
"""Edits whose received bytes stand where they do on their own account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: a range of sent bytes and the worst that happened to any of them."""

    sent: ByteSpan
    state: CellState


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A part of the image on the ruler: its label (``2 IRAM``) and the cells from ``first`` up to ``end``."""

    label: str
    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteMap:
    """The whole image, cell by cell.

    Attributes:
        shift: Received minus sent offset of the shifted bytes when all share one, else None.
        tail: Content of the bytes after the end of the image (``erased``, ``stale`` ...), or None.
        states: The states that occur, harmless first.
    """

    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...]
    shift: int | None
    tail: str | None
    states: tuple[CellState, ...]


def map_bytes(report: Report, *, cells: int) -> ByteMap | None:
    """The map in about ``cells`` equal cells, or None when the report compares nothing."""
    size = report.sent.size if report.sent is not None else 0
    number = min(cells, size)
    return map_bytes_at(report, [index * size // number for index in range(number)]) if number > 0 else None


def map_bytes_at(report: Report, starts: Sequence[int]) -> ByteMap | None:
    """The map in cells beginning at these sent offsets, ascending from 0; None where nothing was compared."""
    if report.sent is None or report.sent.size <= 0 or not starts:
        return None
    if not any(span.relation is Relation.SAME for span in report.spans):
        return None
    painter = _Painter(starts, report.sent.size)
    shifts = _paint_spans(painter, report)
    origins = Origins(report.spans)
    for edit in report.edits:
        _paint_edit(painter, edit, origins)
    trailing = [edit for edit in report.edits if edit.kind is EditKind.TRAILING]
    cells = painter.cells()
    seen = {cell.state for cell in cells} | ({CellState.TRAILING} if trailing else set())
    return ByteMap(
        cells=cells,
        marks=_marks(report.sent.image, starts, report.sent.size),
        shift=shifts.pop() if len(shifts) == 1 else None,
        tail=(trailing[0].content or "unknown") if trailing else None,
        states=tuple(state for state in CellState if state in seen),
    )


class _Painter:
    """Cells under construction; a cell keeps the worst state painted on it."""

    def __init__(self, starts: Sequence[int], size: int) -> None:
        self._starts = starts
        self._size = size
        self._ranks: list[int | None] = [None] * len(starts)

    def paint(self, start: int, end: int, state: CellState) -> None:
        """Sent bytes ``start`` to ``end``; an empty range is the place before ``start``."""
        start = min(start, self._size - 1)
        last = self._cell(max(start, min(end, self._size) - 1))
        rank = SEVERITY[state]
        for index in range(self._cell(start), last + 1):
            before = self._ranks[index]
            if before is None or before < rank:
                self._ranks[index] = rank

    def paint_steps(self, span: ByteSpan, step: int, count: int, state: CellState) -> None:
        """``span`` again and again; however large ``count`` is, each cell is looked at once or twice."""
        last = min(self._size, span.start + step * (count - 1) + span.size)
        if step <= max(1, span.size, self._size // len(self._starts)):
            self.paint(span.start, max(last, span.end), state)
            return
        for start in range(span.start, min(last + 1, self._size), step):
            self.paint(start, start + span.size, state)

    def cells(self) -> tuple[Cell, ...]:
        """The finished cells. Bytes that no span and no edit holds did not arrive."""
        states = tuple(CellState)
        ends = [*self._starts[1:], self._size]
        return tuple(
            Cell(sent=ByteSpan(start, end), state=CellState.MISSING if rank is None else states[rank])
            for start, end, rank in zip(self._starts, ends, self._ranks, strict=True)
        )

    def _cell(self, offset: int) -> int:
        return max(0, bisect_right(self._starts, offset) - 1)


def _paint_spans(painter: _Painter, report: Report) -> set[int]:
    """Paints what arrived unchanged, and gives the shifts that are no move or copy of their own."""
    sent_start, received_start = region_starts(report)
    copies = {edit.received.start for edit in report.edits if edit.kind in COPYING_KINDS}
    arrived = [
        (span.received, span.sent, span.received.start - received_start - (span.sent.start - sent_start))
        for span in report.spans
        if span.relation is Relation.SAME and span.sent is not None
    ]
    in_place = [sent for _, sent, shift in arrived if not shift]
    for sent in in_place:
        painter.paint(sent.start, sent.end, CellState.AS_SENT)
    shifts = set()
    for received, sent, shift in arrived:
        for part in _outside(sent, in_place) if shift else ():
            painter.paint(part.start, part.end, CellState.SHIFTED)
            if received.start not in copies:
                shifts.add(shift)
    return shifts


def _outside(span: ByteSpan, others: list[ByteSpan]) -> list[ByteSpan]:
    """The parts of ``span`` that none of ``others`` holds, which ascend: bytes in place count as in place."""
    parts = []
    start = span.start
    index = max(0, bisect_right(others, span) - 1)
    while index < len(others) and others[index].start < span.end:
        other = others[index]
        if other.end > start:
            if other.start > start:
                parts.append(ByteSpan(start, other.start))
            start = max(start, other.end)
        index += 1
    return [*parts, ByteSpan(start, span.end)] if start < span.end else parts


def _paint_edit(painter: _Painter, edit: Edit, origins: Origins) -> None:
    state = EDIT_STATES[edit.kind]
    place = edit.sent
    if edit.kind is EditKind.DUPLICATED:
        following = origins.sent_of(edit.received.end)
        place = ByteSpan(following, following) if following is not None else edit.sent
    if edit.kind is EditKind.TRAILING or place is None:
        return
    if edit.repeat is not None and edit.repeat.count > 1 and edit.repeat.sent_step > 0:
        painter.paint_steps(place, edit.repeat.sent_step, edit.repeat.count, state)
    else:
        painter.paint(place.start, place.end, state)
    if edit.kind is EditKind.REORDERED:
        neighbour = _swapped_with(place, origins.sent_of(edit.received.end))
        if neighbour is not None:
            painter.paint(neighbour.start, neighbour.end, state)


def _swapped_with(block: ByteSpan, landed: int | None) -> ByteSpan | None:
    """The neighbour of equal size that a moved block changed places with: both are out of order."""
    if landed == block.end + block.size:
        return ByteSpan(block.end, landed)
    if landed is not None and landed == block.start - block.size:
        return ByteSpan(landed, block.start)
    return None


def _marks(image: EspImage | None, starts: Sequence[int], size: int) -> tuple[Mark, ...]:
    if image is None or not image.segments:
        return ()
    parts = [(segment.header.start, f"{segment.index} {segment.region or ''}".strip()) for segment in image.segments]
    if image.end is not None and image.end < size:
        parts.append((image.end, "digest" if image.image_size != image.end else "after"))
    cells = [(max(0, bisect_right(starts, offset) - 1), label) for offset, label in parts]
    ends = [cell for cell, _ in cells[1:]] + [len(starts)]
    return tuple(Mark(label=label, first=cell, end=max(end, cell)) for (cell, label), end in zip(cells, ends, strict=True))
