"""The fault behind the checksums of sectors: one that gives every known sector its CRC32."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from forensics.model.alignment import Edit
from forensics.model.solve import Reading, SectorMap, SolveFacts, SolveLimits
from forensics.model.span import ByteSpan
from forensics.solve.families import FAMILIES, LONGEST_RUN, NEAR
from forensics.solve.families.moves import Moved, Swapped
from forensics.solve.families.truncations import TruncatedAnywhere, TruncatedAtChunk
from forensics.solve.family import Family, Scene
from forensics.solve.grid import Grid, grids
from forensics.solve.pieces import ERASED, ZERO, Candidate, Ground, Piece
from forensics.solve.pruning import Pruner
from forensics.solve.sector_steps import steps
from forensics.spec.flash import SECTOR

MOST_READINGS = 6
_MOST_LOOKS = 250_000
"""Hypotheses at most, about two seconds; each is decided by the first bad sector in most cases."""

_MOST_OPEN_SECTORS = 4
"""Sectors in which the fault may begin; where the map leaves more open, too many places remain."""

_MOST_GROUPS = 256
_MOST_TOLD = 3

_ALREADY_READ = frozenset(("intact", "overwritten", "far-swap", "truncated-anywhere"))
"""Families that reach beyond the neighbourhood of one sector, or that the map itself tells."""

_BEFORE, _BEHIND = 2, LONGEST_RUN + NEAR
"""Chunks around the bad sector that a family may need."""


def sector_stories(
    sent: bytes, crcs: Mapping[int, int], found: SectorMap, *, chunk_sizes: Sequence[int] | None = None
) -> tuple[Reading, ...]:
    """Ways to tell how SENT became a slot with these checksums, likeliest first; none when no simple fault does.

    Args:
        sent: The whole file that was sent.
        crcs: CRC32 by index of the sector of 4096 bytes.
        found: What ``map_sectors`` says of them.
        chunk_sizes: Bytes of a chunk, when known.
    """
    if found.first_bad is None:
        return ()
    search = _Search(sent, crcs, found.first_bad, chunk_sizes)
    readings: dict[tuple[object, ...], Reading] = {}
    for reading in chain(search.single_faults(), search.cut_end(found)):
        readings.setdefault(tuple(map(_place, reading.edits)), reading)
        if len(readings) == MOST_READINGS:
            break
    return tuple(readings.values()) or tuple(search.steps(found)) or _several(sent, crcs, found, chunk_sizes)


def _several(
    sent: bytes, crcs: Mapping[int, int], found: SectorMap, chunk_sizes: Sequence[int] | None
) -> tuple[Reading, ...]:
    """The same fault in several places with right sectors between them, each told by itself; else none."""
    sizes = tuple(chunk_sizes) if chunk_sizes else None
    told: list[Reading] = []
    looks = _MOST_LOOKS
    for group in _groups(found):
        near = {index: crcs[index] for index in range(group[0] - 1, group[-1] + 2) if index in crcs}
        search = _Search(sent, near, group[0], sizes, looks)
        one = next(search.single_faults(), None)
        looks = search.looks_left
        if one is None or (told and one.edits[0].kind is not told[0].edits[0].kind):
            return ()
        told.append(one)
        # One sender cuts all chunks alike.
        sizes = (one.chunk_size,) if one.chunk_size else sizes
    if len(told) < 2:
        return ()
    more = f"; {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    return (
        Reading(
            family="several",
            words=f"in {len(told)} places: {'; '.join(one.words for one in told[:_MOST_TOLD])}{more}",
            edits=tuple(edit for one in told for edit in one.edits),
            chunk_size=told[0].chunk_size,
            reset=told[0].reset,
        ),
    )


def _groups(found: SectorMap) -> Iterator[range]:
    """Neighbouring wrong sectors between right ones; nothing once bytes are shifted, or with too many of them."""
    wrong: list[range] = []
    for run in found.runs:
        if run.shift == 0:
            continue
        if run.shift is not None:
            return
        if wrong and wrong[-1].stop == run.first:
            wrong[-1] = range(wrong[-1].start, run.last + 1)
        else:
            wrong.append(range(run.first, run.last + 1))
    if len(wrong) <= _MOST_GROUPS and all(len(group) <= _MOST_OPEN_SECTORS for group in wrong):
        yield from wrong


def _place(edit: Edit) -> tuple[object, ...]:
    return edit.kind, edit.sent, edit.received, edit.source


class _Window(Grid):
    """Some neighbouring chunks of a grid, numbered from 0; ``first`` is the first one's own number."""

    def __init__(self, grid: Grid, span: ByteSpan) -> None:
        starts = [
            chunk for chunk in range(grid.chunks) if grid.edges[chunk] < span.end and span.start < grid.edges[chunk + 1]
        ]
        self.first = max(0, min(starts, default=0) - _BEFORE)
        last = min(grid.chunks, max(starts, default=0) + 1 + _BEHIND)
        self.size, self.reset = grid.size, grid.reset
        self.edges = grid.edges[self.first : last + 1]
        self.chunks = last - self.first
        self.hashed = max(starts, default=-1) + 1 - self.first


class _Search:
    """What may have happened from ``first_bad`` on. ``looks_left`` counts the hypotheses that may still be looked at."""

    def __init__(
        self,
        sent: bytes,
        crcs: Mapping[int, int],
        first_bad: int,
        chunk_sizes: Sequence[int] | None,
        looks: int = _MOST_LOOKS,
    ) -> None:
        self._crcs = crcs
        self._first_bad = first_bad
        known_before = max((index for index in crcs if index < first_bad), default=-1)
        self._open = ByteSpan((known_before + 1) * SECTOR, (first_bad + 1) * SECTOR)
        end = (max(crcs) + 1) * SECTOR
        self._ground = Ground(sent, SolveFacts(hash_prefix=b"", covered=len(sent), protected=(ByteSpan(end, end),)))
        self._pruner = Pruner(self._ground)
        limits = SolveLimits(chunk_sizes=tuple(chunk_sizes) if chunk_sizes else None)
        self._grids = grids(limits, len(sent), len(sent))
        self.looks_left = looks

    def single_faults(self) -> Iterator[Reading]:
        """One fault of the families that a hash is searched with, beginning in the first bad sector."""
        if self._open.size > _MOST_OPEN_SECTORS * SECTOR:
            return
        windows = [_Window(grid, self._open) for grid in self._grids]
        for family in FAMILIES:
            if family.name in _ALREADY_READ or not family.uses_chunks:
                continue
            for grid, window in zip(self._grids, windows, strict=True):
                yield from self._of_family(family, grid, window)

    def steps(self, found: SectorMap) -> Iterator[Reading]:
        """Losses and repeats that follow one another, as the shifts of the map show them."""
        for story in steps(self._ground, self._crcs, found, self._grids):
            if self._gives_all(story.pieces):
                scene = Scene(self._ground, self._pruner, story.grid, _uncounted)
                yield story.tell(scene)

    def cut_end(self, found: SectorMap) -> Iterator[Reading]:
        """An end that is missing from any byte of the first bad sector on."""
        behind = {run.fill for run in found.runs if run.last > self._first_bad}
        if self._open.size > SECTOR or None in behind or len(behind) > 1:
            return
        for fill in behind or (ERASED, ZERO):
            yield from self._cut_end(ERASED if fill is None else fill)

    def _cut_end(self, fill: int) -> Iterator[Reading]:
        start = self._first_bad * SECTOR
        rest = memoryview(bytes([fill]) * SECTOR)
        crc, wanted = 0, self._crcs[self._first_bad]
        for at in range(start, min(start + SECTOR, self._ground.size)):
            if zlib.crc32(rest[at - start :], crc) == wanted:
                candidate = Candidate(self._ground.shifted(at, self._ground.size, fill), at, 0, 1, fill)
                yield self._told(TruncatedAnywhere(), self._grids[0], candidate)
                return
            crc = zlib.crc32(self._ground.sent[at : at + 1], crc)

    def _of_family(self, family: Family, grid: Grid, window: _Window) -> Iterator[Reading]:
        narrow = Scene(self._ground, self._pruner, window, _uncounted)
        for candidate in family.candidates(narrow):
            if self.looks_left == 0:
                return
            if candidate.pieces[0].size >= self._open.end:
                continue
            self.looks_left -= 1
            if self._gives(candidate.pieces, self._first_bad) and self._gives_all(candidate.pieces):
                yield self._told(family, grid, _numbered(family, candidate, window.first))

    def _told(self, family: Family, grid: Grid, candidate: Candidate) -> Reading:
        story = family.tell(Scene(self._ground, self._pruner, grid, _uncounted), candidate)
        return Reading(
            family=family.name,
            words=story.words,
            edits=story.edits,
            chunk_size=grid.size if family.uses_chunks else None,
            reset=grid.reset if family.uses_chunks else None,
        )

    def _gives_all(self, pieces: Sequence[Piece]) -> bool:
        return all(self._gives(pieces, index) for index in self._crcs)

    def _gives(self, pieces: Sequence[Piece], index: int) -> bool:
        """The sector has its checksum; what lies behind the pieces was never written, or is zero."""
        content = self._ground.read(pieces, index * SECTOR, (index + 1) * SECTOR)
        crc = self._crcs[index]
        if len(content) == SECTOR:
            return zlib.crc32(content) == crc
        return any(zlib.crc32(content.ljust(SECTOR, bytes([value]))) == crc for value in (ERASED, ZERO))


def _numbered(family: Family, candidate: Candidate, first: int) -> Candidate:
    """The candidate of a window with the chunk numbers of the whole grid."""
    if isinstance(family, TruncatedAtChunk):
        # It notes the byte where the end begins, not a chunk.
        return candidate
    other = candidate.other + first if isinstance(family, (Swapped, Moved)) else candidate.other
    return candidate._replace(chunk=candidate.chunk + first, other=other)


def _uncounted(count: int) -> None:
    """Nothing is excluded where nothing but the checksums is known."""
