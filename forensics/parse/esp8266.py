"""Images of the ESP8266, which share the first 8 bytes with the ESP32's and nothing after them.

Version 1 is header, segments, checksum. Version 2 puts a second header with the magic 0xEA and a segment of
code (load address 0 in the file, outside the checksum) before them, and a CRC32 after them.

Source: esptool 5.6, ``bin_image.py`` (``ESP8266ROMFirmwareImage``, ``ESP8266V2FirmwareImage``).
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import replace

from forensics.model.image import EspImage, ImageHeader, Segment
from forensics.parse.segments import SegmentChain, walk_segments
from forensics.spec.checksum import CHECKSUM_SEED, xor_bytes
from forensics.spec.chips import ESP8266
from forensics.spec.esp_image import (
    COMMON_HEADER_SIZE,
    DIGEST_SIZE,
    ESP8266_V2_MAGIC,
    IMAGE_MAGIC,
    MAX_LENGTH,
    MAX_SEGMENTS,
    SEGMENT_HEADER_SIZE,
    padded_end,
)
from forensics.spec.esp_image_records import read_esp8266_header, read_segment_header

V2_SEGMENT_COUNT = 4
"""Second byte of a version 2 image, whatever its segments (``IMAGE_V2_SEGMENT``)."""

_CRC_SIZE = 4
_ARDUINO_CRC = 0x1010
_MIRRORED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def is_esp8266_image(data: bytes | memoryview) -> bool:
    """True when a segment header of the ESP8266 stands where the ESP32 has its extended header.

    Four bytes of an ESP32 image (write-protect pin, drive strengths) would have to form a load address of the
    ESP8266, and the next four a length that the file has room for.
    """
    if len(data) < COMMON_HEADER_SIZE + SEGMENT_HEADER_SIZE:
        return False
    magic, count = data[0], data[1]
    load_addr, data_len = read_segment_header(data[COMMON_HEADER_SIZE : COMMON_HEADER_SIZE + SEGMENT_HEADER_SIZE])
    if data_len % 4 or not 0 < data_len < MAX_LENGTH:
        return False
    if magic == ESP8266_V2_MAGIC:
        return count == V2_SEGMENT_COUNT and load_addr == 0
    return magic == IMAGE_MAGIC and 0 < count <= MAX_SEGMENTS and ESP8266.region(load_addr) is not None


def parse_esp8266_image(data: bytes | memoryview, *, digests: bool = True) -> EspImage:
    """What ``data`` holds of an ESP8266 image; ``is_esp8266_image`` said that it is one."""
    header = read_esp8266_header(data[:COMMON_HEADER_SIZE])
    code: tuple[Segment, ...] = ()
    if header.magic == ESP8266_V2_MAGIC:
        outer = walk_segments(data, COMMON_HEADER_SIZE, 1)
        code = outer.segments
        chain = _inner_segments(data, outer)
    else:
        chain = walk_segments(data, COMMON_HEADER_SIZE, header.segment_count)
    image = EspImage(
        size=len(data),
        chip=ESP8266.name,
        header=header,
        segments=tuple(_in_region(segment) for segment in code + chain.segments),
        complete=chain.complete,
        end=None,
        image_size=None,
        checksum_stored=None,
        checksum_calculated=None,
        digest_stored=None,
        digest_calculated=None,
        app=None,
    )
    return _with_checksum(data, image, header, chain, digests=digests) if chain.complete else image


def _inner_segments(data: bytes | memoryview, outer: SegmentChain) -> SegmentChain:
    """The segments of the second header of a version 2 image, directly after the code."""
    start = outer.end
    inner = data[start : start + COMMON_HEADER_SIZE]
    if not outer.complete or len(inner) < COMMON_HEADER_SIZE:
        return SegmentChain(segments=(), complete=False, end=outer.end)
    count = read_esp8266_header(inner).segment_count
    return walk_segments(data, start + COMMON_HEADER_SIZE, count, first_index=1)


def _in_region(segment: Segment) -> Segment:
    if segment.load_addr == 0 and segment.index == 0:
        return replace(segment, region="IROM", mapped=True)
    region = ESP8266.region(segment.load_addr)
    return replace(segment, region=region.name, mapped=region.mapped) if region else segment


def _with_checksum(
    data: bytes | memoryview, image: EspImage, header: ImageHeader, chain: SegmentChain, *, digests: bool
) -> EspImage:
    end = padded_end(chain.end)
    whole = len(data) >= end
    crc = _CRC_SIZE if header.magic == ESP8266_V2_MAGIC else 0
    checksum = CHECKSUM_SEED
    if digests:
        view = memoryview(data)
        for segment in chain.segments:
            checksum = xor_bytes(view[segment.data.start : segment.data.end], checksum)
    return replace(
        image,
        end=end if whole else None,
        image_size=end + crc,
        checksum_stored=data[end - 1] if whole else None,
        checksum_calculated=checksum if digests else None,
    )


def arduino_crc_agrees(data: bytes) -> bool | None:
    """Whether a ``.bin`` of Arduino agrees with the CRC32 that its build wrote into the app; None without one.

    The app's checksum was made before, so it does not agree where there is a CRC, and eboot does not look at it.

    Source: esp8266/Arduino ``tools/elf2bin.py`` (``add_crc``) and ``cores/esp8266/Esp.cpp`` (``checkFlashCRC``): CRC-32,
    most significant bit first, over the file with length and CRC zeroed.
    """
    length, stored = (int.from_bytes(data[place : place + 4], "little") for place in (_ARDUINO_CRC, _ARDUINO_CRC + 4))
    if not _ARDUINO_CRC + 8 <= length <= len(data):
        return None
    zeroed = data[:_ARDUINO_CRC] + bytes(8) + data[_ARDUINO_CRC + 8 : length]
    mirrored = zlib.crc32(zeroed.translate(_MIRRORED)) ^ 0xFFFFFFFF  # zlib takes the least significant bit first
    agrees = int(f"{mirrored:032b}"[::-1], 2) == stored
    return agrees or (False if length == len(data) else None)  # another word there may be any code of an older core


def seal_agrees(data: bytes | memoryview, image: EspImage) -> bool | None:
    """Whether what ends the image agrees with it: the CRC32 of version 2, or the SHA-256 of ESP8266_RTOS_SDK; else None.

    Source: ``gen_appbin.py`` of ESP8266_NONOS_SDK, ``ESP8266V3FirmwareImage`` of esptool 5.6.
    """
    if image.header is None or image.end is None:
        return None
    body = data[: image.end]
    if image.header.magic == ESP8266_V2_MAGIC:
        crc = zlib.crc32(body)
        stored = int.from_bytes(data[image.end : image.end + _CRC_SIZE], "little")
        return stored == (~crc & 0xFFFFFFFF if crc >> 31 else crc + 1)
    return True if hashlib.sha256(body).digest() == data[image.end : image.end + DIGEST_SIZE] else None
