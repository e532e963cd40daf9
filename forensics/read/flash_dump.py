"""A dump of the whole flash (``esptool read-flash 0 ALL``): slots by the partition table that lies in it."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.errors import InputError, UsageError
from forensics.model.evidence import FlashSlot
from forensics.model.span import ByteSpan
from forensics.read.reader import Reading
from forensics.spec.flash import SECTOR
from forensics.spec.partition_table import (
    ENTRY_SIZE,
    MD5_MAGIC,
    PARTITION_ENTRY,
    PARTITION_MAGIC,
    TABLE_OFFSET,
    TABLE_SIZE,
)

_ENTRY_MAGIC = PARTITION_MAGIC.to_bytes(2, "little")
_APP_TYPE = 0
_TABLE_OFFSETS = range(TABLE_OFFSET, 0x20000, 0x1000)
_MAX_FLASH = 1 << 30


def sniff(head: bytes) -> bool:
    """A plausible partition table lies at one of the usual offsets."""
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
            "holds no partition table between 0x8000 and 0x1f000",
            name=name,
            offset=0x8000,
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
        notes=(f"slot {slot.label} at 0x{start:x} of the flash",)
        + ((f"the dump ends {missing} bytes before the slot does",) if missing else ()),
        erased_tail=len(whole) - len(content),
    )


def flash_slots(data: bytes) -> Iterator[FlashSlot]:
    """App partitions of the first plausible table in ``data``, in the order of the table."""
    for offset in _TABLE_OFFSETS:
        if data[offset : offset + 2] == _ENTRY_MAGIC:
            slots = _table_slots(data[offset : offset + TABLE_SIZE])
            if slots:
                yield from slots
                return


def _table_slots(table: bytes) -> list[FlashSlot]:
    slots: list[FlashSlot] = []
    for position in range(0, len(table) - ENTRY_SIZE + 1, ENTRY_SIZE):
        entry = PARTITION_ENTRY.parse(table[position : position + ENTRY_SIZE])
        if entry.magic in (MD5_MAGIC, 0xFFFF):
            return slots
        start, end = entry.offset, entry.offset + entry.size
        if entry.magic != PARTITION_MAGIC or start % SECTOR or start == end or end > _MAX_FLASH:
            return []
        if entry.type == _APP_TYPE:
            label = entry.label.split(b"\0")[0].decode("ascii", "replace")
            slots.append(FlashSlot(label=label, span=ByteSpan(start, end)))
    return slots
