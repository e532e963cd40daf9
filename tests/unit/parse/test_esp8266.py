from __future__ import annotations

import struct
import zlib

from forensics.parse.image import parse_image
from forensics.spec.checksum import CHECKSUM_SEED, xor_bytes
from forensics.spec.esp_image import padded_end
from tests.unit.parse.build import small_image


def _close(body: bytes, checksum: int) -> bytes:
    return body + bytes(padded_end(len(body)) - len(body) - 1) + bytes([checksum])


def version_1() -> bytes:
    code, constants = b"\x12\x34\x56\x78" * 20, b"abcd" * 3
    body = struct.pack("<BBBBI", 0xE9, 2, 2, 0x40, 0x40100004)
    for load_addr, data in ((0x40100000, code), (0x3FFE8000, constants)):
        body += struct.pack("<II", load_addr, len(data)) + data
    return _close(body, xor_bytes(code + constants, CHECKSUM_SEED))


def version_2() -> bytes:
    flash_code = b"\x99" * 48  # esptool pads it to a multiple of 16
    body = struct.pack("<BBBBI", 0xEA, 4, 2, 0x40, 0x40100004) + struct.pack("<II", 0, len(flash_code))
    body += flash_code
    ram = b"\x01\x02\x03\x04" * 5
    body += struct.pack("<BBBBI", 0xE9, 1, 2, 0x40, 0x40100004) + struct.pack("<II", 0x40100000, len(ram)) + ram
    body = _close(body, xor_bytes(ram, CHECKSUM_SEED))
    crc = zlib.crc32(body)
    return body + struct.pack("<I", ~crc & 0xFFFFFFFF if crc >> 31 else crc + 1)


def test_a_version_1_image() -> None:
    data = version_1()
    image = parse_image(data)
    assert image.chip == "ESP8266"
    assert [part.header.start for part in image.segments] == [8, 96]
    assert [part.region for part in image.segments] == ["IRAM", "DRAM"]
    assert image.valid
    assert image.image_size == len(data)


def test_a_version_2_image_leaves_its_flash_code_out_of_the_checksum() -> None:
    data = version_2()
    image = parse_image(data)
    assert image.chip == "ESP8266"
    assert [(part.region, part.mapped) for part in image.segments] == [("IROM", True), ("IRAM", False)]
    assert [part.index for part in image.segments] == [0, 1]
    assert image.valid
    assert image.image_size == len(data)


def test_truncations_of_both_keep_the_chip() -> None:
    for data in (version_1(), version_2()):
        for size in range(16, len(data)):
            image = parse_image(data[:size])
            assert image.chip == "ESP8266"
            assert not image.valid or size >= len(data) - 4


def test_no_single_damaged_byte_makes_an_esp32_image_one_of_the_esp8266() -> None:
    whole = small_image()
    for offset in (*range(24), 24, 28, 32):
        for value in range(0, 256, 1 if offset < 2 else 5):
            data = bytearray(whole)
            data[offset] = value
            assert parse_image(bytes(data), digests=False).chip != "ESP8266"
