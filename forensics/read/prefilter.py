"""Cheap tests on the first bytes of an input: a plain binary must cost microseconds and import no reader."""

from __future__ import annotations

from collections.abc import Callable

_PACKET_TYPES = frozenset((0, 1, 2, 3, 8, 9, 0x0A, 0x0B, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF))
_TABLE_MAGIC = b"\xaa\x50"


def starts_with(*magics: bytes) -> Callable[[bytes], bool]:
    """A test for inputs that begin with one of ``magics``."""
    return lambda head: head.startswith(magics)


def packet_records(head: bytes) -> bool:
    """The first 13 bytes can be a PacketLogger record in either byte order, with a type in use."""
    if len(head) < 13 or head[12] not in _PACKET_TYPES:
        return False
    return 9 <= int.from_bytes(head[:4], "big") < 0x20000 or 9 <= int.from_bytes(head[:4], "little") < 0x20000


def flash_table(head: bytes) -> bool:
    """A partition table may be at one of the usual offsets (``CONFIG_PARTITION_TABLE_OFFSET``)."""
    return any(head[offset : offset + 2] == _TABLE_MAGIC for offset in range(0, len(head), 0x1000))


def never(_head: bytes) -> bool:
    """For containers that are not recognised by their first bytes."""
    return False
