"""Gzip files that hold evidence."""

from __future__ import annotations

import zlib

from forensics.errors import InputError
from forensics.read.source import MAX_INPUT_SIZE

_FREE_SIZE = 64 * 1024 * 1024
_MAX_RATIO = 300
_GZIP = zlib.MAX_WBITS | 16


def sniff(head: bytes) -> bool:
    """``head`` begins with the magic of RFC 1952 and the one method it defines."""
    return head.startswith(b"\x1f\x8b\x08")


def unpack(data: bytes, name: str) -> tuple[str, bytes]:
    """The content of all members, end to end. A file that ends early gives what it holds.

    Raises:
        InputError: damaged, or a bomb.
    """
    limit = min(MAX_INPUT_SIZE, max(_FREE_SIZE, len(data) * _MAX_RATIO))
    pieces: list[bytes] = []
    total = 0
    rest = data
    try:
        while rest.startswith(b"\x1f\x8b"):
            inflater = zlib.decompressobj(_GZIP)
            piece = inflater.decompress(rest, limit - total + 1)
            total += len(piece)
            if total > limit:
                raise InputError(f"unpacks to more than {limit >> 20} MiB", name=name)
            pieces.append(piece)
            rest = inflater.unused_data
    except zlib.error as error:
        raise InputError(f"is a damaged gzip file: {error}", name=name) from error
    return "", b"".join(pieces)
