"""Partition tables, in a file of their own or inside a flash dump."""

from __future__ import annotations

import hashlib

from forensics.model.flash import Partition, PartitionTable
from forensics.model.span import ByteSpan
from forensics.spec.esp_image_records import text_field
from forensics.spec.partition_table import (
    APP_ALIGNMENT,
    DATA_ALIGNMENT,
    ENTRY_SIZE,
    FLAG_ENCRYPTED,
    FLAG_READONLY,
    MD5_MAGIC,
    MD5_ROW,
    PARTITION_ENTRY,
    PARTITION_MAGIC,
    SUBTYPES,
    TABLE_SIZE,
    TYPES,
)

_MAGIC = PARTITION_MAGIC.to_bytes(2, "little")
_MD5_MAGIC = MD5_MAGIC.to_bytes(2, "little")


def parse_partition_table(data: bytes, offset: int = 0, *, flash_size: int | None = None) -> PartitionTable | None:
    """The partition table at file offset ``offset``, or None when none begins there.

    Args:
        data: A file that holds the table.
        offset: Where in it.
        flash_size: Bytes of the flash that the table describes, to tell partitions that reach beyond it.
    """
    if data[offset : offset + 2] != _MAGIC:
        return None
    partitions: list[Partition] = []
    problems: list[str] = []
    stored = calculated = None
    place = offset
    for place in range(offset, offset + TABLE_SIZE, ENTRY_SIZE):
        row = data[place : place + ENTRY_SIZE]
        if len(row) == ENTRY_SIZE and row[:2] == _MAGIC:
            partitions.append(_partition(row))
            continue
        if len(row) == ENTRY_SIZE and row[:2] == _MD5_MAGIC:
            stored = MD5_ROW.parse(row).md5.hex()
            calculated = hashlib.md5(data[offset:place], usedforsecurity=False).hexdigest()
            place += ENTRY_SIZE  # noqa: PLW2901 - the row belongs to the table
        elif row != b"\xff" * ENTRY_SIZE:
            problems.append("no terminating entry")
        break
    if stored != calculated:
        problems.append("its MD5 does not agree with its entries")
    problems += _placement_problems(partitions, flash_size)
    return PartitionTable(
        partitions=tuple(partitions),
        span=ByteSpan(offset, min(place, len(data))),
        md5_stored=stored,
        md5_calculated=calculated,
        problems=tuple(problems),
    )


def begins_partition_table(data: bytes, offset: int) -> bool:
    """True when a believable first entry stands at ``offset``; cheap, for looking at many places."""
    row = data[offset : offset + ENTRY_SIZE]
    if row[:2] != _MAGIC or len(row) < ENTRY_SIZE:
        return False
    first = PARTITION_ENTRY.parse(row)
    return bool(first.offset and first.size and first.offset % DATA_ALIGNMENT == 0)


def _partition(row: bytes) -> Partition:
    fields = PARTITION_ENTRY.parse(row)
    kind = TYPES.get(fields.type, f"0x{fields.type:02x}")
    return Partition(
        label=text_field(fields.label),
        type=kind,
        subtype=SUBTYPES.get(kind, {}).get(fields.subtype, f"0x{fields.subtype:02x}"),
        offset=fields.offset,
        size=fields.size,
        encrypted=bool(fields.flags & FLAG_ENCRYPTED),
        readonly=bool(fields.flags & FLAG_READONLY),
    )


def _placement_problems(partitions: list[Partition], flash_size: int | None) -> list[str]:
    """Partitions that no device can use where they are: misaligned, overlapping or beyond the flash."""
    problems = []
    end = 0
    for partition in sorted(partitions, key=lambda part: part.offset):
        alignment = APP_ALIGNMENT if partition.is_app else DATA_ALIGNMENT
        if partition.offset % alignment:
            problems.append(f"{partition.label!r} does not begin on a multiple of 0x{alignment:x}")
        if partition.offset < end:
            problems.append(f"{partition.label!r} begins inside the partition before it")
        end = max(end, partition.offset + partition.size)
        if flash_size is not None and partition.offset + partition.size > flash_size:
            problems.append(f"{partition.label!r} reaches beyond the flash (0x{flash_size:x} bytes)")
    return problems
