"""Layout of otadata, which selects the slot to boot.

Source: components/bootloader_support/include/esp_flash_partitions.h (``esp_ota_select_entry_t``,
``esp_ota_img_states_t``) and bootloader_common_loader.c (``bootloader_common_get_active_otadata``), ESP-IDF
v5.4.
"""

from __future__ import annotations

import zlib

from construct import Bytes, Int32ul, Struct

OTA_SELECT_ENTRY = Struct(
    "sequence" / Int32ul,
    "label" / Bytes(20),
    "state" / Int32ul,
    "crc" / Int32ul,
)
"""One entry, at the start of each of the two sectors. Before v3.3 the state was the end of the label."""

OTA_SELECT_SIZE = 32
OTADATA_SECTOR = 0x1000
"""Bytes from one entry to the other."""

EMPTY_SEQUENCE = 0xFFFFFFFF

STATES = {0: "new", 1: "pending-verify", 2: "valid", 3: "invalid", 4: "aborted", 0xFFFFFFFF: "undefined"}
REFUSED_STATES = frozenset({"invalid", "aborted"})

assert OTA_SELECT_ENTRY.sizeof() == OTA_SELECT_SIZE


def sequence_crc(sequence: int) -> int:
    """The CRC32 of an entry (``bootloader_common_ota_select_crc``), which covers only the sequence."""
    return zlib.crc32(sequence.to_bytes(4, "little"), 0xFFFFFFFF)
