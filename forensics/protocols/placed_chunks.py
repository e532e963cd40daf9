"""The chunks of a transfer by column: a capture holds up to millions, so each costs bytes and not objects."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import overload

from forensics.model.transfer import PlacedChunk


class PlacedChunks(Sequence[PlacedChunk]):
    """Chunks in the order of their writes; each becomes a ``PlacedChunk`` only while it is looked at."""

    def __init__(self) -> None:
        self.offsets = array("Q")
        self.sizes = array("I")
        self.numbers = array("I")
        self.times = array("q")
        self.damaged = bytearray()

    def append(self, offset: int, size: int, number: int, time: int, *, damaged: bool) -> None:
        """Adds a chunk; the arguments are the fields of ``PlacedChunk``."""
        self.offsets.append(offset)
        self.sizes.append(size)
        self.numbers.append(number)
        self.times.append(time)
        self.damaged.append(damaged)

    def clear(self) -> None:
        """Takes all chunks back."""
        for column in (self.offsets, self.sizes, self.numbers, self.times, self.damaged):
            del column[:]

    def __len__(self) -> int:
        return len(self.sizes)

    @overload
    def __getitem__(self, index: int) -> PlacedChunk: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PlacedChunk, ...]: ...

    def __getitem__(self, index: int | slice) -> PlacedChunk | tuple[PlacedChunk, ...]:
        if isinstance(index, slice):
            return tuple(self._chunk(place) for place in range(*index.indices(len(self))))
        return self._chunk(index)

    def __iter__(self) -> Iterator[PlacedChunk]:
        return map(self._chunk, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def _chunk(self, place: int) -> PlacedChunk:
        return PlacedChunk(
            offset=self.offsets[place],
            size=self.sizes[place],
            number=self.numbers[place],
            time=self.times[place],
            damaged=bool(self.damaged[place]),
        )
