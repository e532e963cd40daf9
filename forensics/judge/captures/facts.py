"""What is known of the evidence that RECEIVED was read from, beside its bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forensics.model.alignment import Edit
from forensics.model.span import ByteSpan

if TYPE_CHECKING:
    from forensics.model.capture import Capture
    from forensics.model.transfer import DecodedTransfer, PlacedChunk

_SECOND = 1_000_000
_LARGEST_HCI_HANDLE = 0xFFF
"""Captures from the air know connections by their access address, which is never so small."""
Numbered = list[tuple[int, Edit]]
"""Edits with their indexes in the report."""

_ABOUT_SENT = ("image-invalid", "wrong-image")
"""What cannot be said of an image that was read from damaged evidence."""

_MISSED = frozenset({"missed-packet", "missed-answer", "missed-event", "bad-crc", "lost-fragment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFacts:
    """The evidence.

    Attributes:
        name: As reports call it.
        damaged: Ranges of RECEIVED whose evidence is damaged, in order and apart; an empty one is a place where bytes
            are absent.
        sent_damaged: Ranges of SENT, where that was read from evidence, too.
        notes: What the reader of the evidence said of it.
        capture: The capture that RECEIVED was decoded from, with ``transfer``; None for a log of bytes.
    """

    name: str
    damaged: tuple[ByteSpan, ...] = ()
    sent_damaged: tuple[ByteSpan, ...] = ()
    notes: tuple[str, ...] = ()
    capture: Capture | None = None
    transfer: DecodedTransfer | None = None
    chunks: tuple[PlacedChunk, ...] = field(init=False)
    """The chunks of the transfer by their place in the image."""

    def __post_init__(self) -> None:
        found = self.transfer.chunks if self.transfer else ()
        object.__setattr__(self, "chunks", tuple(sorted(found, key=_offset)))

    @property
    def is_lossy_air(self) -> bool:
        """A capture from the air that shows by itself that the sniffer did not receive everything."""
        capture, transfer = self.capture, self.transfer
        if capture is None or transfer is None or not capture.connections:
            return False
        from_air = capture.connections[transfer.connection].handle > _LARGEST_HCI_HANDLE
        return from_air and any(problem.kind in _MISSED for problem in capture.problems)

    @property
    def is_largely_damaged(self) -> bool:
        """A quarter of the image or more is damaged evidence."""
        size = len(self.transfer.image) if self.transfer else 0
        return sum(span.size for span in self.damaged) * 4 >= size > 0

    def doubts(self, slug: str) -> bool:
        """The fault concerns the whole image, of which the evidence is too damaged to tell."""
        if self.sent_damaged and slug in _ABOUT_SENT:
            return True
        return slug == "wrong-image" and self.is_largely_damaged

    def is_sent_damaged(self, edit: Edit) -> bool:
        """Every sent place of ``edit``, slid within its slack, lies in damaged evidence of SENT."""
        back, forward = edit.slack
        places = tuple(sent_places(edit)) if self.sent_damaged else ()
        return bool(places) and all(
            is_inside(place, self.sent_damaged)
            or any(place.start - back <= span.start and span.end <= place.end + forward for span in self.sent_damaged)
            for place in places
        )

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


def sent_places(edit: Edit) -> Iterator[ByteSpan]:
    """Every range of SENT that the edit touches, repeats included."""
    if edit.sent is None:
        return
    repeat = edit.repeat
    for index in range(repeat.count if repeat else 1):
        yield edit.sent.shifted(index * (repeat.sent_step if repeat else 0))


def joined(spans: Sequence[ByteSpan]) -> tuple[ByteSpan, ...]:
    """The same ranges in order, those that touch as one."""
    result: list[ByteSpan] = []
    for span in sorted(spans, key=_start):
        if result and span.start <= result[-1].end:
            result[-1] = ByteSpan(result[-1].start, max(span.end, result[-1].end))
        else:
            result.append(span)
    return tuple(result)


def damaged_chunks(transfer: DecodedTransfer, in_archive: Sequence[ByteSpan] = ()) -> tuple[ByteSpan, ...]:
    """Ranges of the decoded image that the capture does not hold whole.

    ``in_archive`` is the damage of the archive that the capture came in: it may have hurt any of the writes.
    """
    if any(span.size for span in in_archive):
        return (ByteSpan(0, len(transfer.image)),)
    return joined([ByteSpan(chunk.offset, chunk.offset + chunk.size) for chunk in transfer.chunks if chunk.damaged])


def widened(spans: Sequence[ByteSpan], reach: int) -> tuple[ByteSpan, ...]:
    """The ranges with ``reach`` bytes more on both sides."""
    return joined([ByteSpan(max(0, span.start - reach), span.end + reach) for span in spans])


def is_inside(span: ByteSpan, ranges: Sequence[ByteSpan]) -> bool:
    """``span`` lies wholly in one of the ``ranges``, which are in order and apart."""
    place = bisect_right(ranges, span.start, key=_start) - 1
    return place >= 0 and span.end <= ranges[place].end


def _start(span: ByteSpan) -> int:
    return span.start


def _offset(chunk: PlacedChunk) -> int:
    return chunk.offset
