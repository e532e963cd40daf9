"""Chunks lost or written twice, after which everything stands elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.model.alignment import Edit, EditKind
from forensics.model.span import ByteSpan
from forensics.solve.family import Scene, Story
from forensics.solve.pieces import FILL_VALUES, NO_SOURCE, Candidate, Piece
from forensics.solve.story import chunk_words, content_of, edit_of, slack_of


class Dropped:
    """Consecutive chunks that never came; the rest closed up and the end of the slot stayed as it was."""

    name = "dropped"
    words = "chunks dropped, the rest closed up"
    uses_chunks = True

    def __init__(self, *, counts: range) -> None:
        self._counts = counts

    def total(self, scene: Scene) -> int:
        """Places times what may stand behind the end."""
        ground, grid = scene.ground, scene.grid
        if grid.reset is None:
            counts = [(count, max(0, min(grid.hashed, grid.chunks - count))) for count in self._counts]
            return sum(places * len(ground.tails_behind(ground.size - count * grid.size)) for count, places in counts)
        return sum(len(ground.tails_behind(written)) for _, _, written in self._places(scene))

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By number of chunks, then by place."""
        ground, edges = scene.ground, scene.grid.edges
        for count, chunk, written in self._places(scene):
            tails = ground.tails_behind(written)
            start, resume = edges[chunk], edges[chunk + count]
            if start < scene.pruner.shift_barrier(resume - start):
                scene.skip(len(tails))
                continue
            for tail in tails:
                yield Candidate(ground.shifted(start, resume, tail), chunk, 0, count, tail)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``dropped`` edit, and ``trailing`` where the device hashed unwritten slot."""
        ground = scene.ground
        lost = scene.grid.span(candidate.chunk, candidate.length)
        seam = ByteSpan(lost.start, lost.start)
        edits: list[Edit] = [edit_of(scene, candidate, EditKind.DROPPED, lost, seam, slack=slack_of(ground.sent, lost))]
        written = ground.size - lost.size
        if written < ground.covered and candidate.value is not None:
            rest = ByteSpan(written, ground.covered)
            content = content_of(candidate.value)
            edits.append(edit_of(scene, candidate, EditKind.TRAILING, None, rest, content=content))
        return Story(f"{chunk_words(scene.grid, candidate.chunk, candidate.length)} lost", tuple(edits))

    def _places(self, scene: Scene) -> Iterator[tuple[int, int, int]]:
        """Number of chunks, the first of them, and the bytes written after all; a lost end is no drop."""
        grid, size = scene.grid, scene.ground.size
        for count in self._counts:
            for chunk in range(min(grid.hashed, grid.chunks - count)):
                yield count, chunk, size - (grid.edges[chunk + count] - grid.edges[chunk])


class DroppedInBlock:
    """One chunk that never came while a receiver filled a block; only the rest of the block closed up.

    Espressif's ble_ota for Bluedroid appends what comes and writes whole sectors, with the end of its buffer.
    """

    name = "dropped-in-block"
    words = "chunks dropped, the rest of their block closed up"
    uses_chunks = True

    def total(self, scene: Scene) -> int:
        """Places times what may stand at the end of the block; none without blocks."""
        return len(FILL_VALUES) * scene.grid.hashed if scene.grid.reset else 0

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By place."""
        ground, grid = scene.ground, scene.grid
        for chunk in range(grid.hashed if grid.reset else 0):
            lost, end = grid.span(chunk), self._block_end(scene, chunk)
            for value in FILL_VALUES:
                middle = (Piece(end - lost.end, lost.end), Piece(lost.size, NO_SOURCE, value))
                yield Candidate(ground.in_place(lost.start, middle, end), chunk, 0, 1, value)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``dropped`` edit, and ``inserted`` for the end of the block."""
        lost, end = scene.grid.span(candidate.chunk), self._block_end(scene, candidate.chunk)
        edits = (
            edit_of(scene, candidate, EditKind.DROPPED, lost, ByteSpan(lost.start, lost.start)),
            edit_of(scene, candidate, EditKind.INSERTED, ByteSpan(end, end), ByteSpan(end - lost.size, end)),
        )
        chunk = chunk_words(scene.grid, candidate.chunk)
        return Story(f"{chunk} lost inside its block of {scene.grid.reset} bytes", edits)

    @staticmethod
    def _block_end(scene: Scene, chunk: int) -> int:
        block = scene.grid.reset or scene.ground.size
        return min(scene.ground.size, (scene.grid.edges[chunk] // block + 1) * block)


class Duplicated:
    """Consecutive chunks written twice in a row; the rest stands later."""

    name = "duplicated"
    words = "chunks written twice, the rest pushed back"
    uses_chunks = True

    def __init__(self, *, counts: range) -> None:
        self._counts = counts

    def total(self, scene: Scene) -> int:
        """Places."""
        return sum(max(0, scene.grid.hashed - count) for count in self._counts)

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By number of chunks, then by place."""
        grid = scene.grid
        for count in self._counts:
            for chunk in range(grid.hashed - count):
                start, end = grid.edges[chunk], grid.edges[chunk + count]
                if end < scene.pruner.shift_barrier(start - end):
                    scene.skip(1)
                else:
                    yield Candidate(scene.ground.shifted(end, start, None), chunk, 0, count)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``duplicated`` edit."""
        source = scene.grid.span(candidate.chunk, candidate.length)
        slack = slack_of(scene.ground.sent, source)
        copy = source.shifted(source.size)
        words = f"{chunk_words(scene.grid, candidate.chunk, candidate.length)} written twice"
        return Story(words, (edit_of(scene, candidate, EditKind.DUPLICATED, source, copy, slack=slack),))
