"""Losses and repeats one after the other, told from where the shift of the sectors changes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from forensics.model.alignment import Edit, EditKind
from forensics.model.solve import Reading, SectorMap, SectorRun
from forensics.model.span import ByteSpan
from forensics.solve.family import Scene
from forensics.solve.grid import Grid
from forensics.solve.pieces import ERASED, Candidate, Ground, Piece
from forensics.solve.story import edit_of
from forensics.spec.flash import SECTOR

_MOST_STEPS = 64
"""Each costs 4096 checksums of a part of a sector: some milliseconds."""

_MOST_PLACES = 2
"""Sectors between two shifts in which the step may lie."""


class Step(NamedTuple):
    """The shift changes from ``before`` to ``after`` bytes, at one of the slot offsets ``first`` to ``last``."""

    first: int
    last: int
    before: int
    after: int

    def at_edge(self, grid: Grid) -> int | None:
        """The slot offset at which the step falls on a chunk edge of SENT, or None when none does."""
        edges = (at for at in range(self.first, self.last + 1) if (at + min(self.before, self.after)) % grid.size == 0)
        return next(edges, None)


class StepStory(NamedTuple):
    """All steps at their places, and the image that they make."""

    grid: Grid
    on_grid: bool
    steps: tuple[Step, ...]
    pieces: tuple[Piece, ...]

    def tell(self, scene: Scene) -> Reading:
        """A ``dropped`` or ``duplicated`` edit for each step."""
        candidate = Candidate(self.pieces)
        edits = tuple(_edit(scene, candidate, step) for step in self.steps)
        lost = sum(max(0, step.after - step.before) for step in self.steps)
        gained = sum(max(0, step.before - step.after) for step in self.steps)
        clauses = [f"{lost} bytes lost" if lost else "", f"{gained} bytes written twice" if gained else ""]
        places = "1 place" if len(edits) == 1 else f"{len(edits)} places"
        return Reading(
            family="steps",
            words=f"{' and '.join(clause for clause in clauses if clause)} in {places}",
            edits=edits,
            chunk_size=self.grid.size if self.on_grid else None,
        )


def steps(ground: Ground, crcs: Mapping[int, int], found: SectorMap, grids: Sequence[Grid]) -> Iterator[StepStory]:
    """The changes of shift in ``found`` as one story; none when one of them cannot be placed."""
    placed: list[Step] = []
    for before, after in _changes(found):
        step = _placed(ground, crcs, before, after)
        if step is None or len(placed) == _MOST_STEPS:
            return
        placed.append(step)
    if not placed:
        return
    for grid in (one for one in grids if one.reset is None):
        whole = all((step.after - step.before) % grid.size == 0 for step in placed)
        edges = [step.at_edge(grid) for step in placed] if whole else [None]
        on_edges = [at for at in edges if at is not None]
        if len(on_edges) == len(placed):
            yield _story(ground, grid, placed, on_edges, on_grid=True)
            return
    yield _story(
        ground, Grid(ground.size, None, ground.size, ground.size), placed, [step.last for step in placed], on_grid=False
    )


def _changes(found: SectorMap) -> Iterator[tuple[SectorRun, SectorRun]]:
    """Runs with a shift, and the next ones with another; the slot begins unshifted."""
    shifted = [run for run in found.runs if run.shift is not None]
    if shifted and shifted[0].first > 0:
        shifted.insert(0, SectorRun(first=-1, last=-1, shift=0))
    yield from ((before, after) for before, after in pairwise(shifted) if before.shift != after.shift)


def _placed(ground: Ground, crcs: Mapping[int, int], before: SectorRun, after: SectorRun) -> Step | None:
    """Where between two runs the shift changes, as the sector there tells."""
    assert before.shift is not None
    assert after.shift is not None
    if after.first - before.last > 1 + _MOST_PLACES:
        return None
    for index in range(before.last + 1, min(after.first, before.last + 1 + _MOST_PLACES) + 1):
        wanted = crcs.get(index)
        fits = [at for at, crc in _seams(ground, index, before.shift, after.shift) if crc == wanted]
        if fits:
            return Step(fits[0], fits[-1], before.shift, after.shift)
    return None


def _seams(ground: Ground, index: int, before: int, after: int) -> Iterator[tuple[int, int]]:
    """Every place in the sector, with the CRC32 that a change of shift there gives."""
    start = index * SECTOR
    head = _shifted(ground.sent, start, before)
    tail = memoryview(_shifted(ground.sent, start, after))
    crc = 0
    for at in range(SECTOR):
        yield start + at, zlib.crc32(tail[at:], crc)
        crc = zlib.crc32(head[at : at + 1], crc)


def _shifted(sent: bytes, start: int, shift: int) -> bytes:
    """One sector of SENT from ``shift`` bytes behind its place, erased where SENT has nothing."""
    source = start + shift
    absent = bytes([ERASED]) * min(SECTOR, max(0, -source))
    return (absent + sent[max(0, source) : max(0, source + SECTOR)]).ljust(SECTOR, bytes([ERASED]))[:SECTOR]


def _story(ground: Ground, grid: Grid, placed: Sequence[Step], edges: Sequence[int], *, on_grid: bool) -> StepStory:
    pieces: list[Piece] = []
    at = 0
    for step, edge in zip(placed, edges, strict=True):
        pieces.append(Piece(edge - at, at + step.before))
        at = edge
    last = placed[-1].after
    pieces.append(Piece(max(0, ground.size - last - at), at + last))
    kept = tuple(Step(edge, edge, step.before, step.after) for step, edge in zip(placed, edges, strict=True))
    return StepStory(grid, on_grid, kept, tuple(pieces))


def _edit(scene: Scene, candidate: Candidate, step: Step) -> Edit:
    at = step.first
    if step.after > step.before:
        lost = ByteSpan(at + step.before, at + step.after)
        return edit_of(scene, candidate, EditKind.DROPPED, lost, ByteSpan(at, at))
    again = ByteSpan(at + step.after, at + step.before)
    return edit_of(scene, candidate, EditKind.DUPLICATED, again, ByteSpan(at, at + again.size))
