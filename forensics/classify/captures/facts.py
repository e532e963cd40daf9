"""What is known of the evidence that RECEIVED was read from, beside its bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from forensics.model.alignment import Edit
from forensics.model.capture import Capture
from forensics.model.span import ByteSpan
from forensics.model.transfer import DecodedTransfer, PlacedChunk

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFacts:
    """The evidence.

    Attributes:
        name: As reports call it.
        damaged: Ranges of RECEIVED whose evidence is damaged, in order and apart.
        capture: The capture that RECEIVED was decoded from, with ``transfer``; null for a log of bytes.
    """

    name: str
    damaged: tuple[ByteSpan, ...] = ()
    capture: Capture | None = None
    transfer: DecodedTransfer | None = None
    chunks: tuple[PlacedChunk, ...] = field(init=False)
    """The chunks of the transfer by their place in the image."""

    def __post_init__(self) -> None:
        found = self.transfer.chunks if self.transfer else ()
        object.__setattr__(self, "chunks", tuple(sorted(found, key=_offset)))

    def is_damaged(self, span: ByteSpan) -> bool:
        """``span`` lies wholly in damaged evidence."""
        return _inside(span, self.damaged)

    def is_hole(self, span: ByteSpan) -> bool:
        """No write of the capture brought any byte of ``span``."""
        if not self.chunks:
            return False
        place = bisect_right(self.chunks, span.start, key=_offset)
        before = self.chunks[max(0, place - 8) : place]
        behind = self.chunks[place : place + 1]
        return all(chunk.offset + chunk.size <= span.start for chunk in before) and all(
            chunk.offset >= span.end for chunk in behind
        )

    def chunk_at(self, offset: int) -> PlacedChunk | None:
        """The write that brought the byte at ``offset`` of the decoded image."""
        place = bisect_right(self.chunks, offset, key=_offset) - 1
        found = self.chunks[place] if place >= 0 else None
        return found if found is not None and offset < found.offset + found.size else None

    def packet_words(self, span: ByteSpan) -> str | None:
        """``at packet 12 ...``: what carried the beginning of ``span``, or the two packets around an empty one."""
        first = self.chunk_at(span.start)
        before = None if span.size or first is None else self.chunk_at(span.start - 1)
        if first is None:
            last = self.chunk_at(span.start - 1)
            return None if last is None else f"behind {self._words(last)}"
        if before is None or before is first:
            return f"at {self._words(first)}"
        return f"between {self._words(before)} and {self._words(first)}"

    def _words(self, chunk: PlacedChunk) -> str:
        transfer = self.transfer
        start = transfer.chunks[0].time if transfer else 0
        return f"packet {chunk.number} ({(chunk.time - start) / _SECOND:.3f} s after the first chunk)"


def places_of(edit: Edit) -> Iterator[ByteSpan]:
    """Every range of RECEIVED that the edit touches, repeats included."""
    repeat = edit.repeat
    for index in range(repeat.count if repeat else 1):
        yield edit.received.shifted(index * (repeat.received_step if repeat else 0))


def joined(spans: Sequence[ByteSpan]) -> tuple[ByteSpan, ...]:
    """The same ranges in order, those that touch as one."""
    result: list[ByteSpan] = []
    for span in sorted(spans, key=_start):
        if result and span.start <= result[-1].end:
            result[-1] = ByteSpan(result[-1].start, max(span.end, result[-1].end))
        else:
            result.append(span)
    return tuple(result)


def damaged_chunks(transfer: DecodedTransfer) -> tuple[ByteSpan, ...]:
    """Ranges of the decoded image that the capture does not hold whole."""
    return joined([ByteSpan(chunk.offset, chunk.offset + chunk.size) for chunk in transfer.chunks if chunk.damaged])


def _inside(span: ByteSpan, ranges: Sequence[ByteSpan]) -> bool:
    place = bisect_right(ranges, span.start, key=_start) - 1
    return place >= 0 and span.end <= ranges[place].end


def _start(span: ByteSpan) -> int:
    return span.start


def _offset(chunk: PlacedChunk) -> int:
    return chunk.offset
