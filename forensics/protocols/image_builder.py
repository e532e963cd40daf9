"""Puts the payloads of writes at their places in the image."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from forensics.model.capture import Capture
from forensics.model.transfer import DecodedTransfer, PlacedChunk
from forensics.protocols.exchange import Exchange, Message

MAX_IMAGE_SIZE = 32 * 1024 * 1024
"""Bytes: the largest flash of the family. What a damaged capture places behind it is left out."""

_NAMED_LOSSES = 5
_MOST_NOTES = 40
_LONGEST_WINDOW = 0x10000


class ImageBuilder:
    """Puts payloads at their places and remembers which write each came from."""

    def __init__(self) -> None:
        self.image = bytearray()
        self.chunks: list[PlacedChunk] = []
        self.notes: list[str] = []
        self._outside = 0

    def append(self, payload: bytes, message: Message) -> None:
        """Places ``payload`` behind what is there."""
        self.put(len(self.image), payload, message)

    def put(self, offset: int, payload: bytes, message: Message) -> None:
        """Places ``payload`` at ``offset``; a hole before it is filled with 0xFF."""
        if not payload:
            return
        end = offset + len(payload)
        if end > MAX_IMAGE_SIZE:
            self._outside += 1
            return
        if offset > len(self.image):
            self.image += b"\xff" * (offset - len(self.image))
        self.image[offset:end] = payload
        self.chunks.append(
            PlacedChunk(
                offset=offset,
                size=len(payload),
                number=message.number,
                time=message.time,
                damaged=message.damaged,
            )
        )

    def device_has(self, size: int) -> int:
        """The device says that it has ``size`` bytes; gives how many of them this capture does not hold."""
        missing = size - len(self.image)
        if 0 < missing <= _LONGEST_WINDOW and size <= MAX_IMAGE_SIZE:
            self.note(f"{missing} bytes before image offset 0x{size:x} are not in the capture; the device had them")
            self.image += b"\xff" * missing
            return missing
        return 0

    def restart(self) -> None:
        """The sender began again: the device writes from the start of the slot, so only the last try counts."""
        if self.chunks:
            self.note("the transfer was started again; only the last one is taken")
        self.image.clear()
        self.chunks.clear()

    def note(self, text: str) -> None:
        """Adds one sentence, once, as long as there are few."""
        if len(self.notes) < _MOST_NOTES and text not in self.notes:
            self.notes.append(text)

    def transfer(
        self,
        exchange: Exchange,
        *,
        protocol: str,
        handle: int,
        gap: str,
        overhead: int = 0,
        reset: int | None = None,
        announced_size: int | None = None,
    ) -> DecodedTransfer:
        """The finished transfer."""
        if self._outside:
            self.note(f"{self._outside} writes name a place behind {MAX_IMAGE_SIZE >> 20} MiB and were left out")
        sizes = Counter(chunk.size for chunk in self.chunks)
        lost = losses(exchange.capture, self.chunks)
        if lost:
            shown = ", ".join(f"0x{offset:x}" for offset in lost[:_NAMED_LOSSES])
            more = f" and {len(lost) - _NAMED_LOSSES} more" if len(lost) > _NAMED_LOSSES else ""
            self.note(f"the capture lost packets before image offset {shown}{more}: it proves no loss there")
        damaged = sum(chunk.damaged for chunk in self.chunks)
        if damaged:
            self.note(f"the capture holds {damaged} chunks only in part or with a wrong CRC")
        return DecodedTransfer(
            protocol=protocol,
            image=bytes(self.image),
            chunks=tuple(self.chunks),
            chunk_size=sizes.most_common(1)[0][0] if sizes else None,
            reset=reset,
            overhead=overhead,
            announced_size=announced_size,
            connection=exchange.connection,
            handle=handle,
            gap=gap,
            losses=lost,
            notes=tuple(self.notes),
        )


def losses(capture: Capture, chunks: Iterable[PlacedChunk]) -> tuple[int, ...]:
    """Image offsets of the chunks before which the capture lost packets, as far as it knows."""
    placed = sorted((chunk.number, chunk.offset) for chunk in chunks)
    numbers = [number for number, _offset in placed]
    found: set[int] = set()
    for problem in capture.problems:
        if problem.kind not in ("dropped", "missed-packet", "lost-fragment"):
            continue
        for packet in problem.packets:
            place = bisect_right(numbers, packet - 1)
            if 0 < place < len(placed):
                found.add(placed[place][1])
    return tuple(sorted(found))
