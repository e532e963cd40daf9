"""The device as a project's own files describe it: its partition table and its ``sdkconfig``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forensics.errors import InputError, UsageError
from forensics.model.device import DeviceSettings
from forensics.model.flash import Partition, PartitionTable
from forensics.open import open_content
from forensics.parse.flash_layout import find_table
from forensics.parse.partition_csv import parse_partition_csv
from forensics.parse.partition_table import parse_partition_table
from forensics.parse.sdkconfig import device_of_sdkconfig
from forensics.pipeline.comparison import Source
from forensics.spec.partition_table import TABLE_OFFSET


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFiles:
    """What describes the device.

    Attributes:
        partitions: ``partitions.csv``, ``partition-table.bin``, or a flash dump that holds the table.
        sdkconfig: The configuration of the firmware that runs.
        slot: Label or subtype of the partition that takes the update; the smallest OTA slot when None, since an update
            may be written to any of them.
    """

    partitions: Source | None = None
    sdkconfig: Source | None = None
    slot: str | None = None


def device_from(files: DeviceFiles, settings: DeviceSettings) -> tuple[DeviceSettings, bool]:
    """The device of ``settings`` with what ``files`` say of it, and whether they say where its slot is.

    Raises:
        InputError: a file cannot be read, or is not what it was given as.
        UsageError: the table has no such slot.
    """
    table_offset = None
    if files.sdkconfig is not None:
        opened = open_content(files.sdkconfig)
        text = opened.whole().decode("utf-8", "replace")
        settings, table_offset = device_of_sdkconfig(text, settings, name=opened.name)
    if files.partitions is None:
        return settings, False
    opened = open_content(files.partitions)
    table = _table(opened.whole(), opened.name, table_offset or TABLE_OFFSET)
    chosen = _slot(table, files.slot, opened.name)
    return replace(settings, partition_offset=chosen.offset, partition_size=chosen.size), True


def _table(data: bytes, name: str, table_offset: int) -> PartitionTable:
    table = parse_partition_table(data) or find_table(data)
    if table is not None:
        return table
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            "holds no partition table",
            name=name,
            next_step="give partitions.csv or build/partition_table/partition-table.bin",
        ) from None
    return parse_partition_csv(text, name=name, table_offset=table_offset)


def _slot(table: PartitionTable, wanted: str | None, name: str) -> Partition:
    apps = [part for part in table.partitions if part.is_app]
    if wanted is None and table.ota_slots:
        return min(table.ota_slots, key=lambda part: part.size)
    chosen = next((part for part in apps if wanted in (part.label, part.subtype)), None)
    if chosen is None:
        labels = ", ".join(part.label for part in apps) or "another table"
        what = f"app slot {wanted}" if wanted else "OTA slot, so no update can be written"
        raise UsageError(f"the partition table has no {what}", name=name, next_step=f"choose --slot: {labels}")
    return chosen
