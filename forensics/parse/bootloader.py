"""Second-stage bootloaders, told from apps."""

from __future__ import annotations

from hashlib import sha256

from forensics.model.flash import BootloaderDescriptor
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan
from forensics.parse.segments import walk_segments
from forensics.spec.chips import chip_by_name
from forensics.spec.esp_image import (
    APP_DESCRIPTOR_MAGIC,
    APP_DESCRIPTOR_OFFSET,
    BOOTLOADER_DESCRIPTOR,
    BOOTLOADER_DESCRIPTOR_MAGIC,
    BOOTLOADER_DESCRIPTOR_SIZE,
    MAX_SEGMENTS,
)
from forensics.spec.esp_image_records import text_field
from forensics.spec.partition_table import TABLE_OFFSET

_APP_MAGIC = APP_DESCRIPTOR_MAGIC.to_bytes(4, "little")
_LONGEST = 0x10000
"""Bytes of a bootloader; a longer image is not hashed a thousand times."""

_STAGE = b"stage bootloader"
"""``bootloader_init.c`` prints ``ESP-IDF %s 2nd stage bootloader``."""


def parse_bootloader_descriptor(data: bytes | memoryview, start: int = 0) -> BootloaderDescriptor | None:
    """The descriptor of the bootloader image at file offset ``start``, or None when it has none."""
    offset = start + APP_DESCRIPTOR_OFFSET
    raw = data[offset : offset + BOOTLOADER_DESCRIPTOR_SIZE]
    if len(raw) < BOOTLOADER_DESCRIPTOR_SIZE:
        return None
    fields = BOOTLOADER_DESCRIPTOR.parse(raw)
    idf_ver = text_field(fields.idf_ver)
    if fields.magic != BOOTLOADER_DESCRIPTOR_MAGIC or not idf_ver.isprintable() or not idf_ver:
        return None
    return BootloaderDescriptor(
        secure_version=fields.secure_version,
        version=fields.version,
        idf_ver=idf_ver,
        date_time=text_field(fields.date_time),
        span=ByteSpan(offset, offset + BOOTLOADER_DESCRIPTOR_SIZE),
    )


def is_bootloader(data: bytes | memoryview, image: EspImage, start: int = 0) -> bool:
    """True when the image is a bootloader: it says so, or everything in it is copied to RAM.

    An app reads code and constants from flash; a bootloader runs before flash is mapped (ESP-IDF
    components/bootloader/subproject/main/ld).
    """
    if parse_bootloader_descriptor(data, start) is not None:
        return True
    if not image.complete or image.app is not None or image.chip is None:
        return False
    loaded = [segment for segment in image.segments if segment.data_len]
    return bool(loaded) and not any(segment.mapped for segment in loaded)


def bootloader_words(data: bytes | memoryview, image: EspImage) -> str:
    """What an image that runs from RAM is: a bootloader, an app for simple boot, or what cannot be told from either.

    Bootloaders before ESP-IDF v5.2 have no descriptor, but a name in their first line, and end before the table.
    """
    if mapped_behind(data, image):
        return "an app for simple boot (NuttX, Zephyr), which starts in place of a bootloader"
    small = (image.image_size or 0) <= TABLE_OFFSET
    if small or parse_bootloader_descriptor(data) is not None or _STAGE in bytes(data[: image.image_size]):
        return "a second-stage bootloader"
    if any(data[part.data.start : part.data.start + 4] == _APP_MAGIC for part in image.segments):
        return "an app that runs from RAM"
    return "a bootloader or an app that runs from RAM"


def mapped_behind(data: bytes | memoryview, image: EspImage, start: int = 0) -> ByteSpan | None:
    """File offsets of the code and constants for flash that follow an image for simple boot, which no checksum covers.

    Source: esptool 5.6 ``bin_image.py`` (``ram_only_header``): padding segments of address 0 between mapped ones.
    """
    chip = chip_by_name(image.chip) if image.chip else None
    if chip is None or image.image_size is None:
        return None
    begin = start + image.image_size
    chain = walk_segments(data, begin, MAX_SEGMENTS)
    end = None
    for segment in chain.segments:
        if segment.data.size < segment.data_len or not (segment.load_addr == 0 or chip.maps(segment.load_addr)):
            break
        end = segment.data.end if segment.load_addr else end
    return None if end is None else ByteSpan(begin, end)


def has_other_flash_settings(data: bytes | memoryview, image: EspImage) -> bool:
    """The digest is that of the same image with another flash mode, speed or size, which esptool writes into the header.

    Source: esptool 5.6 ``cmds.py`` (``_update_image_flash_params``), whose new digest older releases left out.
    """
    if image.digest_stored is None or image.end is None or image.end > _LONGEST:
        return False
    if sha256(data[: image.end]).hexdigest() == image.digest_stored:
        return False
    rest = bytes(data[4 : image.end])
    begin = bytes(data[:2])
    found = (sha256(begin + bytes((mode, both)) + rest).hexdigest() for mode in range(4) for both in range(256))
    return image.digest_stored in found
