"""Layout and names of the partition table.

Source: components/bootloader_support/include/esp_flash_partitions.h (``esp_partition_info_t``) and
components/partition_table/gen_esp32part.py, ESP-IDF v5.5.
"""

from __future__ import annotations

from construct import Bytes, Int8ul, Int16ul, Int32ul, Struct

PARTITION_MAGIC = 0x50AA
"""``ESP_PARTITION_MAGIC``, stored AA 50."""

MD5_MAGIC = 0xEBEB
"""``ESP_PARTITION_MAGIC_MD5``: the row after the last entry, ESP-IDF v3.1 and later."""

TABLE_OFFSET = 0x8000
"""Flash address of the table unless configured otherwise."""

TABLE_SIZE = 0xC00
"""``ESP_PARTITION_TABLE_MAX_LEN``."""

ENTRY_SIZE = 32

PARTITION_ENTRY = Struct(
    "magic" / Int16ul,
    "type" / Int8ul,
    "subtype" / Int8ul,
    "offset" / Int32ul,
    "size" / Int32ul,
    "label" / Bytes(16),
    "flags" / Int32ul,
)

MD5_ROW = Struct("magic" / Int16ul, "fill" / Bytes(14), "md5" / Bytes(16))

assert PARTITION_ENTRY.sizeof() == ENTRY_SIZE
assert MD5_ROW.sizeof() == ENTRY_SIZE

FLAG_ENCRYPTED = 1
FLAG_READONLY = 2

TYPES = {0: "app", 1: "data", 2: "bootloader", 3: "partition_table"}

SUBTYPES: dict[str, dict[int, str]] = {
    "app": {
        0x00: "factory",
        **{0x10 + slot: f"ota_{slot}" for slot in range(16)},
        0x20: "test",
        0x30: "tee_0",
        0x31: "tee_1",
    },
    "data": {
        0x00: "ota",
        0x01: "phy",
        0x02: "nvs",
        0x03: "coredump",
        0x04: "nvs_keys",
        0x05: "efuse",
        0x06: "undefined",
        0x80: "esphttpd",
        0x81: "fat",
        0x82: "spiffs",
        0x83: "littlefs",
        0x90: "tee_ota",
    },
    "bootloader": {0: "primary", 1: "ota", 2: "recovery"},
    "partition_table": {0: "primary", 1: "ota"},
}

APP_SUBTYPES = frozenset(SUBTYPES["app"].values())
"""Subtypes by which a partition holds an app, as no subtype of data is called so."""

APP_ALIGNMENT = 0x10000
DATA_ALIGNMENT = 0x1000
