"""The same chunks in another order. XOR cannot see any of these."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.model.alignment import EditKind
from forensics.model.span import ByteSpan
from forensics.solve.family import Scene, Story
from forensics.solve.pieces import Candidate, Piece
from forensics.solve.story import chunk_words, edit_of


def _places(scene: Scene, distance: int) -> int:
    return max(0, min(scene.grid.hashed, scene.grid.chunks - distance))


def _pairs(scene: Scene, distances: range) -> int:
    """All places of all distances. Up to a distance every hashed chunk has a partner, then fewer have."""
    grid = scene.grid
    bend = grid.chunks - grid.hashed
    level = range(distances.start, min(distances.stop, bend + 1))
    falling = range(max(distances.start, bend + 1), min(distances.stop, grid.chunks))
    lost = (falling.start + falling.stop - 1) * len(falling) // 2
    return len(level) * grid.hashed + len(falling) * grid.chunks - lost


class Swapped:
    """Two chunks in each other's place, one or several chunks apart."""

    uses_chunks = True

    def __init__(self, *, name: str, words: str, nearest: int, farthest: int | None) -> None:
        self.name = name
        self.words = words
        self._nearest = nearest
        self._farthest = farthest

    def total(self, scene: Scene) -> int:
        """Pairs."""
        return _pairs(scene, self._distances(scene))

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By distance, then by place."""
        ground, edges = scene.ground, scene.grid.edges
        for distance in self._distances(scene):
            for chunk in range(_places(scene, distance)):
                other = chunk + distance
                start, middle, later, end = edges[chunk], edges[chunk + 1], edges[other], edges[other + 1]
                pieces = (
                    Piece(end - later, later),
                    Piece(later - middle, middle),
                    Piece(middle - start, start),
                )
                yield Candidate(ground.in_place(start, pieces, end), chunk, other)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``reordered`` edit for neighbours, one for each chunk otherwise."""
        first, second = scene.grid.span(candidate.chunk), scene.grid.span(candidate.other)
        late = ByteSpan(second.end - first.size, second.end)
        edits = [edit_of(scene, candidate, EditKind.REORDERED, first, late)]
        if candidate.other > candidate.chunk + 1:
            early = ByteSpan(first.start, first.start + second.size)
            edits.insert(0, edit_of(scene, candidate, EditKind.REORDERED, second, early))
        return Story(f"chunks {candidate.chunk} and {candidate.other} swapped", tuple(edits))

    def _distances(self, scene: Scene) -> range:
        farthest = scene.grid.chunks - 1
        return range(self._nearest, 1 + (farthest if self._farthest is None else min(self._farthest, farthest)))


class Moved:
    """One chunk that came several chunks too late or too early."""

    name = "moved"
    uses_chunks = True

    def __init__(self, *, distances: range) -> None:
        self.words = f"chunks moved by {distances.start} to {distances.stop - 1} places"
        self._distances = distances

    def total(self, scene: Scene) -> int:
        """Pairs, in both directions."""
        return 2 * _pairs(scene, self._distances)

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By distance, then by place, late before early."""
        ground, edges = scene.ground, scene.grid.edges
        for distance in self._distances:
            for chunk in range(_places(scene, distance)):
                other = chunk + distance
                start, after, before, end = edges[chunk], edges[chunk + 1], edges[other], edges[other + 1]
                late = (Piece(end - after, after), Piece(after - start, start))
                yield Candidate(ground.in_place(start, late, end), chunk, other)
                early = (Piece(end - before, before), Piece(before - start, start))
                yield Candidate(ground.in_place(start, early, end), other, chunk)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``reordered`` edit."""
        block, place = scene.grid.span(candidate.chunk), scene.grid.span(candidate.other)
        is_late = candidate.other > candidate.chunk
        landed = place.end - block.size if is_late else place.start
        moved = edit_of(scene, candidate, EditKind.REORDERED, block, ByteSpan(landed, landed + block.size))
        order = f"behind chunk {candidate.other}" if is_late else f"before chunk {candidate.other}"
        return Story(f"{chunk_words(scene.grid, candidate.chunk)} moved {order}", (moved,))
