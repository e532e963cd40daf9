"""Bytes of an image as the model's records, through the layouts of ``esp_image``."""

from __future__ import annotations

import struct

from construct import Container

from forensics.model.image import AppDescriptor, ImageHeader
from forensics.model.span import ByteSpan
from forensics.model.text import inert
from forensics.spec.arduino import library_words
from forensics.spec.esp_image import (
    APP_DESCRIPTOR,
    APP_DESCRIPTOR_MAGIC,
    APP_DESCRIPTOR_SIZE,
    COMMON_HEADER,
    IMAGE_HEADER,
)

_SEGMENT_HEADER = struct.Struct("<II")


def read_image_header(data: bytes | memoryview) -> ImageHeader:
    """The 24-byte header at the start of ``data``, which holds at least as many bytes."""
    fields = IMAGE_HEADER.parse(data)
    return ImageHeader(
        **_common(fields.common),
        wp_pin=fields.wp_pin,
        spi_pin_drv=fields.spi_pin_drv,
        chip_id=fields.chip_id,
        min_chip_rev=fields.min_chip_rev,
        min_chip_rev_full=fields.min_chip_rev_full,
        max_chip_rev_full=fields.max_chip_rev_full,
        reserved=fields.reserved,
        hash_appended=fields.hash_appended,
    )


def read_esp8266_header(data: bytes | memoryview) -> ImageHeader:
    """The 8-byte header of an ESP8266 image; the fields of the extended header, which it lacks, are zero."""
    return ImageHeader(
        **_common(COMMON_HEADER.parse(data)),
        wp_pin=0,
        spi_pin_drv=b"",
        chip_id=0,
        min_chip_rev=0,
        min_chip_rev_full=0,
        max_chip_rev_full=0,
        reserved=b"",
        hash_appended=0,
    )


def read_segment_header(data: bytes | memoryview) -> tuple[int, int]:
    """Load address and data length of the segment header at the start of ``data``.

    Files made of headers hold very many, so ``struct`` reads them; a test holds it to ``SEGMENT_HEADER``.
    """
    load_addr, data_len = _SEGMENT_HEADER.unpack_from(data)
    return load_addr, data_len


def read_app_descriptor(data: bytes | memoryview, offset: int) -> AppDescriptor | None:
    """The app descriptor at file offset ``offset``, or None when its magic or a part of it is missing."""
    record = data[offset : offset + APP_DESCRIPTOR_SIZE]
    if len(record) < APP_DESCRIPTOR_SIZE:
        return None
    fields = APP_DESCRIPTOR.parse(record)
    if fields.magic != APP_DESCRIPTOR_MAGIC:
        return None
    names = ("project_name", "version", "idf_ver", "date", "time")
    texts = {name: text_field(fields[name]) for name in names}
    return AppDescriptor(
        **texts,
        secure_version=fields.secure_version,
        app_elf_sha256=fields.app_elf_sha256.hex(),
        min_efuse_blk_rev_full=fields.min_efuse_blk_rev_full,
        max_efuse_blk_rev_full=fields.max_efuse_blk_rev_full,
        mmu_page_size=fields.mmu_page_size,
        span=ByteSpan(offset, offset + APP_DESCRIPTOR_SIZE),
        library=library_words(texts["project_name"], texts["version"], texts["idf_ver"], texts["date"]),
    )


def text_field(raw: bytes) -> str:
    r"""The text of a NUL-padded field, which may fill it whole; what is no printable ASCII becomes ``\\xNN``."""
    return inert(raw.split(b"\0", 1)[0].decode("ascii", "backslashreplace"))


def _common(fields: Container) -> dict[str, int]:
    return {
        "magic": fields.magic,
        "segment_count": fields.segment_count,
        "spi_mode": fields.spi_mode,
        "spi_speed": fields.flash.spi_speed,
        "spi_size": fields.flash.spi_size,
        "entry_addr": fields.entry_addr,
    }
