"""Nothing changed, or chunks in whose place one byte repeats."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.model.alignment import EditKind
from forensics.solve.family import Scene, Story
from forensics.solve.pieces import FILL_VALUES, NO_SOURCE, Candidate, Piece
from forensics.solve.story import chunk_words, edit_of


class Intact:
    """The hashed bytes arrived whole; what the device refused lies behind them."""

    name = "intact"
    words = "transfer without a change"
    uses_chunks = False

    def total(self, scene: Scene) -> int:
        """There is one way to change nothing."""
        return 1

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """SENT itself."""
        yield Candidate(scene.ground.in_place(scene.ground.covered, (), scene.ground.covered))

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """No edit at all."""
        return Story("the hashed bytes arrived as they were sent", ())


class Filled:
    """Consecutive chunks zero-filled (a cleared buffer) or left erased (a write that never came)."""

    uses_chunks = True

    def __init__(self, *, name: str, counts: range) -> None:
        self.name = name
        self.words = "chunks filled with 0x00 or 0xff" if counts.stop == 2 else "runs of chunks filled with 0x00 or 0xff"
        self._counts = counts

    def total(self, scene: Scene) -> int:
        """Places times fills."""
        return len(FILL_VALUES) * sum(self._places(scene, count) for count in self._counts)

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By length of the run, then by place."""
        ground, pruner, edges = scene.ground, scene.pruner, scene.grid.edges
        for count in self._counts:
            for chunk in range(self._places(scene, count)):
                start, end = edges[chunk], edges[chunk + count]
                wanted = pruner.wanted_xor(start, end)
                excluded = 0
                for value in FILL_VALUES:
                    if wanted is not None and wanted != (value if (end - start) & 1 else 0):
                        excluded += 1
                        continue
                    middle = (Piece(end - start, NO_SOURCE, value),)
                    yield Candidate(ground.in_place(start, middle, end), chunk, 0, count, value)
                if excluded:
                    scene.skip(excluded)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``filled`` edit."""
        span = scene.grid.span(candidate.chunk, candidate.length)
        chunks = chunk_words(scene.grid, candidate.chunk, candidate.length)
        edit = edit_of(scene, candidate, EditKind.FILLED, span, span, value=candidate.value)
        return Story(f"{chunks} filled with 0x{candidate.value:02x}", (edit,))

    @staticmethod
    def _places(scene: Scene, count: int) -> int:
        return max(0, min(scene.grid.hashed, scene.grid.chunks - count + 1))
