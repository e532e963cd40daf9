"""Layouts of the signatures that secure boot appends to images.

Source: components/bootloader_support/include/esp_secure_boot.h (``esp_secure_boot_sig_block_t``),
esp_rom/include/esp32s3/rom/secure_boot.h (``ets_secure_boot_sig_block``), ESP-IDF v5.4; espsecure of esptool
5.6.
"""

from __future__ import annotations

from construct import Bytes, Int8ul, Int32ul, Struct

SIGNATURE_V1 = Struct("version" / Int32ul, "signature" / Bytes(64))
"""Secure boot version 1: directly after the digest."""

SIGNATURE_V1_SIZE = 68

SIGNATURE_V2_BLOCK = Struct(
    "magic" / Int8ul,
    "version" / Int8ul,
    "reserved" / Bytes(2),
    "image_digest" / Bytes(32),
    "key_and_signature" / Bytes(1160),
    "crc" / Int32ul,
    "padding" / Bytes(16),
)
"""Secure boot version 2: up to three in a sector of their own, on the next multiple of 4096."""

SIGNATURE_V2_BLOCK_SIZE = 1216
SIGNATURE_V2_CRC_OFFSET = 1196
SIGNATURE_V2_MAGIC = 0xE7
SIGNATURE_V2_SECTOR = 4096
SIGNATURE_V2_BLOCKS = 3
SIGNATURE_V2_SCHEMES = {2: "secure boot v2 (RSA-3072)", 3: "secure boot v2 (ECDSA)"}
SIGNATURE_V1_SCHEME = "secure boot v1 (ECDSA)"

assert SIGNATURE_V1.sizeof() == SIGNATURE_V1_SIZE
assert SIGNATURE_V2_BLOCK.sizeof() == SIGNATURE_V2_BLOCK_SIZE
