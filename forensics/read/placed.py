"""Pieces with addresses, put together in one range of bytes."""

from __future__ import annotations

from forensics.errors import InputError
from forensics.model.span import ByteSpan
from forensics.read.reader import Reading

_MAX_EXTENT = 64 * 1024 * 1024
_MAX_NAMED_LINES = 5


class PlacedBytes:
    """Collects pieces by address; later pieces win where two overlap."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pieces: list[tuple[int, bytes, bool]] = []
        self._notes: list[str] = []
        self._bad_lines: list[int] = []

    def put(self, address: int, piece: bytes, *, good: bool) -> None:
        """Places ``piece``; ``good`` is false when its record was damaged."""
        if piece:
            self._pieces.append((address, piece, good))

    def damaged_line(self, number: int) -> None:
        """Remembers a line that could not be read at all."""
        self._bad_lines.append(number)

    def note(self, text: str) -> None:
        """Adds one sentence about the reading."""
        self._notes.append(text)

    def reading(self) -> Reading:
        """Everything that was placed, from the lowest address up.

        Raises:
            InputError: nothing was placed, or the addresses lie too far apart to be one image.
        """
        if not self._pieces:
            raise InputError("holds no data record", name=self._name)
        start = min(address for address, _piece, _good in self._pieces)
        end = max(address + len(piece) for address, piece, _good in self._pieces)
        if end - start > _MAX_EXTENT:
            raise InputError(f"spreads over {end - start} bytes of addresses", name=self._name)
        content = bytearray(b"\xff") * (end - start)
        damaged: list[ByteSpan] = []
        for address, piece, good in self._pieces:
            content[address - start : address - start + len(piece)] = piece
            if not good:
                damaged.append(ByteSpan(address - start, address - start + len(piece)))
        if start:
            self._notes.append(f"the first address is 0x{start:x}")
        return Reading(content=bytes(content), notes=tuple(self._all_notes(damaged)), damaged=tuple(damaged))

    def _all_notes(self, damaged: list[ByteSpan]) -> list[str]:
        notes = list(self._notes)
        if damaged:
            notes.append(f"{len(damaged)} records have a wrong checksum or length")
        if self._bad_lines:
            shown = ", ".join(map(str, self._bad_lines[:_MAX_NAMED_LINES]))
            notes.append(f"{len(self._bad_lines)} lines could not be read, the first: {shown}")
        return notes
