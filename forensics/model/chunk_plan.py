"""How a sender cuts an image into chunks."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from forensics.model.span import ByteSpan


class ChunkPlan(NamedTuple):
    """Chunk edges in SENT: every ``size`` bytes from ``phase`` on, starting again at every multiple of ``reset``.

    Attributes:
        size: Bytes of one chunk, the payload of one application write.
        phase: File offset of the first edge behind 0; what stands before it is one short chunk.
        reset: Block size in bytes at which the cutting starts again, such as a sector of 4096; None when it never does.
    """

    size: int
    phase: int = 0
    reset: int | None = None

    def is_edge(self, offset: int) -> bool:
        """A chunk begins at sent ``offset``."""
        if offset == 0:
            return True
        inside = offset - self.phase
        if self.reset:
            inside %= self.reset
        return inside % self.size == 0

    def floor(self, offset: int) -> int:
        """The last edge at or before ``offset``."""
        if offset < self.phase:
            return 0
        block = (offset - self.phase) // self.reset * self.reset if self.reset else 0
        inside = offset - self.phase - block
        return self.phase + block + inside // self.size * self.size

    def after(self, edge: int) -> int:
        """The edge that follows ``edge``."""
        if edge < self.phase:
            return self.phase
        following = edge + self.size
        if self.reset:
            block_end = self.phase + ((edge - self.phase) // self.reset + 1) * self.reset
            following = min(following, block_end)
        return following

    def ceil(self, offset: int) -> int:
        """The first edge at or after ``offset``."""
        edge = self.floor(offset)
        return edge if edge == offset else self.after(edge)

    def number(self, offset: int) -> int:
        """Zero-based number of the chunk that holds sent ``offset``."""
        if offset < self.phase:
            return 0
        inside = offset - self.phase
        first = 1 if self.phase else 0
        if not self.reset:
            return first + inside // self.size
        a_block = -(-self.reset // self.size)
        return first + inside // self.reset * a_block + inside % self.reset // self.size

    def edges_in(self, low: int, high: int, *, most: int) -> list[int]:
        """Up to ``most`` edges in ``[low, high]``, from the low end and from the high end."""
        edges: list[int] = []
        edge = self.ceil(max(0, low))
        while edge <= high and len(edges) < most:
            edges.append(edge)
            edge = self.after(edge)
        if edge <= high:
            edges.append(self.floor(high))
        return edges

    def edges(self, total: int) -> list[int]:
        """Where each chunk of an image of ``total`` bytes begins."""
        blocks = range(self.phase, total, self.reset) if self.reset else [self.phase]
        edges = [
            edge
            for block in blocks
            for edge in range(block, min(block + self.reset, total) if self.reset else total, self.size)
        ]
        return [0, *edges] if self.phase else edges

    def chunks(self, total: int) -> list[ByteSpan]:
        """The chunks of an image of ``total`` bytes, in order; the last may be short."""
        edges = [*self.edges(total), total]
        return [ByteSpan(start, end) for start, end in itertools.pairwise(edges)]
