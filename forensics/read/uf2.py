"""UF2: blocks of 512 bytes, each with its place in flash.

Source: UF2 file format specification, https://github.com/microsoft/uf2, "File format". TinyUF2's ``CURRENT.UF2`` is a dump
of the device in this form.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from forensics.read.placed import PlacedBytes
from forensics.read.reader import Reading

_BLOCK = struct.Struct("<8I")
_SIZE = 512
_MAGIC = (0x0A324655, 0x9E5D5157)
_MAGIC_END = (0x0AB16F30).to_bytes(4, "little")
_MOST_PAYLOAD = 476
_NOT_MAIN_FLASH = 0x1
_MOST_NAMED = 4


class _Block(NamedTuple):
    number: int
    total: int
    address: int
    payload: bytes
    good: bool


def sniff(head: bytes) -> bool:
    """The first block has both magic words at its start."""
    return len(head) >= _SIZE and _BLOCK.unpack_from(head)[:2] == _MAGIC


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The payloads at their target addresses, from the lowest up; blocks that are missing are named and prove nothing.

    Raises:
        InputError: no block is there, or the addresses spread too far.
    """
    placed = PlacedBytes(name)
    blocks = {block.number: block for block in _blocks(data)}
    for block in blocks.values():
        placed.put(block.address, block.payload, good=block.good)
    total = max((block.total for block in blocks.values()), default=0)
    # A file that claims blocks which it could not hold twice over is wrong about them.
    missing: list[int] = []
    end = size = 0
    for number in range(min(total, 2 * len(data) // _SIZE)):
        found = blocks.get(number)
        if found is not None:
            end, size = found.address + len(found.payload), len(found.payload)
            continue
        missing.append(number)
        placed.put(end, b"\xff" * size, good=False)
        end += size
    if missing:
        more = f" and {len(missing) - _MOST_NAMED:,} more" if len(missing) > _MOST_NAMED else ""
        placed.note(f"blocks are missing: {', '.join(map(str, missing[:_MOST_NAMED]))}{more} of {total:,}")
    return placed.reading()


def _blocks(data: bytes) -> Iterator[_Block]:
    for start in range(0, len(data) - _SIZE + 1, _SIZE):
        first, second, flags, address, size, number, total, _family = _BLOCK.unpack_from(data, start)
        if (first, second) == _MAGIC and not flags & _NOT_MAIN_FLASH and size <= _MOST_PAYLOAD:
            payload = data[start + _BLOCK.size : start + _BLOCK.size + size]
            yield _Block(number, total, address, payload, data[start + _SIZE - 4 : start + _SIZE] == _MAGIC_END)
