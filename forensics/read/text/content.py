"""Builds the content that a text log holds, and keeps apart what the log itself lost."""

from __future__ import annotations

from forensics.errors import InputError
from forensics.model.span import ByteSpan
from forensics.read.reader import Reading

LOST = b"\0"
"""What stands in the content for a byte that the log lost; its range is listed as damaged."""

_MOST_NOTES = 40

MAX_CONTENT = 64 * 1024 * 1024
"""Bytes: twice the largest flash of the family."""


class ContentBuilder:
    """Content in the order of the log, with damaged ranges and notes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._content = bytearray()
        self._damaged: list[ByteSpan] = []
        self._notes: list[str] = []
        self._pieces: list[ByteSpan] = []

    def __len__(self) -> int:
        return len(self._content)

    def add(self, piece: bytes) -> None:
        """Appends bytes that the log shows."""
        self._content += piece

    def add_damaged(self, piece: bytes, size: int) -> None:
        """Appends ``size`` bytes of which the log shows ``piece`` at best; none of them can be trusted.

        Raises:
            InputError: the log claims to have lost more than any flash holds.
        """
        start = len(self._content)
        if start + size > MAX_CONTENT:
            raise InputError(f"says that it shows more than {MAX_CONTENT >> 20} MiB", name=self._name)
        self._content += piece[:size].ljust(size, LOST)
        if self._damaged and self._damaged[-1].end == start:
            start = self._damaged.pop().start
        if start < len(self._content):
            self._damaged.append(ByteSpan(start, len(self._content)))

    def note(self, text: str) -> None:
        """Remembers one sentence about the reading, once, as long as there are few."""
        if len(self._notes) < _MOST_NOTES and text not in self._notes:
            self._notes.append(text)

    def end_write(self) -> None:
        """What was appended since the last call was one write."""
        start = self._pieces[-1].end if self._pieces else 0
        if start < len(self._content):
            self._pieces.append(ByteSpan(start, len(self._content)))

    def reading(self) -> Reading:
        """What was built."""
        lost = sum(span.size for span in self._damaged)
        if lost:
            places = "place" if len(self._damaged) == 1 else "places"
            self._notes.append(f"the text lost {lost} bytes in {len(self._damaged)} {places}")
        return Reading(
            content=bytes(self._content),
            notes=tuple(self._notes),
            damaged=tuple(self._damaged),
            pieces=tuple(self._pieces),
        )
