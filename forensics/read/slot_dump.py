"""A dump of one partition (``esptool read-flash``, ``parttool.py``): image, then older bytes."""

from __future__ import annotations

from forensics.model.span import ByteSpan
from forensics.read.reader import Reading
from forensics.spec.flash import SECTOR


def sniff(head: bytes) -> bool:
    """A slot dump is not known by its first bytes: they are those of an image."""
    return False


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """Leaves out the erased end of the slot: a file of whole sectors whose last sector is erased.

    What an older firmware left behind the image stays: only the sent image tells where the new one ends.
    """
    if len(data) % SECTOR:
        return Reading(content=data, container="raw")
    content = data.rstrip(b"\xff")
    erased = len(data) - len(content)
    if erased < SECTOR or not content:
        return Reading(content=data, container="raw")
    return Reading(content=content, region=ByteSpan(0, len(content)), container="slot", erased_tail=erased)
