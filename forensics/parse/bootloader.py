"""Second-stage bootloaders, told from apps."""

from __future__ import annotations

from forensics.model.flash import BootloaderDescriptor
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan
from forensics.spec.esp_image import (
    APP_DESCRIPTOR_OFFSET,
    BOOTLOADER_DESCRIPTOR,
    BOOTLOADER_DESCRIPTOR_MAGIC,
    BOOTLOADER_DESCRIPTOR_SIZE,
)
from forensics.spec.esp_image_records import text_field


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
