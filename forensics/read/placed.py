"""Pieces with addresses, put together in one range of bytes."""

from __future__ import annotations

from operator import itemgetter

from forensics.errors import InputError
from forensics.model.span import ByteSpan
from forensics.read.reader import Reading

_MOST_FILLED = 32 * 1024 * 1024
"""Bytes between records: the largest flash of the family."""

_MAX_NAMED_LINES = 5


class PlacedBytes:
    """Collects pieces by address; later pieces win where two overlap.

    The address of a damaged record may be wrong, so that it counts only where it touches the range of the others.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._pieces: list[tuple[int, bytearray, bool]] = []
        self._notes: list[str] = []
        self._bad_lines: list[int] = []

    def put(self, address: int, piece: bytes, *, good: bool) -> None:
        """Places ``piece``; ``good`` is false when its record was damaged."""
        if not piece:
            return
        if self._pieces:
            start, last, was_good = self._pieces[-1]
            if address == start + len(last) and good == was_good:
                last += piece
                return
        self._pieces.append((address, bytearray(piece), good))

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
            raise InputError(
                "holds no data record", name=self._name, next_step="see what it is with otadiff inspect --format raw"
            )
        trusted = [one for one in self._pieces if one[2]] or self._pieces
        start = min(address for address, _piece, _good in trusted)
        end = max(address + len(piece) for address, piece, _good in trusted)
        by_address = sorted(self._pieces, key=itemgetter(0))
        for address, piece, _good in by_address:
            end = max(end, address + len(piece)) if start <= address <= end else end
        for address, piece, _good in reversed(by_address):
            start = min(start, address) if start <= address + len(piece) <= end else start
        if end - start - sum(len(piece) for _address, piece, _good in trusted) > _MOST_FILLED:
            raise InputError(
                f"spreads over {end - start} bytes of addresses",
                name=self._name,
                next_step="cut out the records of one image",
            )
        content = bytearray(b"\xff") * (end - start)
        damaged: list[ByteSpan] = []
        left_out = 0
        for address, piece, good in self._pieces:
            if not start <= address <= address + len(piece) <= end:
                left_out += 1
                continue
            content[address - start : address - start + len(piece)] = piece
            if not good:
                damaged.append(ByteSpan(address - start, address - start + len(piece)))
        if left_out:
            self._notes.append(f"damaged records with addresses far from all others were left out, in {left_out} places")
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
