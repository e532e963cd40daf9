"""Undoes compression as far as the data goes: what stands before a cut or a damage is kept and the damage told.

No more is unpacked than the caller has room for, whatever the archive claims.

Source: RFC 1951 and RFC 1952; ``zlib`` alone would give up everything since its last call. PKWARE APPNOTE 6.3.10,
sections 5.8 (LZMA) and 4.4.5.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from dataclasses import dataclass

GZIP = zlib.MAX_WBITS | 16
RAW = -zlib.MAX_WBITS
_BLOCK = 1 << 16
_BZIP2, _LZMA = 12, 14
RARE = (_BZIP2, _LZMA)
"""Compression methods of zip files besides stored and deflated."""

_LZMA_HEAD, _LZMA_PROPERTIES = 4, 5
_LZMA_MEMORY = 96 * 1024 * 1024
"""Bytes: the dictionary of the highest preset, and what comes with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflated:
    """What one stream gave.

    Attributes:
        content: The bytes up to the end, the cut, the damage or the limit.
        used: How many bytes of the packed data it took.
        complete: The stream came to its end, and its own checks fit.
        damage: What is wrong with the packed data, or None when it merely ends too early.
        left: Bytes behind its end that were not read.
    """

    content: bytes
    used: int
    complete: bool
    damage: str | None = None
    left: int = 0


def inflate(packed: memoryview, form: int, limit: int) -> Inflated:
    """Unpacks one stream at the beginning of ``packed``.

    Args:
        packed: The stream, and whatever follows it.
        form: ``GZIP`` or ``RAW``.
        limit: At most one byte more than this many are unpacked.
    """
    inflater = zlib.decompressobj(form)
    pieces: list[bytes] = []
    room = limit + 1
    for start in range(0, len(packed), _BLOCK):
        block: bytes | memoryview = packed[start : start + _BLOCK]
        try:
            while block and room > 0 and not inflater.eof:
                piece = inflater.decompress(block, room)
                pieces.append(piece)
                room -= len(piece)
                block = inflater.unconsumed_tail
        except zlib.error as error:
            pieces = _until_damage(packed, start, form, limit)
            return Inflated(content=b"".join(pieces), used=len(packed), complete=False, damage=str(error))
        if inflater.eof or room <= 0:
            used = min(start + _BLOCK, len(packed)) - len(inflater.unused_data)
            return Inflated(content=b"".join(pieces), used=used, complete=inflater.eof)
    return Inflated(content=b"".join(pieces), used=len(packed), complete=False)


def _until_damage(packed: memoryview, start: int, form: int, limit: int) -> list[bytes]:
    """Everything again up to the damaged block, and that byte by byte until the damage shows."""
    inflater = zlib.decompressobj(form)
    pieces = [inflater.decompress(packed[:start], limit)]
    for place in range(start, min(start + _BLOCK, len(packed))):
        try:
            pieces.append(inflater.decompress(packed[place : place + 1]))
        except zlib.error:
            break
    return pieces


def inflate_rare(packed: memoryview, method: int, size: int, limit: int) -> Inflated:
    """Unpacks a member of the methods ``RARE``.

    Args:
        packed: The member.
        method: Its compression method.
        size: Bytes that it claims to have.
        limit: At most one byte more than this many are unpacked.
    """
    machine: bz2.BZ2Decompressor | lzma.LZMADecompressor = bz2.BZ2Decompressor()
    data = bytes(packed)
    if method == _LZMA:  # its properties and its size make the head of an .lzma file
        machine = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY)
        properties, data = data[_LZMA_HEAD:][:_LZMA_PROPERTIES], data[_LZMA_HEAD + _LZMA_PROPERTIES :]
        data = properties + size.to_bytes(8, "little") + data
    pieces: list[bytes] = []
    room = limit + 1
    try:
        while room > 0 and not machine.eof and (data or not machine.needs_input):
            pieces.append(machine.decompress(data, min(room, _BLOCK)))
            room -= len(pieces[-1])
            data = b""
    except (OSError, EOFError, lzma.LZMAError) as error:
        return Inflated(content=b"".join(pieces), used=len(packed), complete=False, damage=str(error))
    return Inflated(content=b"".join(pieces), used=len(packed), complete=machine.eof)
