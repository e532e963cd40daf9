"""The sent and the received order of chunks around an edit, as two rows of boxes. Pure data, no drawing.

The received row is read from the report's spans, never assumed: a second fault beside the first shows too.
"""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.alignment import Edit, EditKind, Relation
from forensics.model.report import Report
from forensics.model.span import ByteSpan
from forensics.report.byte_map import EDIT_STATES, CellState
from forensics.report.caption import caption_of
from forensics.report.grid import ChunkGrid, edit_chunks, grid_of, span_chunks
from forensics.report.origins import Origins
from forensics.report.places import content_value
from forensics.report.words import counted, hex_offset

CONTEXT = 2
"""Chunks shown on each side of an edit."""
SINGLY = 3
"""Chunks of an edit that get a box each; more share one."""
INSTANCES = 3
"""How often a repeated edit is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What was sent and what stands there, None where a side has nothing. ``state`` marks an edited place."""

    sent: str | None
    received: str | None
    state: CellState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Two rows of boxes.

    Attributes:
        opened: The image goes on before the first box, and ``closed``: it ends with the last one.
        caption: What the marked boxes mean.
        scale: How large a box is, or None when the boxes name bytes.
    """

    columns: tuple[Column, ...]
    opened: bool
    closed: bool
    caption: str
    scale: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What the boxes are named by: chunks, or offsets and byte counts without a grid that fits the edit."""

    grid: ChunkGrid | None
    origins: Origins
    sent_size: int

    def sent_label(self, offset: int) -> str | None:
        """Name of the chunk that holds a sent byte."""
        if self.grid is None or not 0 <= offset < self.sent_size:
            return None
        return str(self.grid.index(offset))

    def received_label(self, offset: int) -> str | None:
        """What stands at a received offset: ``100``, ``~100`` when altered, a fill value or ``?``."""
        span = self.origins.span_at(offset) if offset >= 0 else None
        if span is None:
            return None
        if span.relation is Relation.FILL:
            return f"0x{span.value or 0:02x}"
        sent = self.origins.sent_of(offset)
        if sent is None:
            return "?"
        label = self.sent_label(sent) or "?"
        return f"~{label}" if span.relation is Relation.ALTERED else label

    def extra_at(self, received: int) -> ByteSpan | None:
        """Foreign bytes at a received offset, fewer than a chunk: protocol bytes between chunks."""
        span = self.origins.span_at(received) if received >= 0 else None
        small = span is not None and self.grid is not None and span.received.size < self.grid.size
        return span.received if span is not None and small and span.relation is Relation.FOREIGN else None

    def block(self, span: ByteSpan) -> list[str]:
        """Labels of a sent range: its chunk numbers where it lies on chunk edges, else its size."""
        chunks = span_chunks(span, self.grid, self.sent_size) if self.grid is not None else None
        if chunks is None or not span.size:
            return [counted(span.size, "byte")]
        first, last = chunks
        if last - first < SINGLY:
            return [str(number) for number in range(first, last + 1)]
        return [f"{first}..{last}"]


def picture_of(edit: Edit, report: Report) -> Picture | None:
    """The picture of one edit, or None when there is nothing to stand beside it."""
    if report.sent is None or not report.spans:
        return None
    size = max(0, report.sent.size)
    grid = grid_of(report.chunking)
    chunks = edit_chunks(edit, grid, size)
    if edit.kind is EditKind.TRAILING:
        chunks = (0, 0) if grid is not None else None
    scene = _Scene(grid=grid if chunks is not None else None, origins=Origins(report.spans), sent_size=size)
    columns = _moved(edit, scene) if edit.kind is EditKind.REORDERED else _in_place(edit, scene)
    if columns is None or all(column.state is not None for column in columns):
        return None
    first = columns[0]
    at_start = first.sent in ("0", hex_offset(0)) or (first.state is not None and edit.received.start == 0)
    at_end = edit.kind in (EditKind.TRAILING, EditKind.TRUNCATED)
    return Picture(
        columns=tuple(columns),
        opened=not at_start,
        closed=at_end or columns[-1].state is not None,
        caption=caption_of(edit, report),
        scale=f"1 chunk = {counted(grid.size, 'byte')}" if grid is not None and scene.grid is not None else None,
    )


def _before(scene: _Scene, sent: int, received: int) -> list[Column]:
    """The boxes before a place, the nearest last."""
    if scene.grid is None:
        return [Column(sent=hex_offset(sent), received=hex_offset(received))] if sent or received else []
    columns: list[Column] = []
    while len(columns) < 2 * CONTEXT and sum(column.sent is not None for column in columns) < CONTEXT:
        if sent <= 0 or received <= 0:
            break
        extra = scene.extra_at(received - 1)
        if extra is not None and columns:
            columns.append(Column(sent=None, received=f"+{extra.size}"))
            received = extra.start
            continue
        columns.append(Column(sent=scene.sent_label(sent - 1), received=scene.received_label(received - 1)))
        step = sent - scene.grid.floor(sent - 1)
        sent, received = sent - step, received - step
    return columns[::-1]


def _after(scene: _Scene, sent: int, received: int, number: int = CONTEXT) -> list[Column]:
    """The boxes after a place."""
    if scene.grid is None:
        if sent >= scene.sent_size or scene.origins.span_at(received) is None:
            return []
        return [Column(sent=hex_offset(sent), received=hex_offset(received))]
    columns: list[Column] = []
    while len(columns) < 2 * number and sum(column.sent is not None for column in columns) < number:
        extra = scene.extra_at(received)
        if extra is not None and columns:
            columns.append(Column(sent=None, received=f"+{extra.size}"))
            received = extra.end
            continue
        label = scene.sent_label(sent)
        stands = scene.received_label(received)
        if label is None or stands is None:
            break
        columns.append(Column(sent=label, received=stands))
        step = scene.grid.ceiling(sent) - sent
        sent, received = sent + step, received + step
    return columns


def _place(edit: Edit, scene: _Scene) -> ByteSpan:
    """The sent range that the edit concerns; for bytes that came extra, the empty range where they stand."""
    if edit.kind is EditKind.TRAILING or edit.sent is None:
        return ByteSpan(scene.sent_size, scene.sent_size)
    if edit.kind is not EditKind.DUPLICATED:
        return edit.sent
    before = scene.origins.sent_of(edit.received.start - 1) if edit.received.start else None
    following = scene.origins.sent_of(edit.received.end)
    place = before + 1 if before is not None else following
    return ByteSpan(edit.sent.end, edit.sent.end) if place is None else ByteSpan(place, place)


def _in_place(edit: Edit, scene: _Scene) -> list[Column]:
    place, received = _place(edit, scene), edit.received
    columns = _before(scene, place.start, received.start)
    count = min(INSTANCES, edit.repeat.count) if edit.repeat is not None else 1
    for instance in range(count):
        columns += _marked(edit, place, scene)
        last = instance == count - 1
        goes_on = not last or (edit.repeat is not None and edit.repeat.count > count)
        following = _after(scene, place.end, received.end, 1 if goes_on else CONTEXT)
        if not last and edit.repeat is not None:
            place = place.shifted(max(0, edit.repeat.sent_step))
            received = received.shifted(max(0, edit.repeat.received_step))
            if scene.grid is not None and edit.repeat.sent_step - place.size > scene.grid.size:
                following.append(Column(sent="..", received=".."))
        columns += following
    return columns


def _marked(edit: Edit, place: ByteSpan, scene: _Scene) -> list[Column]:
    state = EDIT_STATES[edit.kind]
    sent: list[str] | list[None] = scene.block(place) if place.size else [None]
    stands = _standing(edit, sent, scene)
    boxes = max(len(sent), len(stands))
    sent_labels = [*sent, *[None] * (boxes - len(sent))]
    received_labels = [*stands, *[None] * (boxes - len(stands))]
    return [
        Column(sent=label, received=other, state=state) for label, other in zip(sent_labels, received_labels, strict=True)
    ]


def _standing(edit: Edit, sent: list[str] | list[None], scene: _Scene) -> list[str] | list[None]:
    """Labels of what the received side holds at the place of an edit."""
    if not edit.received.size:
        return [None]
    if edit.kind is EditKind.FILLED:
        return [f"0x{edit.value or 0:02x}"] * len(sent)
    if edit.kind is EditKind.ALTERED:
        return [f"~{label}" for label in sent]
    if edit.kind in (EditKind.TRUNCATED, EditKind.TRAILING):
        value = content_value(edit, scene.origins)
        return [f"0x{value:02x}" if value is not None else edit.content or "?"]
    copied = {EditKind.REPLACED: edit.source, EditKind.DUPLICATED: edit.sent}.get(edit.kind)
    if copied is None:
        return [f"+{counted(edit.received.size, 'byte')}"]
    return scene.block(copied) if scene.grid is not None else [f"from {hex_offset(copied.start)}"]


def _moved(edit: Edit, scene: _Scene) -> list[Column] | None:
    """A block that stands elsewhere: the rows hold the same boxes in another order."""
    if edit.sent is None:
        return None
    landed = _landing(edit, scene)
    if landed is None or edit.sent.start < landed < edit.sent.end:
        return None
    later = landed >= edit.sent.end
    passed = ByteSpan(edit.sent.end, landed) if later else ByteSpan(landed, edit.sent.start)
    if not passed.size:
        return None
    low, high = min(edit.sent.start, passed.start), max(edit.sent.end, passed.end)
    block, others = scene.block(edit.sent), scene.block(passed)
    state = CellState.OUT_OF_ORDER
    sent_row = block + others if later else others + block
    received_row = others + block if later else block + others
    marked = [Column(sent=a, received=b, state=state) for a, b in zip(sent_row, received_row, strict=True)]
    received_low = edit.received.start - passed.size if later else edit.received.start
    received_high = edit.received.end if later else edit.received.end + passed.size
    return [
        *_before(scene, low, max(0, received_low)),
        *marked,
        *_after(scene, high, received_high),
    ]


def _landing(edit: Edit, scene: _Scene) -> int | None:
    """Sent offset before which the moved block now stands."""
    following = scene.origins.sent_of(edit.received.end)
    if following is not None:
        return following
    before = scene.origins.sent_of(edit.received.start - 1) if edit.received.start else None
    return before + 1 if before is not None else None
