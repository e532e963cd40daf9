"""A dump of the flash (``esptool read-flash 0 ALL``) or a merged image: slots by the partition table in it."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.errors import InputError, UsageError
from forensics.model.evidence import FlashSlot
from forensics.model.span import ByteSpan
from forensics.parse.flash_layout import find_layout
from forensics.read.reader import Reading
from forensics.spec.flash import SECTOR


def sniff(head: bytes) -> bool:
    """A partition table with app slots is in it."""
    return any(True for _slot in flash_slots(head))


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The content of ``slot`` without its erased end; the whole flash and its slots when none is named.

    Raises:
        InputError: no partition table is there, or the slot lies behind the end of the dump.
        UsageError: the table has no such slot.
    """
    slots = tuple(flash_slots(data))
    if not slots:
        raise InputError(
            "holds no partition table with app slots",
            name=name,
            next_step="name the image in it by --offset, or read the flash from 0x0 on",
        )
    if slot is None:
        return Reading(content=data, slots=slots)
    chosen = next((item for item in slots if item.label == slot), None)
    if chosen is None:
        labels = ", ".join(item.label for item in slots)
        raise UsageError(f"the partition table has no app slot {slot}", name=name, next_step=f"use one of {labels}")
    return read_slot(data, chosen, name)


def read_slot(data: bytes, slot: FlashSlot, name: str) -> Reading:
    """The content of one slot of the flash in ``data``, without its erased end.

    Raises:
        InputError: the dump ends before the slot begins.
    """
    if slot.span.start >= len(data):
        raise InputError(
            f"the dump ends before slot {slot.label}",
            name=name,
            offset=slot.span.start,
            next_step="read the flash again, up to the end of the slot",
        )
    whole = data[slot.span.start : slot.span.end]
    content = whole.rstrip(b"\xff")
    if len(whole) - len(content) < SECTOR:
        content = whole
    start = slot.span.start
    missing = slot.span.size - len(whole)
    return Reading(
        content=content,
        region=ByteSpan(start, start + len(content)),
        container="flash",
        notes=(f"slot {slot.label} at 0x{slot.address:x} of the flash",)
        + ((f"the dump ends {missing} bytes before the slot does",) if missing else ()),
        damaged=(ByteSpan(len(content), len(content)),) if missing and len(content) == len(whole) else (),
        erased_tail=len(whole) - len(content),
    )


def flash_slots(data: bytes) -> Iterator[FlashSlot]:
    """The app partitions that begin in the file, in the order of its partition table."""
    layout = find_layout(data)
    for part in layout.table.partitions if layout.table is not None else ():
        start = part.offset - layout.base
        if part.is_app and start >= 0:
            yield FlashSlot(label=part.label, address=part.offset, span=ByteSpan(start, start + part.size))
