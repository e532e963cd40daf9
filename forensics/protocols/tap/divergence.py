"""The first chunk that a device got otherwise than it was sent, told while the transfer runs."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, islice

from forensics.model.span import ByteSpan

_WIDE_SEARCHES = 200
"""Chunks that are looked for in the whole image; later ones are looked for nearby, so that a transfer of rubbish
keeps nobody waiting."""

_NEAR_CHUNKS = 16
_FARTHEST_OFF_EDGE = 1024
"""Bytes either way; no receiver cuts or lengthens a chunk by more."""

_MOST_CHECKED = 8 << 20
"""Bytes of SENT that are checked for one chunk: some milliseconds."""


class DivergenceKind(StrEnum):
    """What is wrong with the first chunk that is wrong."""

    AHEAD = "ahead"
    """A later chunk came: the one that was due is lost or late. The next chunk settles it."""
    LOST = "lost"
    REORDERED = "reordered"
    REPEATED = "repeated"
    SHORTENED = "shortened"
    """Only the first bytes of the chunk before came."""
    CHANGED = "changed"
    """Its CRC32 is that of no chunk of SENT."""
    BEYOND_END = "beyond-end"
    """All of SENT is there, and more comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first chunk that is not as it was sent.

    Attributes:
        kind: What is wrong.
        chunk: Number of the chunk that was due.
        sent: Range of SENT concerned: what is absent or came again, else the place that was due.
        index: Number of the call of the write callback.
        came: Number of the chunk that came, or None when it is none.
        after_gap: Chunks were not seen right before, so it may have happened earlier.
    """

    kind: DivergenceKind
    chunk: int
    sent: ByteSpan
    index: int
    came: int | None = None
    after_gap: bool = False

    @property
    def words(self) -> str:
        """One clause for people."""
        place = f"bytes 0x{self.sent.start:x} to 0x{max(self.sent.start, self.sent.end - 1):x}"
        words = {
            DivergenceKind.AHEAD: f"chunk {self.came} came where chunk {self.chunk} was due: lost or late, {place}",
            DivergenceKind.LOST: f"chunk {self.chunk} is lost, {place}: chunk {self.came} came in its place",
            DivergenceKind.REORDERED: f"chunk {self.came} came before chunk {self.chunk}",
            DivergenceKind.REPEATED: f"chunk {self.came} came again where chunk {self.chunk} was due",
            DivergenceKind.SHORTENED: f"chunk {self.chunk} lost its end, {place}",
            DivergenceKind.CHANGED: f"chunk {self.chunk} came with other bytes, {place}",
            DivergenceKind.BEYOND_END: f"more came behind the end of the image: write {self.index}",
        }[self.kind]
        return words + (" (notifications were lost before it, so it may have happened earlier)" if self.after_gap else "")


class Follower:
    """Says of each chunk where in SENT it comes from, and notices the first that is not the one that was due.

    Args:
        sent: The image.
        chunk_size: Bytes of a chunk; the first chunk tells it when None.

    Attributes:
        first: The first divergence.
    """

    def __init__(self, sent: bytes, chunk_size: int | None = None) -> None:
        self._sent = sent
        self._size = chunk_size
        self._due = 0
        self._last: ByteSpan | None = None
        self._missing: ByteSpan | None = None
        self._searches = 0
        self._after_gap = False
        self.first: Divergence | None = None

    def skip(self, size: int) -> None:
        """Chunks of ``size`` bytes were not seen. They count as right."""
        self._due += max(0, size)
        self._last = None
        self._after_gap = True

    def follow(self, index: int, offset: int, length: int, crc32: int) -> tuple[int | None, tuple[Divergence, ...]]:
        """The next chunk.

        Args:
            index: Number of the call of the write callback.
            offset: Where the receiver puts it.
            length: Its bytes.
            crc32: Its CRC32.

        Returns:
            Its offset in SENT, or None when SENT has no such bytes; and the first divergence, when it is seen now or
            is now sure.
        """
        self._size = self._size or length
        source = self._source(offset, length, crc32)
        told = self._judge(index, source, length)
        if source is None:
            self._due += length
        elif told and told[-1].kind is DivergenceKind.REORDERED:
            self._due = max(self._due, source + length)
        else:
            self._due = source + length
        self._last = None if source is None else ByteSpan(source, source + length)
        self._after_gap = False
        return source, told

    def _judge(self, index: int, source: int | None, length: int) -> tuple[Divergence, ...]:
        if self.first is not None and self.first.kind is DivergenceKind.AHEAD:
            return (self._settled(source),)
        if self.first is not None or source == self._due:
            return ()
        self.first = self._divergence(index, source, length)
        return (self.first,)

    def _divergence(self, index: int, source: int | None, length: int) -> Divergence:
        due, size, last = self._due, self._size or length, self._last
        place = ByteSpan(due, min(due + length, max(due, len(self._sent))))
        kind, chunk = DivergenceKind.CHANGED, due // size
        if due >= len(self._sent):
            kind = DivergenceKind.BEYOND_END
        elif source is not None and source > due:
            place = ByteSpan(due, source)
            kind = DivergenceKind.AHEAD
            self._missing = place
            if last is not None and last.size < size and source == last.start + size:
                kind, chunk = DivergenceKind.SHORTENED, last.start // size
        elif source is not None:
            kind, place = DivergenceKind.REPEATED, ByteSpan(source, source + length)
        came = None if source is None else source // size
        return Divergence(kind=kind, chunk=chunk, sent=place, index=index, came=came, after_gap=self._after_gap)

    def _settled(self, source: int | None) -> Divergence:
        """What the chunk after a gap says of the gap: it comes late, or it does not come."""
        assert self.first is not None
        assert self._missing is not None
        late = source is not None and self._missing.start <= source < self._missing.end
        kind = DivergenceKind.REORDERED if late else DivergenceKind.LOST
        self.first = replace(self.first, kind=kind)
        return self.first

    def _source(self, offset: int, length: int, crc32: int) -> int | None:
        """Where SENT has these bytes: first where they are due, then where they were put, then by distance."""
        view = memoryview(self._sent)
        places = islice(self._elsewhere(length), _MOST_CHECKED // length)
        for start in chain((self._due, offset), places):
            if 0 <= start <= len(view) - length and zlib.crc32(view[start : start + length]) == crc32:
                return start
        return None

    def _elsewhere(self, length: int) -> Iterator[int]:
        size, due = self._size or length, self._due
        self._searches += 1
        far = -(-len(self._sent) // size) if self._searches <= _WIDE_SEARCHES else _NEAR_CHUNKS
        for distance in range(1, far + 1):
            yield due + distance * size
            yield due - distance * size
        # Chunk edges move when a chunk was cut or lengthened; then the bytes are a little off.
        for distance in range(1, min(2 * size, _FARTHEST_OFF_EDGE) + 1):
            yield due + distance
            yield due - distance
