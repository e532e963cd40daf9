"""Motorola S-records: records with an address and a checksum.

Source: the ``srec(5)`` manual page of SRecord 1.64.
"""

from __future__ import annotations

from forensics.errors import InputError
from forensics.read.placed import PlacedBytes
from forensics.read.reader import Reading
from forensics.read.text_lines import read_lines

_ADDRESS_SIZES = {"1": 2, "2": 3, "3": 4}
_KINDS = "0123456789"


def sniff(head: bytes) -> bool:
    """The first line is a record."""
    first = next(read_lines(head[:600]), "")
    return len(first) >= 10 and first[0] == "S" and first[1] in _KINDS and _bytes(first) is not None


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The bytes from the lowest address up; gaps are filled with 0xFF as in erased flash.

    Raises:
        InputError: no data record is there.
    """
    placed = PlacedBytes(name)
    ended = False
    for number, line in enumerate(read_lines(data), 1):
        text = line.strip()
        if not text:
            continue
        record = _bytes(text)
        if record is None or len(record) < 4:
            placed.damaged_line(number)
            continue
        good = len(record) == record[0] + 1 and sum(record) % 256 == 0xFF
        size = _ADDRESS_SIZES.get(text[1])
        if size is not None and len(record) > size + 1:
            placed.put(int.from_bytes(record[1 : 1 + size], "big"), record[1 + size : -1], good=good)
        ended = ended or text[1] in "789"
    if not ended:
        placed.note("the file has no end record: it may be cut")
    return placed.reading()


def _bytes(line: str) -> bytes | None:
    try:
        return bytes.fromhex(line[2:]) if line[:1] == "S" and line[1:2] in _KINDS else None
    except (ValueError, InputError):
        return None
