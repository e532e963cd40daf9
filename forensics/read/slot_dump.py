"""A dump of one partition (``esptool read-flash``, ``parttool.py``): image, then older bytes."""

from __future__ import annotations

from forensics.model.span import ByteSpan
from forensics.read.reader import Reading

SECTOR_SIZE = 4096
"""Bytes of a flash erase unit; a partition is a whole number of them (ESP-IDF v5.4, partition tables)."""


def sniff(head: bytes) -> bool:
    """A slot dump is not known by its first bytes: they are those of an image."""
    return False


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """Leaves out the erased end of the slot: a file of whole sectors whose last sector is erased.

    What an older firmware left behind the image stays: only the sent image tells where the new one ends.
    """
    if len(data) % SECTOR_SIZE:
        return Reading(content=data, container="raw")
    content = data.rstrip(b"\xff")
    erased = len(data) - len(content)
    if erased < SECTOR_SIZE or not content:
        return Reading(content=data, container="raw")
    return Reading(content=content, region=ByteSpan(0, len(content)), container="slot", erased_tail=erased)
