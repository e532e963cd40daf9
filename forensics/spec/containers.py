"""Layouts of the containers in which an app travels to devices that unpack it.

Sources: esp_encrypted_img and esp_delta_ota in espressif/idf-extra-components (``esp_encrypted_img_priv.h``,
``esp_delta_ota_patch_gen.py``); ``bootloader_custom_ota.h`` of espressif/esp-bootloader-plus (versions 1 and 2) and of
bootloader_support_plus in espressif/esp-iot-solution (version 3); ``image.h`` of mcu-tools/mcuboot (``boot/bootutil``).
"""

from __future__ import annotations

from construct import Bytes, Int8ul, Int16ul, Int32ul, Struct

ENCRYPTED_MAGIC = bytes.fromhex("cfb68807")
"""``esp_enc_img_magic``, 0x0788b6cf."""

ENCRYPTED_HEADER = Struct("magic" / Bytes(4), "key" / Bytes(384), "iv" / Bytes(16), "size" / Int32ul, "tag" / Bytes(16))
ENCRYPTED_HEADER_SIZE = 512
"""Bytes before the ciphertext; those behind ``ENCRYPTED_HEADER`` are reserved."""

DELTA_MAGIC = bytes.fromhex("10decdfc")
"""``esp_delta_ota_magic``, 0xfccdde10."""

DELTA_HEADER = Struct("magic" / Bytes(4), "base_digest" / Bytes(32), "reserved" / Bytes(28))
DELTA_HEADER_SIZE = 64

DETOOLS_COMPRESSIONS = {1: "LZMA", 2: "CRLE", 4: "heatshrink"}
"""Low four bits of a patch of detools whose stream can be recognised; bits 4 to 6 are the type of the patch."""

PACKED_MAGIC = b"ESP\0"
PACKED_BEHIND_APP = 288
"""File offset of the header where the packer left the app's image header and descriptor before it, for esp_ota_write."""

PACKED_HEAD = Struct("magic" / Bytes(4), "version" / Int8ul, "packing" / Int8ul)
PACKED_HEADERS = {
    1: Struct("head" / Bytes(40), "size" / Int32ul, "md5" / Bytes(16), "fill" / Bytes(16), "crc" / Int32ul),
    2: Struct("head" / Bytes(40), "size" / Int32ul, "md5" / Bytes(16), "fill" / Bytes(24), "crc" / Int32ul),
    3: Struct("head" / Bytes(16), "size" / Int32ul, "md5" / Bytes(16), "crc" / Int32ul),
}
"""``bootloader_custom_ota_header_t`` by version: the CRC32 is of the bytes before it, the MD5 of ``size`` bytes behind."""

MCUBOOT_MAGIC = bytes.fromhex("3db8f396")
MCUBOOT_HEADER = Struct(
    "magic" / Bytes(4),
    "load_addr" / Int32ul,
    "header_size" / Int16ul,
    "protected_size" / Int16ul,
    "image_size" / Int32ul,
    "flags" / Int32ul,
    "major" / Int8ul,
    "minor" / Int8ul,
    "revision" / Int16ul,
    "build" / Int32ul,
    "pad" / Bytes(4),
)
MCUBOOT_TLV_INFO = Struct("magic" / Int16ul, "size" / Int16ul)
MCUBOOT_TLV = Struct("type" / Int16ul, "size" / Int16ul)
MCUBOOT_TLV_MAGIC = 0x6907
MCUBOOT_SHA256 = 0x10
MCUBOOT_SIGNATURES = {0x20: "RSA-2048", 0x21: "ECDSA P-224", 0x22: "ECDSA", 0x23: "RSA-3072", 0x24: "Ed25519"}
MCUBOOT_TRAILER_MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")
"""Last 16 bytes of a slot whose image waits to be swapped in, or was."""

MCUBOOT_LOAD_MAGIC = bytes.fromhex("d337e6ac")
"""``ESP_LOAD_HEADER_MAGIC``, 0xace637d3: first bytes of the payload where Espressif's port of MCUboot loads it."""

assert MCUBOOT_HEADER.sizeof() == 32
assert DELTA_HEADER.sizeof() == DELTA_HEADER_SIZE
assert [PACKED_HEADERS[version].sizeof() for version in (1, 2, 3)] == [80, 88, 40]
