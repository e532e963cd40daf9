"""The device's flash, of which only the image is known."""

from __future__ import annotations

import hashlib

from forensics.model.span import ByteSpan
from forensics.spec.checksum import xor_bytes

_FILL = b"\xff" * 4096


class Flash:
    """The image at its place; every other byte reads as 0xFF, as erased flash does.

    Args:
        data: Bytes of the image file.
        start: Flash address of its first byte.
        size: Bytes of flash; reads beyond them fail.
    """

    def __init__(self, data: bytes, start: int, size: int) -> None:
        self.data = data
        self.start = start
        self.size = size

    def holds(self, address: int, count: int) -> bool:
        """True when the device can read ``count`` bytes at a flash address."""
        return 0 <= address <= address + count <= self.size

    def read(self, address: int, count: int) -> bytes:
        """``count`` bytes at a flash address at or after the image's start."""
        offset = address - self.start
        return self.data[offset : offset + count].ljust(count, b"\xff")

    def xor(self, address: int, count: int, value: int) -> int:
        """XOR of ``value`` and the ``count`` bytes at a flash address."""
        offset = address - self.start
        known = memoryview(self.data)[offset : offset + count]
        fill = 0xFF if (count - len(known)) % 2 else 0
        return xor_bytes(known, value) ^ fill

    def sha256(self, count: int) -> str:
        """SHA-256 of the ``count`` bytes from the image's start, as hex."""
        digest = hashlib.sha256(memoryview(self.data)[:count])
        missing = max(0, count - len(self.data))
        for _ in range(missing // len(_FILL)):
            digest.update(_FILL)
        digest.update(_FILL[: missing % len(_FILL)])
        return digest.hexdigest()

    def span(self, address: int, count: int) -> ByteSpan | None:
        """The file offsets of ``count`` bytes at a flash address, as far as the file holds them."""
        offset = address - self.start
        if not 0 <= offset < len(self.data):
            return None
        return ByteSpan(offset, min(offset + count, len(self.data)))
