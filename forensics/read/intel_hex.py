"""Intel HEX: records with an address and a checksum.

Source: Intel Hexadecimal Object File Format Specification, revision A, 1988. Read by hand and not with the
``intelhex`` package: that stops at the first damaged record, and we keep what is good and say what is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from forensics.read.placed import PlacedBytes
from forensics.read.reader import Reading
from forensics.read.text_lines import read_lines

_DATA, _END, _SEGMENT, _START_SEGMENT, _LINEAR, _START_LINEAR = range(6)


def sniff(head: bytes) -> bool:
    """The first line is a record whose length fits; its checksum may be wrong."""
    first = next(read_lines(head[:600]), "")
    return first[:1] == ":" and len(first) >= 11 and _bytes(first) is not None


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The bytes from the lowest address up; gaps are filled with 0xFF as in erased flash.

    Raises:
        InputError: no data record is there.
    """
    placed = PlacedBytes(name)
    base = 0
    ended = False
    for number, record in _records(data):
        if record is None or len(record) < 5:
            placed.damaged_line(number)
            continue
        good = len(record) == record[0] + 5 and sum(record) % 256 == 0
        kind, payload = record[3], record[4:-1]
        if kind == _DATA:
            placed.put(base + int.from_bytes(record[1:3], "big"), payload[: record[0]], good=good)
        elif not good:
            placed.damaged_line(number)
        elif kind == _END:
            ended = True
            break
        elif kind == _SEGMENT and len(payload) == 2:
            base = int.from_bytes(payload, "big") << 4
        elif kind == _LINEAR and len(payload) == 2:
            base = int.from_bytes(payload, "big") << 16
    if not ended:
        placed.note("the file has no end record: it may be cut")
    return placed.reading()


def _records(data: bytes) -> Iterator[tuple[int, bytes | None]]:
    for number, line in enumerate(read_lines(data), 1):
        if line.strip():
            yield number, _bytes(line.strip())


def _bytes(line: str) -> bytes | None:
    try:
        return bytes.fromhex(line[1:]) if line[:1] == ":" else None
    except ValueError:
        return None
