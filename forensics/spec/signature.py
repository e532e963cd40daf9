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
    "magic" / Int8ul, "version" / Int8ul, "sha_384" / Int8ul, "reserved" / Int8ul, "body" / Bytes(1192), "crc" / Int32ul
)
"""Secure boot version 2: up to three in a sector of their own, on the next multiple of 4096. The body is one of the next."""

SIGNATURE_V2_RSA = Struct(
    "image_digest" / Bytes(32),
    "key" / Struct("modulus" / Bytes(384), "exponent" / Int32ul, "r_squared" / Bytes(384), "m_prime" / Int32ul),
    "signature" / Bytes(384),
)


def _ecdsa(size: int) -> Struct:
    return Struct(
        "image_digest" / Bytes(size),
        "key" / Struct("curve" / Int8ul, "point" / Bytes(64 if size == 32 else 2 * size)),
        "signature" / Bytes(64 if size == 32 else 2 * size),
    )


SIGNATURE_V2_ECDSA = {0: _ecdsa(32), 1: _ecdsa(48)}
"""By the field ``sha_384``. All numbers are little-endian; the eFuse holds the SHA-256 of the field ``key``."""

SIGNATURE_V2_BLOCK_SIZE = 1216
SIGNATURE_V2_CRC_OFFSET = 1196
SIGNATURE_V2_MAGIC = 0xE7
SIGNATURE_V2_SECTOR = 4096
SIGNATURE_V2_BLOCKS = 3
SIGNATURE_V2_RSA_VERSION = 2
SIGNATURE_V2_ECDSA_VERSION = 3
SIGNATURE_V2_CURVES = {1: ("P-192", 24), 2: ("P-256", 32), 3: ("P-384", 48)}
"""Name and bytes of a number, by ``curve``."""

SIGNATURE_V2_RSA_SCHEME = "secure boot v2 (RSA-3072)"
SIGNATURE_V2_ECDSA_SCHEME = "secure boot v2 (ECDSA {})"
SIGNATURE_V2_OF_CHIP = {
    "ESP32": "RSA-3072",
    "ESP32-S2": "RSA-3072",
    "ESP32-S3": "RSA-3072",
    "ESP32-C3": "RSA-3072",
    "ESP32-C2": "ECDSA",
}
"""The only scheme of version 2 that a chip verifies (``SOC_SECURE_BOOT_V2_RSA`` and ``_ECC``); others do both."""

SIGNATURE_V1_SCHEME = "secure boot v1 (ECDSA)"

assert SIGNATURE_V1.sizeof() == SIGNATURE_V1_SIZE
SIGNATURE_V2_PADDING = 16
"""Bytes of a block behind its CRC32."""

assert SIGNATURE_V2_BLOCK.sizeof() + SIGNATURE_V2_PADDING == SIGNATURE_V2_BLOCK_SIZE
assert SIGNATURE_V2_RSA.sizeof() == 1192
