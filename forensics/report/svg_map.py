"""The byte map as squares, one a chunk where chunks are known. Pure data for the HTML template."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.report import Report
from forensics.report.byte_map import ByteMap, CellState, map_bytes, map_bytes_at
from forensics.report.grid import ChunkGrid, grid_of
from forensics.report.words import counted, hex_offset, hex_range, segment_words

SQUARES = 4096
"""Most squares drawn; more chunks than that share squares."""
UNCHUNKED_SQUARES = 1024
"""Squares of an image whose chunk size is unknown."""
COLUMNS = 64
FEW_COLUMNS = 32
FEW_SQUARES = 768
"""Up to so many squares stand in fewer columns, so that a small image is more than a line."""
PITCH = 12
"""User units from one square to the next."""
LEFT = 76
"""User units left of the squares, for the offset of the row."""
RIGHT = 200
"""User units right of the squares, for the segments that begin in the row."""
LABEL_CHARACTERS = 31
"""Characters of those that fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """One square: its place in user units, its state and what a pointer over it reads."""

    x: int
    y: int
    state: CellState
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLabel:
    """The words beside one row."""

    y: int
    offset: str
    segments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SquareMap:
    """Everything that the drawing shows; ``caption`` says what one square is."""

    width: int
    height: int
    squares: tuple[Square, ...]
    labels: tuple[RowLabel, ...]
    states: tuple[CellState, ...]
    caption: str


def map_squares(report: Report) -> SquareMap | None:
    """The squares of a report, or None when it compares nothing."""
    grid = grid_of(report.chunking)
    size = report.sent.size if report.sent is not None else 0
    starts = grid.starts(size) if grid is not None and size // grid.size <= SQUARES else []
    by_chunk = 0 < len(starts) <= SQUARES
    found = map_bytes_at(report, starts) if by_chunk else map_bytes(report, cells=_cells(grid))
    if found is None:
        return None
    columns = FEW_COLUMNS if len(found.cells) <= FEW_SQUARES else COLUMNS
    rows = -(-len(found.cells) // columns)
    return SquareMap(
        width=LEFT + columns * PITCH + RIGHT,
        height=rows * PITCH,
        squares=_squares(found, report, grid if by_chunk else None, columns),
        labels=_labels(found, rows, columns),
        states=found.states,
        caption=_caption(found, size, grid, by_chunk=by_chunk),
    )


def _cells(grid: ChunkGrid | None) -> int:
    return UNCHUNKED_SQUARES if grid is None else SQUARES


def _squares(found: ByteMap, report: Report, grid: ChunkGrid | None, columns: int) -> tuple[Square, ...]:
    image = report.sent.image if report.sent is not None else None
    squares = []
    for index, cell in enumerate(found.cells):
        chunk = f"chunk {grid.index(cell.sent.start)}, " if grid is not None else ""
        segment = segment_words(image, cell.sent)
        where = f"{chunk}{hex_range(cell.sent)}" + (f", {segment}" if segment else "")
        row, column = divmod(index, columns)
        title = f"{where}: {cell.state.value}"
        squares.append(Square(x=LEFT + column * PITCH, y=row * PITCH, state=cell.state, title=title))
    return tuple(squares)


def _labels(found: ByteMap, rows: int, columns: int) -> tuple[RowLabel, ...]:
    beginning: dict[int, list[str]] = {}
    for mark in found.marks:
        beginning.setdefault(mark.first // columns, []).append(mark.label)
    return tuple(
        RowLabel(
            y=row * PITCH,
            offset=hex_offset(found.cells[row * columns].sent.start),
            segments=_segment_names(beginning.get(row, [])),
        )
        for row in range(rows)
    )


def _segment_names(names: list[str]) -> str:
    """The segments that begin in a row, the middle ones left out where they do not fit."""
    words = ", ".join(names)
    if len(words) <= LABEL_CHARACTERS or len(names) < 3:
        return words
    return f"{names[0]} … {names[-1]} ({len(names)} parts)"


def _caption(found: ByteMap, size: int, grid: ChunkGrid | None, *, by_chunk: bool) -> str:
    if by_chunk and grid is not None:
        return f"One square is one chunk of {counted(grid.size, 'byte')}, in the order of the sent image."
    share = counted(-(-size // len(found.cells)), "byte")
    why = "the chunk size is unknown" if grid is None else f"there are too many chunks of {grid.size} to draw each"
    return f"One square is {share} of the sent image: {why}. The worst state of its bytes shows."
