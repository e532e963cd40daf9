"""Transfers that ended early: from some place on the slot is as it was before."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.model.alignment import EditKind
from forensics.model.span import ByteSpan
from forensics.solve.family import Scene, Story
from forensics.solve.pieces import Candidate
from forensics.solve.story import content_of, edit_of


def _candidate(scene: Scene, start: int, value: int) -> Candidate:
    ground = scene.ground
    return Candidate(ground.shifted(start, ground.size, value), start, 0, 1, value)


def _story(scene: Scene, candidate: Candidate) -> Story:
    ground, start = scene.ground, candidate.chunk
    value = candidate.value
    content = content_of(value)
    lost, rest = ByteSpan(start, ground.size), ByteSpan(start, ground.covered)
    words = f"nothing written from 0x{start:x} on ({content} to the end)"
    return Story(words, (edit_of(scene, candidate, EditKind.TRUNCATED, lost, rest, value=value, content=content),))


class TruncatedAtChunk:
    """The last chunks are missing."""

    name = "truncated"
    words = "ends missing from a chunk edge on"
    uses_chunks = True

    def total(self, scene: Scene) -> int:
        """Inner edges times what may stand behind them."""
        return len(scene.ground.tails) * max(0, scene.grid.hashed - 1)

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By place."""
        for start in scene.grid.edges[1 : scene.grid.hashed]:
            for value in scene.ground.tails:
                yield _candidate(scene, start, value)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``truncated`` edit."""
        return _story(scene, candidate)


class TruncatedAnywhere:
    """The end is missing from any byte on: chunk sizes nobody expects, or a flash write cut short."""

    name = "truncated-anywhere"
    words = "ends missing from any byte on"
    uses_chunks = False

    def total(self, scene: Scene) -> int:
        """Bytes times what may stand behind them."""
        return len(scene.ground.tails) * max(0, scene.ground.covered - 1)

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """By fill, then by place."""
        for value in scene.ground.tails:
            made = 0
            for start in scene.pruner.truncations(value):
                made += 1
                yield _candidate(scene, start, value)
            scene.skip(max(0, scene.ground.covered - 1) - made)

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """One ``truncated`` edit."""
        return _story(scene, candidate)
