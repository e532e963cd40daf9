"""Puts the payloads of writes at their places in the image."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections import Counter
from io import BytesIO

from forensics.model.capture import Capture
from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange, Message
from forensics.protocols.placed_chunks import PlacedChunks

MAX_IMAGE_SIZE = 32 * 1024 * 1024
"""Bytes: the largest flash of the family. What a damaged capture places behind it, with a hole before, is left out."""

_NAMED_LOSSES = 5
_MOST_NOTES = 40
_LONGEST_WINDOW = 0x10000
_LOSSES = frozenset({"dropped", "missed-packet", "missed-event", "lost-fragment"})


class ImageBuilder:
    """Puts payloads at their places and remembers which write each came from."""

    def __init__(self) -> None:
        self._image = BytesIO()
        self._size = 0
        self.chunks = PlacedChunks()
        self.notes: list[str] = []
        self._outside = 0

    @property
    def crc32(self) -> int:
        """CRC-32 (zlib) of the image so far."""
        return zlib.crc32(self._image.getbuffer())

    def image(self) -> bytes:
        """The image so far."""
        return self._image.getvalue()

    def append(self, payload: bytes, message: Message) -> None:
        """Places ``payload`` behind what is there."""
        self.put(self._size, payload, message)

    def put(self, offset: int, payload: bytes, message: Message) -> None:
        """Places ``payload`` at ``offset``; a hole before it is filled with 0xFF."""
        if not payload:
            return
        end = offset + len(payload)
        if end > MAX_IMAGE_SIZE and offset != self._size:
            self._outside += 1
            return
        self._fill(offset - self._size)
        if offset != self._size:
            self._image.seek(offset)
            self._image.write(payload)
            self._image.seek(max(self._size, end))
        else:
            self._image.write(payload)
        self._size = max(self._size, end)
        self.chunks.append(offset, len(payload), message.number, message.time, damaged=message.damaged)

    def device_has(self, size: int) -> int:
        """The device says that it has ``size`` bytes; gives how many of them this capture does not hold."""
        missing = size - self._size
        if 0 < missing <= _LONGEST_WINDOW and size <= MAX_IMAGE_SIZE:
            self.note(f"{missing} bytes before image offset 0x{size:x} are not in the capture; the device had them")
            self._fill(missing)
            return missing
        return 0

    def restart(self) -> None:
        """The sender began again: the device writes from the start of the slot, so only the last try counts."""
        if len(self.chunks):
            self.note("the transfer was started again; only the last one is taken")
        self._clear()

    def replace(self, image: bytes) -> None:
        """Takes ``image`` for what the writes gave when unpacked: none of them has a place in it."""
        self._clear()
        self._image.write(image)
        self._size = len(image)

    def _clear(self) -> None:
        self._image, self._size = BytesIO(), 0
        self.chunks.clear()

    def _fill(self, size: int) -> None:
        """Appends ``size`` bytes of erased flash."""
        if size > 0:
            self._image.write(b"\xff" * size)
            self._size += size

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
        sizes = Counter(self.chunks.sizes)
        lost = losses(exchange.capture, self.chunks)
        if lost:
            shown = ", ".join(f"0x{offset:x}" for offset in lost[:_NAMED_LOSSES])
            more = f" and {len(lost) - _NAMED_LOSSES} more" if len(lost) > _NAMED_LOSSES else ""
            self.note(f"the capture lost packets before image offset {shown}{more}: it proves no loss there")
        damaged = sum(self.chunks.damaged)
        if damaged:
            self.note(f"the capture holds {damaged} chunks only in part or with a wrong CRC")
        return DecodedTransfer(
            protocol=protocol,
            image=self.image(),
            chunks=self.chunks,
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


def losses(capture: Capture, chunks: PlacedChunks) -> tuple[int, ...]:
    """Image offsets of the chunks before which the capture lost packets, as far as it knows."""
    lost = [packet for problem in capture.problems if problem.kind in _LOSSES for packet in problem.packets]
    if not lost:
        return ()
    placed = sorted(zip(chunks.numbers, chunks.offsets, strict=True))
    numbers = [number for number, _offset in placed]
    places = {bisect_right(numbers, packet - 1) for packet in lost}
    return tuple(sorted({placed[place][1] for place in places if place < len(placed)}))
