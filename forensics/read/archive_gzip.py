"""Gzip files that hold evidence."""

from __future__ import annotations

from forensics.errors import InputError
from forensics.read.inflate import GZIP, inflate
from forensics.read.reader import Unpacked
from forensics.read.source import MAX_INPUT_SIZE

_FREE_SIZE = 64 * 1024 * 1024
_MAX_RATIO = 300
_MAGIC = b"\x1f\x8b"


def sniff(head: bytes) -> bool:
    """``head`` begins with the magic of RFC 1952 and the one method it defines."""
    return head.startswith(b"\x1f\x8b\x08")


def unpack(data: bytes, name: str) -> Unpacked:
    """The content of all members, end to end. A file that ends early or is damaged gives what it holds.

    Raises:
        InputError: nothing in it can be read, or a bomb.
    """
    limit = min(MAX_INPUT_SIZE, max(_FREE_SIZE, len(data) * _MAX_RATIO))
    pieces: list[bytes] = []
    total = position = 0
    packed = memoryview(data)
    while packed[position : position + 2] == _MAGIC:
        found = inflate(packed[position:], GZIP, limit - total)
        pieces.append(found.content)
        total += len(found.content)
        position += found.used
        if total > limit:
            raise InputError(f"unpacks to more than {limit >> 20} MiB", name=name)
        if not found.complete:
            if not total:
                raise InputError(f"is a damaged gzip file: {found.damage or 'it ends too early'}", name=name)
            return Unpacked(member="", content=b"".join(pieces), cut=found.damage is None, damage=found.damage)
    return Unpacked(member="", content=b"".join(pieces))
