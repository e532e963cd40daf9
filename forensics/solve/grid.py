"""Where a sender may have cut the image into chunks."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from forensics.errors import UsageError
from forensics.model.solve import SolveLimits
from forensics.model.span import ByteSpan
from forensics.spec.chunk_sizes import USUAL_GRIDS, USUAL_SIZES

SMALLEST_CHUNK = 16
"""The least ATT MTU leaves 20 bytes, of which a protocol takes a few for itself."""


class Grid:
    """The chunk edges of one way to cut SENT.

    Attributes:
        size: Bytes of a chunk.
        reset: Block size at which chunking restarts, or None.
        edges: Start of each chunk, and the end of the last.
        chunks: How many chunks there are.
        hashed: How many of them begin inside the bytes that the hash covers; damage to the others cannot
            show.
    """

    def __init__(self, size: int, reset: int | None, total: int, covered: int) -> None:
        self.size = size
        self.reset = reset
        self.edges = array("I", range(0, total, size) if reset is None else _restarting(size, reset, total))
        self.chunks = len(self.edges)
        self.edges.append(total)
        self.hashed = bisect_left(self.edges, covered, 0, self.chunks)

    def span(self, first: int, count: int = 1) -> ByteSpan:
        """File offsets of ``count`` chunks from ``first``."""
        return ByteSpan(self.edges[first], self.edges[first + count])


def grids(limits: SolveLimits, total: int, covered: int) -> tuple[Grid, ...]:
    """The grids that ``limits`` asks for, in their order.

    Raises:
        UsageError: a chunk size or restart block that no sender uses.
    """
    wanted: tuple[tuple[int, int | None], ...]
    if limits.chunk_sizes is not None:
        wanted = tuple((size, limits.reset) for size in limits.chunk_sizes)
    elif limits.reset is not None:
        wanted = tuple((size, limits.reset) for size in USUAL_SIZES)
    else:
        wanted = USUAL_GRIDS
    for size, reset in wanted:
        if size < SMALLEST_CHUNK:
            raise UsageError(f"no chunk has {size} bytes", next_step=f"give at least {SMALLEST_CHUNK}")
        if reset is not None and reset < SMALLEST_CHUNK:
            raise UsageError(f"chunking cannot restart every {reset} bytes", next_step="give at least the size of a chunk")
    return tuple(Grid(size, reset, total, covered) for size, reset in wanted if size < total)


def _restarting(size: int, reset: int, total: int) -> Iterator[int]:
    for block in range(0, total, reset):
        yield from range(block, min(block + reset, total), size)
