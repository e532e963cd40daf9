"""Data partitions: partition table, otadata, NVS and file systems."""

from __future__ import annotations

import zlib

from forensics.model.file_kind import FileKind
from forensics.parse.otadata import parse_otadata
from forensics.parse.partition_table import parse_partition_table
from forensics.spec.file_magics import SEND_THE_BIN
from forensics.spec.otadata import OTADATA_SECTOR

_DATA_ADVICE = f"OTA replaces the app only; data partitions are flashed by cable: {SEND_THE_BIN}"
_PAGE = 0x1000
_NVS_STATES = (0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFC, 0xFFFFFFF8, 0xFFFFFFF0)
_NVS_VERSIONS = (0xFF, 0xFE)
_SPIFFS_MAGIC = 0x20140529
_SPIFFS_PAGES = (256, 512, 1024)


def identify_storage(data: bytes) -> FileKind | None:
    """A file that is one data partition, or None."""
    for recognise in (_partition_table, _otadata, _nvs, _littlefs, _fat, _spiffs):
        kind = recognise(data)
        if kind is not None:
            return kind
    return None


def _partition_table(data: bytes) -> FileKind | None:
    table = parse_partition_table(data)
    if table is None:
        return None
    words = f"a partition table with {len(table.partitions)} partitions"
    return FileKind(kind="partition-table", words=words, advice=_DATA_ADVICE)


def _otadata(data: bytes) -> FileKind | None:
    """Two sectors with one entry of 32 bytes each, blank otherwise."""
    if not 32 <= len(data) <= 2 * OTADATA_SECTOR or data[32:64].strip(b"\xff"):
        return None
    found = parse_otadata(data, ota_slots=16, has_factory=False)
    if not any(entry.valid for entry in found.entries):
        return None
    return FileKind(kind="otadata", words="an otadata partition, which selects the slot to boot", advice=_DATA_ADVICE)


def _nvs(data: bytes) -> FileKind | None:
    """The page header: state, sequence, version, and a CRC32 over bytes 4 to 27.

    Source: components/nvs_flash/src/nvs_page.hpp (``Page::Header``), ESP-IDF v5.4.
    """
    for offset in range(0, min(len(data), 4 * _PAGE), _PAGE):
        header = data[offset : offset + 32]
        if len(header) < 32 or header == b"\xff" * 32:
            continue
        state = int.from_bytes(header[:4], "little")
        crc = int.from_bytes(header[28:], "little")
        if state not in _NVS_STATES or header[8] not in _NVS_VERSIONS:
            return None
        if zlib.crc32(header[4:28], 0xFFFFFFFF) != crc:
            return None
        return FileKind(kind="nvs", words="an NVS partition (key-value storage)", advice=_DATA_ADVICE)
    return None


def _littlefs(data: bytes) -> FileKind | None:
    """The name in the superblock of either of the first two blocks. Source: littlefs SPEC.md."""
    if any(data[block + 8 : block + 16] == b"littlefs" for block in (0, _PAGE)):
        return FileKind(kind="littlefs", words="a LittleFS file system", advice=_DATA_ADVICE)
    return None


def _fat(data: bytes) -> FileKind | None:
    """A boot sector, which wear levelling leaves at the start or moves to the second sector."""
    for sector in (0, _PAGE):
        boot = data[sector : sector + 512]
        jumps = boot[:1] in (b"\xeb", b"\xe9")
        if jumps and boot[510:] == b"\x55\xaa" and b"FAT" in boot[36:90]:
            return FileKind(kind="fat", words="a FAT file system", advice=_DATA_ADVICE)
    return None


def _spiffs(data: bytes) -> FileKind | None:
    """The magic at the end of the first lookup page, which depends on page size and block count.

    Source: components/spiffs, ``SPIFFS_MAGIC`` with ``SPIFFS_USE_MAGIC_LENGTH`` (ESP-IDF v5.4).
    """
    if not data or len(data) % _PAGE:
        return None
    for page in _SPIFFS_PAGES:
        magic = (_SPIFFS_MAGIC ^ page ^ (len(data) // _PAGE)) & 0xFFFF
        if data[page - 4 : page - 2] == magic.to_bytes(2, "little"):
            return FileKind(kind="spiffs", words="a SPIFFS file system", advice=_DATA_ADVICE)
    return None
