"""Where the received bytes stand against where they were sent. Pure data for the HTML template.

A drop is a step down, a duplicate a step up, a reorder a notch; alteration leaves the line flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from forensics.model.alignment import Relation
from forensics.model.report import Report
from forensics.report.byte_map import CellState, map_bytes
from forensics.report.origins import region_starts
from forensics.report.words import hex_offset

WIDTH = 960
LEFT = 76
RIGHT = 12
GLYPH = 6
"""User units of one character."""
TOP = 12
PLOT = 150
"""User units of the plot's height; the strip of states and the ruler stand below."""
STRIP = 10
LINES = 2000
"""Most pieces drawn one by one; beyond it, only pieces that can be told apart."""
STRIP_CELLS = 290


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    """A piece of received bytes that stand ``shift`` bytes later than they were sent."""

    x1: float
    x2: float
    y: float
    moved: bool
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StripPiece:
    """Neighbouring cells of the byte map with one state."""

    x: float
    width: float
    state: CellState


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPlot:
    """Everything that the drawing shows, in user units."""

    width: int
    height: int
    lines: tuple[ShiftLine, ...]
    steps: str
    zero: float
    levels: tuple[Tick, ...]
    strip: tuple[StripPiece, ...]
    segments: tuple[Tick, ...]
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    start: int
    end: int
    shift: int


def plot_shift(report: Report) -> ShiftPlot | None:
    """The plot of a report, or None when it compares nothing or has no shift to show."""
    pieces = _pieces(report)
    if report.sent is None or report.sent.size <= 0 or not pieces or all(piece.shift == 0 for piece in pieces):
        return None
    size = report.sent.size
    low = min(0, *(piece.shift for piece in pieces))
    high = max(0, *(piece.shift for piece in pieces))

    def across(offset: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(offset, size) / size, 1)

    def down(shift: int) -> float:
        return round(TOP + 8 + (PLOT - 16) * (high - shift) / (high - low), 1)

    lines = tuple(
        ShiftLine(
            x1=across(piece.start),
            x2=max(across(piece.end), across(piece.start) + 1),
            y=down(piece.shift),
            moved=piece.shift != 0,
            title=f"sent {hex_offset(piece.start)}..{hex_offset(piece.end)}: {_shift_words(piece.shift)}",
        )
        for piece in pieces
    )
    return ShiftPlot(
        width=WIDTH,
        height=TOP + PLOT + STRIP + 44,
        lines=lines,
        steps=_steps(lines),
        zero=down(0),
        levels=tuple(Tick(at=down(shift), label=f"{shift:+d}" if shift else "0") for shift in {low, 0, high}),
        strip=_strip(report),
        segments=_segments(report, size),
        end=hex_offset(size),
    )


def _shift_words(shift: int) -> str:
    if not shift:
        return "in place"
    return f"{abs(shift)} bytes {'late' if shift > 0 else 'early'}"


def _pieces(report: Report) -> list[_Piece]:
    """Unchanged spans in the order received, neighbours of one shift joined, few enough to draw."""
    sent_start, received_start = region_starts(report)
    pieces: list[_Piece] = []
    for span in report.spans:
        if span.relation is not Relation.SAME or span.sent is None:
            continue
        shift = span.received.start - received_start - (span.sent.start - sent_start)
        if pieces and pieces[-1].shift == shift and pieces[-1].end <= span.sent.start:
            pieces[-1] = _Piece(start=pieces[-1].start, end=span.sent.end, shift=shift)
        else:
            pieces.append(_Piece(start=span.sent.start, end=span.sent.end, shift=shift))
    if len(pieces) <= LINES:
        return pieces
    every = -(-len(pieces) // LINES)
    return pieces[::every]


def _steps(lines: tuple[ShiftLine, ...]) -> str:
    """The line from each piece to the next one received, as an SVG path."""
    return "".join(
        f"M{before.x2} {before.y}L{after.x1} {after.y}" for before, after in pairwise(lines) if before.y != after.y
    )


def _strip(report: Report) -> tuple[StripPiece, ...]:
    found = map_bytes(report, cells=STRIP_CELLS)
    if found is None:
        return ()
    step = (WIDTH - LEFT - RIGHT) / len(found.cells)
    pieces: list[StripPiece] = []
    for index, cell in enumerate(found.cells):
        if pieces and pieces[-1].state is cell.state:
            last = pieces[-1]
            pieces[-1] = StripPiece(x=last.x, width=round(last.width + step, 2), state=cell.state)
        else:
            pieces.append(StripPiece(x=round(LEFT + index * step, 2), width=round(step, 2), state=cell.state))
    return tuple(pieces)


def _segments(report: Report, size: int) -> tuple[Tick, ...]:
    image = report.sent.image if report.sent is not None else None
    if image is None:
        return ()
    places = [round(LEFT + (WIDTH - LEFT - RIGHT) * min(segment.header.start, size) / size, 1) for segment in image.segments]
    ticks = []
    ends = [*places, float(WIDTH - RIGHT)][1:]
    for segment, at, end in zip(image.segments, places, ends, strict=True):
        words = (f"{segment.index} {segment.region or ''}".strip(), str(segment.index))
        label = next((text for text in words if GLYPH * len(text) + 6 <= end - at), "")
        ticks.append(Tick(at=at, label=label))
    return tuple(ticks)
