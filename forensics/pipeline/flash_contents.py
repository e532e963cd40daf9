"""What a whole-flash dump or a merged image holds, and which of its apps the bootloader starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forensics.errors import UsageError
from forensics.model.device import DeviceSettings
from forensics.model.file_kind import FileKind
from forensics.model.flash import OtaData, Partition, PartitionTable
from forensics.model.image import EspImage
from forensics.model.inspection import LOADER, FlashContents, FlashPart
from forensics.model.span import ByteSpan
from forensics.parse.esp8266 import arduino_crc_agrees
from forensics.parse.flash_layout import FlashLayout, PlacedImage, find_layout
from forensics.parse.identify import identify
from forensics.parse.image import parse_image
from forensics.parse.otadata import parse_otadata
from forensics.parse.signature import signature_sector
from forensics.spec.chips import ESP8266
from forensics.spec.flash import SECTOR
from forensics.spec.partition_table import APP_SUBTYPES
from forensics.spec.signature import SIGNATURE_V2_MAGIC, SIGNATURE_V2_SECTOR
from forensics.verify.acceptance import verify

_IMAGES = ("app", "bootloader", "esp8266")
_MOST_TIMES = 2
"""How often each byte of the file is looked at on average, where partitions lie over one another."""

_DIGEST_BLOCK = 192
_RANDOM = 64
"""Different values that so many random bytes have at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flash:
    """The file as flash: ``base`` is the flash address of its first byte."""

    data: bytes
    base: int
    settings: DeviceSettings


def read_flash_contents(data: bytes, settings: DeviceSettings, *, table_offset: int | None, name: str) -> FlashContents:
    """The parts of the flash in ``data``.

    Args:
        data: The file.
        settings: The device on which each image is verified.
        table_offset: Flash address of the partition table; looked for when None.
        name: How messages call the file.

    Raises:
        UsageError: no partition table is at ``table_offset``.
    """
    layout = find_layout(data)
    if table_offset is not None:
        layout = _with_table_at(data, layout, table_offset, name)
    chip = next((image.chip for image in layout.images if image.bootloader and image.chip != ESP8266.name), None)
    if settings.chip is None and chip is not None:
        settings = replace(settings, chip=chip)  # the chip of the bootloader is the one that all the rest runs on
    flash = _Flash(data=data, base=layout.base, settings=settings)
    table = layout.table
    partitions = sorted(table.partitions if table else (), key=lambda partition: partition.offset)
    taken = [range(partition.offset, partition.offset + partition.size) for partition in partitions]
    alone = [image for image in layout.images if not any(image.span.start + layout.base in place for place in taken)]
    parts = (*_digest_part(flash, alone), *(_image_part(flash, image) for image in alone), *_partitions(flash, partitions))
    contents = FlashContents(
        base=flash.base, parts=tuple(sorted(parts, key=lambda part: part.address)), chip=settings.chip, table=table
    )
    if table is None:
        return contents
    otadata = _otadata(flash, table)
    boots, why = _boots(table, parts, otadata)
    return replace(contents, otadata=otadata, boots=boots, why=why)


def _with_table_at(data: bytes, layout: FlashLayout, table_offset: int, name: str) -> FlashLayout:
    start = table_offset - layout.base
    found = find_layout(data, start) if start >= 0 else layout
    if start < 0 or found.table is None:
        raise UsageError(
            f"no partition table begins at flash address 0x{table_offset:x}",
            name=name,
            next_step="leave --table-offset out to search for it",
        )
    return found


def _digest_part(flash: _Flash, images: list[PlacedImage]) -> tuple[FlashPart, ...]:
    """The block of secure boot v1 in front of a bootloader: 128 random bytes and a digest that needs the device's key.

    Source: espsecure of esptool 5.6, ``digest_secure_bootloader``.
    """
    behind = any(image.bootloader and image.span.start == SECTOR for image in images)
    block, rest = flash.data[:_DIGEST_BLOCK], flash.data[_DIGEST_BLOCK:SECTOR]
    if flash.base or not behind or rest.strip(b"\xff") or len(set(block)) < _RANDOM:
        return ()
    holds = "the digest of secure boot v1, which needs the device's key"
    return (replace(_place(flash, "digest", "", 0, _DIGEST_BLOCK), holds=holds),)


def _image_part(flash: _Flash, image: PlacedImage) -> FlashPart:
    """An image that is in no partition."""
    label = "bootloader" if image.bootloader else "app"
    if image.chip == ESP8266.name:
        label = "app" if image.span.start else LOADER
    start, end = image.span.start, image.span.end
    sector = signature_sector(start, end)
    if flash.data[sector : sector + 1] == bytes([SIGNATURE_V2_MAGIC]):
        end = sector + SIGNATURE_V2_SECTOR
    part = _filled(flash, _place(flash, label, "", start + flash.base, end - start))
    agrees = arduino_crc_agrees(flash.data) if image.chip == ESP8266.name and start == SECTOR else None
    if agrees is None:
        return part
    state = "agrees" if agrees else "is WRONG"
    return replace(part, accepted=agrees, intact=agrees, holds=f"{part.holds}, and the CRC32 of the whole file {state}")


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


def _place(flash: _Flash, label: str, subtype: str, address: int, size: int) -> FlashPart:
    start = min(max(address - flash.base, 0), len(flash.data))
    end = max(start, min(address - flash.base + size, len(flash.data)))
    return FlashPart(label=label, subtype=subtype, span=ByteSpan(start, end), address=address, size=size, holds="")


def _filled(flash: _Flash, part: FlashPart) -> FlashPart:
    """The part with what it holds, its image verified where it is in flash."""
    data = flash.data[part.span.start : part.span.end]
    if not data:
        return replace(part, holds="nothing: the file ends before it")
    image = parse_image(data)
    kind = identify(data, image)
    missing = part.size - len(data)
    part = replace(part, holds=_words(part, kind) + (f"; the file ends {missing} bytes before it does" if missing else ""))
    if kind.kind == "ciphertext" and part.subtype in APP_SUBTYPES:
        return replace(part, doubt="it holds encrypted or random bytes, and only the device can decrypt them")
    if kind.kind not in _IMAGES:
        return part
    if missing and not _is_whole(image, len(data)):
        return replace(part, image=image, doubt=f"the file ends inside its image, {missing} bytes before the slot does")
    if not image.complete and part.subtype:
        rest = flash.data[part.span.start :]
        larger = parse_image(rest)
        if _is_whole(larger, len(rest)):  # an image that is larger than its slot is not cut short
            data, image = rest, larger
    size = part.size if part.subtype else None
    settings = replace(flash.settings, partition_offset=part.address, partition_size=size)
    verified = verify(data, image, settings)
    return replace(part, accepted=verified.accepted, image=image, checks=verified.checks, intact=kind.intact)


def _words(part: FlashPart, kind: FileKind) -> str:
    """What the type in the table says decides where the bytes are ambiguous."""
    if part.subtype == "ota" and kind.kind not in ("erased", "zero"):
        return "an otadata partition, which selects the slot to boot"
    return "data" if kind.kind == "otadata" else kind.words


def _is_whole(image: EspImage, size: int) -> bool:
    return image.complete and image.image_size is not None and image.image_size <= size


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
