"""Small images for tests, built through the layouts that the parser reads."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from forensics.spec.checksum import CHECKSUM_SEED, xor_bytes
from forensics.spec.esp_image import (
    APP_DESCRIPTOR,
    APP_DESCRIPTOR_MAGIC,
    IMAGE_HEADER,
    SEGMENT_HEADER,
    padded_end,
)

SHARED = Path(__file__).resolve().parents[4] / "shared"


def shared(*parts: str) -> Path:
    """A file or folder of the shared references; skips the test where they are not at hand."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{Path(*parts)} of the shared references is not here")
    return path


def descriptor(**fields: object) -> bytes:
    """An app descriptor of 256 bytes."""
    values: dict[str, object] = {
        "magic": APP_DESCRIPTOR_MAGIC,
        "secure_version": 0,
        "reserved": bytes(8),
        "version": b"1.2.3".ljust(32, b"\0"),
        "project_name": b"blink".ljust(32, b"\0"),
        "time": b"12:34:56".ljust(16, b"\0"),
        "date": b"Jan  2 2024".ljust(16, b"\0"),
        "idf_ver": b"v5.1.2".ljust(32, b"\0"),
        "app_elf_sha256": bytes(range(32)),
        "min_efuse_blk_rev_full": 0,
        "max_efuse_blk_rev_full": 0,
        "mmu_page_size": 0,
        "spi_flash_mode": 0,
        "reserved_end": bytes(74),
    }
    built: bytes = APP_DESCRIPTOR.build({**values, **fields})
    return built


def header(count: int, **fields: object) -> bytes:
    """An image header of 24 bytes, for an ESP32-C3 unless told otherwise."""
    values: dict[str, object] = {
        "common": {
            "magic": fields.pop("magic", 0xE9),
            "segment_count": count,
            "spi_mode": fields.pop("spi_mode", 2),
            "flash": {"spi_size": fields.pop("spi_size", 2), "spi_speed": 15},
            "entry_addr": fields.pop("entry_addr", 0x40380010),
        },
        "wp_pin": 0xEE,
        "spi_pin_drv": bytes(3),
        "chip_id": 5,
        "min_chip_rev": 3,
        "min_chip_rev_full": 3,
        "max_chip_rev_full": 199,
        "reserved": bytes(4),
        "hash_appended": 1,
    }
    built: bytes = IMAGE_HEADER.build({**values, **fields})
    return built


def build_image(segments: list[tuple[int, bytes]], **fields: object) -> bytes:
    """A whole image of ``(load address, data)`` segments, with checksum and, unless switched off, digest."""
    body = header(len(segments), **fields)
    checksum = CHECKSUM_SEED
    for load_addr, data in segments:
        body += SEGMENT_HEADER.build({"load_addr": load_addr, "data_len": len(data)}) + data
        checksum = xor_bytes(data, checksum)
    body += bytes(padded_end(len(body)) - len(body) - 1) + bytes([checksum])
    return body + hashlib.sha256(body).digest() if body[23] else body


def small_image(**fields: object) -> bytes:
    """An ESP32-C3 app of two segments that every device of that chip takes."""
    return build_image([(0x3C000020, descriptor()), (0x40380000, b"\x13\x00\x00\x00" * 9)], **fields)
