"""What a whole-flash dump or a merged image holds, and which of its apps the bootloader starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forensics.errors import UsageError
from forensics.model.device import DeviceSettings
from forensics.model.file_kind import FileKind
from forensics.model.flash import OtaData, Partition, PartitionTable
from forensics.model.inspection import FlashContents, FlashPart
from forensics.model.span import ByteSpan
from forensics.parse.bootloader import is_bootloader
from forensics.parse.identify import identify
from forensics.parse.identify_firmware import find_partition_table
from forensics.parse.image import parse_image
from forensics.parse.otadata import parse_otadata
from forensics.parse.partition_table import parse_partition_table
from forensics.spec.chips import CHIPS, chip_by_name
from forensics.spec.partition_table import TABLE_OFFSET
from forensics.verify.walk import walk

_IMAGES = ("app", "bootloader", "esp8266")
_MOST_TIMES = 2
"""How often each byte of the file is looked at on average, where partitions lie over one another."""
_BOOTLOADER_PLACES = tuple(sorted({chip.bootloader_offset for chip in CHIPS}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flash:
    """The file as flash: ``base`` is the flash address of its first byte."""

    data: bytes
    base: int
    settings: DeviceSettings


def read_flash_contents(
    data: bytes, kind: FileKind, settings: DeviceSettings, *, table_offset: int | None, name: str
) -> FlashContents:
    """The parts of the flash in ``data``.

    Args:
        data: The file.
        kind: What ``identify`` said of it.
        settings: The device on which each image is verified.
        table_offset: Flash address of the partition table; looked for when None.
        name: How messages call the file.

    Raises:
        UsageError: no partition table is at ``table_offset``.
    """
    flash = _Flash(data=data, base=_base(data), settings=settings)
    table = _table(flash, table_offset, name)
    boot = _bootloader(flash)
    if table is None:
        apps = tuple(_part(flash, "app", "", app.start + flash.base, app.size) for app in kind.apps)
        return FlashContents(base=flash.base, parts=(*boot, *apps))
    partitions = sorted(table.partitions, key=lambda partition: partition.offset)
    parts = _partitions(flash, partitions)
    otadata = _otadata(flash, table)
    boots, why = _boots(table, parts, otadata)
    return FlashContents(base=flash.base, parts=(*boot, *parts), table=table, otadata=otadata, boots=boots, why=why)


def _base(data: bytes) -> int:
    """A merged file may begin with the bootloader although that stands at 0x1000 or 0x2000 of the flash."""
    image = parse_image(data, digests=False)
    chip = chip_by_name(image.chip) if image.chip else None
    return chip.bootloader_offset if chip is not None and is_bootloader(data, image) else 0


def _table(flash: _Flash, table_offset: int | None, name: str) -> PartitionTable | None:
    if table_offset is not None:
        start = table_offset - flash.base
        table = parse_partition_table(flash.data, start) if start >= 0 else None
        if table is None:
            raise UsageError(
                f"no partition table begins at flash address 0x{table_offset:x}",
                name=name,
                next_step="leave --table-offset out to search for it",
            )
        return table
    table = parse_partition_table(flash.data, TABLE_OFFSET - flash.base)
    if table is not None:
        return table
    found = find_partition_table(flash.data)
    return None if found is None else parse_partition_table(flash.data, found)


def _bootloader(flash: _Flash) -> tuple[FlashPart, ...]:
    view = memoryview(flash.data)
    for address in _BOOTLOADER_PLACES:
        if 0 <= address - flash.base < len(view):
            piece = view[address - flash.base :]
            image = parse_image(piece, digests=False)
            if image.image_size is not None and is_bootloader(piece, image):
                return (_part(flash, "bootloader", "", address, image.image_size),)
    return ()


def _partitions(flash: _Flash, partitions: list[Partition]) -> tuple[FlashPart, ...]:
    """Each partition with what it holds; those that lie over one another are looked into only for so long."""
    parts: list[FlashPart] = []
    left = _MOST_TIMES * len(flash.data)
    for partition in partitions:
        part = _place(flash, partition.label, partition.subtype, partition.offset, partition.size)
        left -= part.span.size
        overlaps = "not looked into: it overlaps other partitions"
        parts.append(_filled(flash, part) if left >= 0 else replace(part, holds=overlaps))
    return tuple(parts)


def _part(flash: _Flash, label: str, subtype: str, address: int, size: int) -> FlashPart:
    return _filled(flash, _place(flash, label, subtype, address, size))


def _place(flash: _Flash, label: str, subtype: str, address: int, size: int) -> FlashPart:
    start = min(max(address - flash.base, 0), len(flash.data))
    end = max(start, min(address - flash.base + size, len(flash.data)))
    return FlashPart(label=label, subtype=subtype, span=ByteSpan(start, end), address=address, size=size, holds="")


def _filled(flash: _Flash, part: FlashPart) -> FlashPart:
    """The part with what it holds, its image verified where it stands."""
    data = flash.data[part.span.start : part.span.end]
    if not data:
        return replace(part, holds="nothing: the file ends before it")
    kind = identify(data)
    missing = part.size - len(data)
    holds = f"{kind.words}; the file ends {missing} bytes before it does" if missing else kind.words
    if kind.kind not in _IMAGES:
        return replace(part, holds=holds)
    size = part.size if part.subtype else None
    settings = replace(flash.settings, partition_offset=part.address, partition_size=size)
    return replace(part, holds=holds, accepted=walk(data, parse_image(data), settings).err == 0)


def _otadata(flash: _Flash, table: PartitionTable) -> OtaData | None:
    partition = next((part for part in table.partitions if part.type == "data" and part.subtype == "ota"), None)
    if partition is None or not 0 <= partition.offset - flash.base < len(flash.data):
        return None
    start = partition.offset - flash.base
    slots = len(table.ota_slots)
    return parse_otadata(flash.data, start, ota_slots=slots, has_factory=table.factory is not None)


def _boots(table: PartitionTable, parts: tuple[FlashPart, ...], otadata: OtaData | None) -> tuple[str | None, str]:
    """The label of the app that is started, and why.

    Source: components/bootloader_support/src/bootloader_utility.c, ``bootloader_utility_load_boot_image``,
    ESP-IDF v5.4: from the selected slot down to the factory app, then the slots above it.
    """
    order, why = _boot_order(table, otadata)
    accepted = {part.address for part in parts if part.accepted}
    for place, partition in enumerate(order):
        if partition.offset in accepted:
            skipped = ", ".join(earlier.label for earlier in order[:place])
            return partition.label, f"{why}; {skipped} holds no image that is accepted" if skipped else why
    return None, f"{why}; no app partition holds an image that is accepted" if order else why


def _boot_order(table: PartitionTable, otadata: OtaData | None) -> tuple[list[Partition], str]:
    factory = [table.factory] if table.factory is not None else []
    slots = list(table.ota_slots)
    if otadata is None:
        listed = any(part.type == "data" and part.subtype == "ota" for part in table.partitions)
        why = "the file does not hold otadata" if listed else "the table has no otadata partition"
        return [*factory, *slots], why
    chosen = next((index for index, slot in enumerate(slots) if slot.subtype == otadata.slot), None)
    if chosen is None:
        return [*factory, *slots], otadata.why
    return [*reversed(slots[: chosen + 1]), *factory, *slots[chosen + 1 :]], otadata.why
