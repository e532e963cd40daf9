"""Chunk numbers from offsets, for pictures and hovers."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.alignment import Chunking, Edit
from forensics.model.span import ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkGrid:
    """The sender's cuts through the image. Chunk 0 holds the first byte, however short it is.

    Attributes:
        size: Bytes of one chunk, at least 1.
        phase: File offset of the first cut, less than ``size``.
        reset: Block size at which the cutting starts again, or None.
    """

    size: int
    phase: int = 0
    reset: int | None = None

    def index(self, offset: int) -> int:
        """Number of the chunk that holds the byte at this file offset of SENT."""
        if offset < self.phase:
            return 0
        before = 1 if self.phase else 0
        offset -= self.phase
        if self.reset is None:
            return before + offset // self.size
        blocks, rest = divmod(offset, self.reset)
        return before + blocks * -(-self.reset // self.size) + rest // self.size

    def floor(self, offset: int) -> int:
        """Where the chunk begins that holds the byte at this file offset of SENT."""
        if offset < self.phase:
            return 0
        inside = offset - self.phase
        rest = inside if self.reset is None else inside % self.reset
        return offset - rest % self.size

    def ceiling(self, offset: int) -> int:
        """Where the chunk ends that holds the byte at this file offset of SENT, as if the image went on."""
        if offset < self.phase:
            return self.phase
        end = self.floor(offset) + self.size
        if self.reset is None:
            return end
        return min(end, self.phase + ((offset - self.phase) // self.reset + 1) * self.reset)

    def is_edge(self, offset: int) -> bool:
        """Whether a chunk begins at this file offset of SENT."""
        if offset < self.phase:
            return offset == 0
        offset -= self.phase
        return (offset if self.reset is None else offset % self.reset) % self.size == 0

    def starts(self, size: int) -> list[int]:
        """File offsets at which the chunks of ``size`` sent bytes begin."""
        first = [0] if self.phase else []
        if self.reset is None:
            return first + list(range(self.phase, size, self.size))
        blocks = range(self.phase, size, self.reset)
        return first + [cut for block in blocks for cut in range(block, min(block + self.reset, size), self.size)]


def grid_of(chunking: Chunking | None) -> ChunkGrid | None:
    """The grid of a report, or None when its chunk size is unknown."""
    if chunking is None or not chunking.size or chunking.size < 1:
        return None
    reset = chunking.reset if chunking.reset and chunking.reset >= chunking.size else None
    return ChunkGrid(size=chunking.size, phase=max(0, chunking.phase) % (reset or chunking.size), reset=reset)


def edit_chunks(edit: Edit, grid: ChunkGrid | None, sent_size: int) -> tuple[int, int] | None:
    """First and last chunk of an edit, or None when it does not begin and end on chunk edges.

    An ``inserted`` edit lies before the chunk that is returned.
    """
    if grid is None or edit.sent is None:
        return None
    if edit.chunks is not None:
        return edit.chunks
    return span_chunks(edit.sent, grid, sent_size)


def span_chunks(span: ByteSpan, grid: ChunkGrid, sent_size: int) -> tuple[int, int] | None:
    """First and last chunk of a sent range that begins and ends on chunk edges, else None."""
    if not grid.is_edge(span.start) or not (grid.is_edge(span.end) or span.end == sent_size):
        return None
    first = grid.index(span.start)
    return first, max(first, grid.index(span.end - 1)) if span.size else first
