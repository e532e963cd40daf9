"""Layouts of an application or bootloader image. Integers are little-endian.

Source: ``components/bootloader_support/include/esp_app_format.h`` (``esp_image_header_t``,
``esp_image_segment_header_t``), ``components/esp_app_format/include/esp_app_desc.h`` (``esp_app_desc_t``) and
``components/esp_bootloader_format/include/esp_bootloader_desc.h`` (``esp_bootloader_desc_t``), ESP-IDF v5.4.
"""

from __future__ import annotations

from construct import BitStruct, Bytes, Int8ul, Int16ul, Int32ul, Nibble, Struct

IMAGE_MAGIC = 0xE9
"""``ESP_IMAGE_HEADER_MAGIC``."""

ESP8266_V2_MAGIC = 0xEA
"""Outer header of an ESP8266 version 2 image (esptool, ``ESP8266V2FirmwareImage.IMAGE_V2_MAGIC``)."""

APP_DESCRIPTOR_MAGIC = 0xABCD5432
"""``ESP_APP_DESC_MAGIC_WORD``."""

BOOTLOADER_DESCRIPTOR_MAGIC = 0x50
"""``ESP_BOOTLOADER_DESC_MAGIC_BYTE``."""

MAX_SEGMENTS = 16
"""``ESP_IMAGE_MAX_SEGMENTS``."""

MAX_LENGTH = 0x1000000
"""``SIXTEEN_MB``: no segment is as long, no partition longer (esp_image_format.c)."""

PADDING = 16
"""The checksum byte ends a block of this many bytes."""

DIGEST_SIZE = 32
"""Bytes of the appended SHA-256 (``ESP_IMAGE_HASH_LEN``)."""

COMMON_HEADER = Struct(
    "magic" / Int8ul,
    "segment_count" / Int8ul,
    "spi_mode" / Int8ul,
    "flash" / BitStruct("spi_size" / Nibble, "spi_speed" / Nibble),
    "entry_addr" / Int32ul,
)
"""The first 8 bytes; the whole header of an ESP8266 image."""

IMAGE_HEADER = Struct(
    "common" / COMMON_HEADER,
    "wp_pin" / Int8ul,
    "spi_pin_drv" / Bytes(3),
    "chip_id" / Int16ul,
    "min_chip_rev" / Int8ul,
    "min_chip_rev_full" / Int16ul,
    "max_chip_rev_full" / Int16ul,
    "reserved" / Bytes(4),
    "hash_appended" / Int8ul,
)
"""Header and extended header of every chip from the ESP32 on."""

SEGMENT_HEADER = Struct("load_addr" / Int32ul, "data_len" / Int32ul)

APP_DESCRIPTOR = Struct(
    "magic" / Int32ul,
    "secure_version" / Int32ul,
    "reserved" / Bytes(8),
    "version" / Bytes(32),
    "project_name" / Bytes(32),
    "time" / Bytes(16),
    "date" / Bytes(16),
    "idf_ver" / Bytes(32),
    "app_elf_sha256" / Bytes(32),
    "min_efuse_blk_rev_full" / Int16ul,
    "max_efuse_blk_rev_full" / Int16ul,
    "mmu_page_size" / Int8ul,
    "spi_flash_mode" / Int8ul,
    "reserved_end" / Bytes(74),
)
"""First 256 bytes of segment 0 (ESP-IDF v3.3 and later); nothing after ``app_elf_sha256`` before v5.1.7."""

BOOTLOADER_DESCRIPTOR = Struct(
    "magic" / Int8ul,
    "reserved" / Bytes(2),
    "secure_version" / Int8ul,
    "version" / Int32ul,
    "idf_ver" / Bytes(32),
    "date_time" / Bytes(24),
    "reserved_end" / Bytes(16),
)
"""First 80 bytes of segment 0 of a bootloader (ESP-IDF v5.2 and later)."""

COMMON_HEADER_SIZE = 8
IMAGE_HEADER_SIZE = 24
SEGMENT_HEADER_SIZE = 8
APP_DESCRIPTOR_SIZE = 256
BOOTLOADER_DESCRIPTOR_SIZE = 80
APP_DESCRIPTOR_OFFSET = IMAGE_HEADER_SIZE + SEGMENT_HEADER_SIZE
"""File offset of segment 0's data, where both descriptors stand."""

EFUSE_BLOCK_REVISIONS = Struct("min_efuse_blk_rev_full" / Int16ul, "max_efuse_blk_rev_full" / Int16ul)
"""The bounds of the app descriptor, which the verifier reads on their own."""

EFUSE_BLOCK_REVISIONS_OFFSET = 176
"""Offset of the bounds in the app descriptor."""

MMU_PAGE_SIZE_OFFSET = 180
"""Offset of ``mmu_page_size`` in the app descriptor."""

assert COMMON_HEADER.sizeof() == COMMON_HEADER_SIZE
assert IMAGE_HEADER.sizeof() == IMAGE_HEADER_SIZE
assert SEGMENT_HEADER.sizeof() == SEGMENT_HEADER_SIZE
assert APP_DESCRIPTOR.sizeof() == APP_DESCRIPTOR_SIZE
assert BOOTLOADER_DESCRIPTOR.sizeof() == BOOTLOADER_DESCRIPTOR_SIZE
assert EFUSE_BLOCK_REVISIONS.sizeof() == 4

SPI_MODES = ("QIO", "QOUT", "DIO", "DOUT", "FAST_READ", "SLOW_READ")
"""Names of ``spi_mode`` 0 to 5 (``esp_image_spi_mode_t``)."""

MAX_SPI_SIZE = 5
"""``ESP_IMAGE_FLASH_SIZE_MAX`` of the releases that warned of a larger ``spi_size`` (v3.0 to v4.3)."""


def padded_end(end_of_data: int) -> int:
    """File offset after the checksum byte, for segment data that ends at ``end_of_data``."""
    return (end_of_data + 1 + PADDING - 1) & ~(PADDING - 1)
