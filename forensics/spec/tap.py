"""What the tap in the device sends and prints: ``samples/firmware/otatap.h``, version 1.

The tap stands in the receiver's write callback. It notifies fingerprints of the chunks as the callback saw them, and
at the end a CRC32 of each sector that was written, which it can also print to the serial log (``spec/log_lines/tap.py``).
``synth/tap.py`` is the same tap in Python, for devices that are not real.
Every number is little-endian; every CRC32 is that of zlib, ``esp_rom_crc32_le(0, ...)`` on the device.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from construct import Int8ub, Int16ul, Int32ul, Struct

TAP_SERVICE = "0f7a0001-7461-4f70-9d1c-6f7461646966"
"""The tap's GATT service."""

TAP_CHARACTERISTIC = "0f7a0002-7461-4f70-9d1c-6f7461646966"
"""Its only characteristic, with the property notify; every notification is one frame."""

TAP_VERSION = 1
"""High nibble of a frame's first byte; the last digits of the UUIDs stay the same in every version."""

CHUNKS, SECTORS, TOTALS = 0x1, 0x2, 0x3
"""Low nibble of a frame's first byte: what it holds."""

FRAME_HEADER = Struct("kind" / Int8ub, "count" / Int8ub, "sequence" / Int16ul)
"""Before the records of each frame: version and kind, how many records, and the frame's number, which counts on over
all kinds, wraps at 65536 and begins at 0 when a transfer begins."""
assert FRAME_HEADER.sizeof() == 4

CHUNK_RECORD = Struct("index" / Int32ul, "offset" / Int32ul, "length" / Int16ul, "crc32" / Int32ul)
"""One call of the write callback: its number from 0, the offset in the image where the receiver puts the chunk, its
length in bytes, and its CRC32. An index that is absent was not recorded: the ring in the device was full."""
assert CHUNK_RECORD.sizeof() == 14

SECTORS_FIRST = Struct("first" / Int16ul)
"""Before the CRC32s of a sector frame: index of the first sector in the slot."""
assert SECTORS_FIRST.sizeof() == 2

SECTOR_RECORD = Struct("crc32" / Int32ul)
"""One sector of 4096 bytes as it is read back; those of a frame follow one another."""
assert SECTOR_RECORD.sizeof() == 4

TOTALS_RECORD = Struct("chunks" / Int32ul, "size" / Int32ul, "crc32" / Int32ul, "unrecorded" / Int16ul)
"""The end of a transfer: calls of the write callback, their bytes, the CRC32 over all of them in that order, and how
many calls found the ring full (65535 and more as 65535)."""
assert TOTALS_RECORD.sizeof() == 14

TAP_SECTOR_SIZE = 4096
"""Flash erase unit of every ESP32. Source: ESP-IDF v5.4 ``spi_flash_mmap.h``, ``SPI_FLASH_SEC_SIZE``."""

MOST_SECTORS_OF_A_LINE = 16
"""Sectors of one printed line; 4 unless the firmware says otherwise."""


def first_byte(kind: int) -> int:
    """First byte of a frame of this kind."""
    return TAP_VERSION << 4 | kind


def line_check(first: int, crcs: Sequence[int]) -> int:
    """The check at the end of a printed line: CRC32 over its first sector and its CRC32s, each as 4 bytes."""
    return zlib.crc32(b"".join(number.to_bytes(4, "little") for number in (first, *crcs)))
