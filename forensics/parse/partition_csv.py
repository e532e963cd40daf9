"""The partition table as projects write it, ``partitions.csv``."""

from __future__ import annotations

from forensics.errors import InputError
from forensics.model.flash import Partition, PartitionTable
from forensics.model.span import ByteSpan
from forensics.model.text import inert
from forensics.spec.flash import SECTOR
from forensics.spec.partition_table import APP_ALIGNMENT, DATA_ALIGNMENT, SUBTYPES, TABLE_OFFSET, TYPES

_UNITS = {"k": 1 << 10, "m": 1 << 20}
_LAST_SUBTYPE = 0xFF
_UNDEFINED = "6"


def parse_partition_csv(text: str, *, name: str, table_offset: int = TABLE_OFFSET) -> PartitionTable:
    """The partitions of a CSV file, those without an offset behind the one before them.

    Source: components/partition_table/gen_esp32part.py (``PartitionTable.from_csv``), ESP-IDF v5.5.

    Args:
        text: The file.
        name: How messages call it.
        table_offset: Flash address of the table, in front of which no partition is placed by itself.

    Raises:
        InputError: a line is no partition.
    """
    partitions: list[Partition] = []
    free = table_offset + SECTOR
    for number, line in enumerate(text.splitlines(), 1):
        fields = [field.strip() for field in line.partition("#")[0].split(",")]
        if not any(fields) or "N/A" in (field.upper() for field in fields[3:5]):  # rows that the build fills in
            continue
        try:
            partition = _partition(fields, free)
        except (ValueError, IndexError):
            raise InputError(
                f"line {number} is no partition: {inert(line.strip())!r}",
                name=name,
                next_step="write it as: name, type, subtype, offset, size",
            ) from None
        if partition.type in ("app", "data"):
            free = partition.offset + partition.size
        partitions.append(partition)
    if not partitions:
        raise InputError("holds no partitions", name=name, next_step="give partitions.csv or partition-table.bin")
    return PartitionTable(partitions=tuple(partitions), span=ByteSpan(0, len(text)))


def _partition(fields: list[str], free: int) -> Partition:
    """One row; ``free`` is the first flash address that no partition before it takes.

    Raises:
        ValueError: a field is neither a name nor a number.
        IndexError: fields are missing.
    """
    kind = _named(fields[1].lower(), TYPES)
    subtype = _named(fields[2].lower() or _UNDEFINED, SUBTYPES.get(kind, {}))
    alignment = APP_ALIGNMENT if kind == "app" else DATA_ALIGNMENT
    offset = _number(fields[3]) if fields[3] else -(-free // alignment) * alignment
    size = _number(fields[4].lstrip("-"))
    flags = fields[5].split(":") if len(fields) > 5 else []
    if fields[4].startswith("-") and size <= offset:
        raise ValueError(fields[4])
    return Partition(
        label=inert(fields[0]),
        type=kind,
        subtype=subtype,
        offset=offset,
        size=size - offset if fields[4].startswith("-") else size,  # a negative size is the address where it ends
        encrypted="encrypted" in flags,
        readonly="readonly" in flags,
    )


def _named(text: str, names: dict[int, str]) -> str:
    """A name as the table has it, for a name or a number."""
    if text in names.values():
        return text
    number = _number(text)
    if not 0 <= number <= _LAST_SUBTYPE:
        raise ValueError(text)
    return names.get(number, f"0x{number:02x}")


def _number(text: str) -> int:
    unit = _UNITS.get(text[-1:].lower(), 1)
    number = int(text[:-1] if unit > 1 else text, 0) * unit
    if not 0 <= number <= 0xFFFFFFFF:
        raise ValueError(text)
    return number
