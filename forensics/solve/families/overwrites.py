"""A chunk in whose place other bytes of the image stand: a buffer used twice, or never cleared."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator

from forensics.model.alignment import EditKind
from forensics.model.span import ByteSpan
from forensics.solve.family import Scene, Story
from forensics.solve.pieces import Candidate, Piece
from forensics.solve.story import chunk_words, edit_of, place_words

NEIGHBOURS = (-1, 1, -2)
"""In chunks: the buffer of the chunk before was sent again, or that of the next was filled too early."""

BUFFER_DISTANCES = (32000, 16000, 4096, 8192)
"""Bytes back to what a receiver's uncleared buffer still holds: fbiego alternates two of 16000 bytes, sector
receivers have one or two of 4096."""


def _candidate(scene: Scene, chunk: int, source: int, size: int) -> Candidate:
    start = scene.grid.edges[chunk]
    return Candidate(scene.ground.in_place(start, (Piece(size, source),), start + size), chunk, source, size)


def _story(scene: Scene, candidate: Candidate) -> Story:
    start, size = scene.grid.edges[candidate.chunk], candidate.length
    place = ByteSpan(start, start + size)
    source = ByteSpan(candidate.other, candidate.other + size)
    words = f"{chunk_words(scene.grid, candidate.chunk)} overwritten by {place_words(source)}"
    return Story(words, (edit_of(scene, candidate, EditKind.REPLACED, place, place, source=source),))


class OverwrittenNearby:
    """A chunk overwritten by a neighbour, or by what a receive buffer held before."""

    name = "overwritten-nearby"
    words = "chunks overwritten by a neighbour or an old buffer"
    uses_chunks = True

    def total(self, scene: Scene) -> int:
        """Places times the sources that lie inside SENT."""
        grid = scene.grid
        near = sum(len(range(max(0, -step), min(grid.hashed, grid.chunks - step))) for step in NEIGHBOURS)
        return near + sum(grid.hashed - self._first_behind(scene, back) for back in BUFFER_DISTANCES)

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By place."""
        pruner, edges = scene.pruner, scene.grid.edges
        for chunk in range(scene.grid.hashed):
            whole = edges[chunk + 1] - edges[chunk]
            wanted = pruner.wanted_xor(edges[chunk], edges[chunk + 1])
            excluded = 0
            for source, size in self._sources(scene, chunk):
                if wanted is not None and size == whole and wanted != pruner.xor_of(source, source + size):
                    excluded += 1
                else:
                    yield _candidate(scene, chunk, source, size)
            if excluded:
                scene.skip(excluded)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``replaced`` edit."""
        return _story(scene, candidate)

    @staticmethod
    def _sources(scene: Scene, chunk: int) -> Iterator[tuple[int, int]]:
        """Sent offset and size of what may stand in the place of a chunk."""
        edges, chunks = scene.grid.edges, scene.grid.chunks
        start, size = edges[chunk], edges[chunk + 1] - edges[chunk]
        for step in NEIGHBOURS:
            near = chunk + step
            if 0 <= near < chunks:
                yield edges[near], min(size, edges[near + 1] - edges[near])
        for back in BUFFER_DISTANCES:
            if back <= start:
                yield start - back, size

    @staticmethod
    def _first_behind(scene: Scene, back: int) -> int:
        """Number of the first chunk that begins ``back`` bytes behind the start or later."""
        return bisect_left(scene.grid.edges, back, 0, scene.grid.hashed)


class OverwrittenByAny:
    """A chunk overwritten by any other chunk of its size. The XOR leaves one source in 256 to be hashed."""

    name = "overwritten"
    words = "chunks overwritten by any other chunk"
    uses_chunks = True

    def total(self, scene: Scene) -> int:
        """Pairs of different chunks of one size."""
        sizes = self._sizes(scene)
        alike = Counter(sizes)
        return sum(alike[size] - 1 for size in sizes[: scene.grid.hashed])

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By place, then by source."""
        sizes = self._sizes(scene)
        alike: defaultdict[int, list[int]] = defaultdict(list)
        by_xor: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        pruner, edges = scene.pruner, scene.grid.edges
        for chunk, size in enumerate(sizes):
            alike[size].append(chunk)
            if pruner.knows_xor:
                by_xor[size, pruner.xor_of(edges[chunk], edges[chunk + 1])].append(chunk)
        for chunk, size in enumerate(sizes[: scene.grid.hashed]):
            wanted = pruner.wanted_xor(edges[chunk], edges[chunk + 1])
            sources = alike[size] if wanted is None else by_xor.get((size, wanted), [])
            made = 0
            for source in sources:
                if source != chunk:
                    made += 1
                    yield _candidate(scene, chunk, edges[source], size)
            scene.skip(len(alike[size]) - 1 - made)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``replaced`` edit."""
        return _story(scene, candidate)

    @staticmethod
    def _sizes(scene: Scene) -> list[int]:
        edges = scene.grid.edges
        return [end - start for start, end in itertools.pairwise(edges)]
