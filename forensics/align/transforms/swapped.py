"""Words of 16 or 32 bits stored in the other byte order."""

from __future__ import annotations


def swapped_by_two(data: bytes) -> bytes:
    """Every pair of bytes the other way round; a last single byte stays."""
    return _swapped(data, 2)


def swapped_by_four(data: bytes) -> bytes:
    """Every four bytes the other way round; an incomplete last word stays."""
    return _swapped(data, 4)


def _swapped(data: bytes, width: int) -> bytes:
    whole = len(data) // width * width
    result = bytearray(data)
    for lane in range(width):
        result[lane:whole:width] = data[width - 1 - lane : whole : width]
    return bytes(result)
