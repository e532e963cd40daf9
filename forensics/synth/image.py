"""Builds whole app images that the device accepts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from random import Random

from forensics.errors import UsageError
from forensics.spec.checksum import CHECKSUM_SEED, xor_bytes
from forensics.spec.chips import CHIPS
from forensics.spec.esp_image import (
    APP_DESCRIPTOR,
    APP_DESCRIPTOR_MAGIC,
    APP_DESCRIPTOR_SIZE,
    IMAGE_HEADER,
    IMAGE_MAGIC,
    SEGMENT_HEADER,
    padded_end,
)
from forensics.spec.versions import IdfVersion
from forensics.synth.content import fill_segments
from forensics.synth.layouts import MEMORY_MAPS, Layout, chip_layout
from forensics.synth.machine_code import RISCV, XTENSA

DEFAULT_SIZE = 256 * 1024
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WRITE_PROTECT_PIN_OFF = 0xEE
_PAGE_SIZE_FIELD_SINCE = IdfVersion(5, 4)
_PAGE_SIZE_LOG2 = 16


def build_image(
    *,
    chip: str = "ESP32",
    layout: Layout | None = None,
    size: int | None = None,
    project: str = "blink",
    version: str = "v1.0",
    idf: str = "v5.1.2",
    seed: int = 1,
) -> bytes:
    """A whole app image: header, segments, checksum, digest; the same arguments always give the same bytes.

    Args:
        chip: Name from the chip table; ``layout`` brings its own.
        layout: Exact geometry; None takes the chip's usual one at ``size``.
        size: Bytes of the image, rounded down to a multiple of 16; None is 256 KiB.
        project: Project name in the app descriptor, at most 32 bytes.
        version: Version of the app, likewise.
        idf: ESP-IDF version in the app descriptor, likewise.
        seed: Another seed is another program of the same geometry.

    Raises:
        UsageError: an unknown chip, a size outside 2 KiB to 16 MiB, or both ``layout`` and ``size``.
    """
    if layout is not None and size is not None:
        raise UsageError("a layout has its own size", next_step="give either the layout or the size")
    plan = layout or chip_layout(chip, DEFAULT_SIZE if size is None else size)
    rng = Random(seed)
    instructions = XTENSA if MEMORY_MAPS[plan.chip].xtensa else RISCV
    segments = [(segment.content, segment.load_addr, segment.data_len) for segment in plan.segments]
    data = fill_segments(segments, instructions=instructions, rng=rng)
    if plan.app_descriptor:
        descriptor = build_app_descriptor(project=project, version=version, idf=idf, rng=rng)
        data[0] = descriptor + data[0][APP_DESCRIPTOR_SIZE:]
    addresses = [segment.load_addr for segment in plan.segments]
    return seal(_image_header(plan), list(zip(addresses, data, strict=True)))


def build_app_descriptor(*, project: str, version: str, idf: str, rng: Random) -> bytes:
    """The 256 bytes at the start of segment 0; the build time and the ELF's digest are drawn from ``rng``."""
    idf_version = IdfVersion.parse(idf)
    has_page_size = idf_version is not None and idf_version >= _PAGE_SIZE_FIELD_SINCE
    time = f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
    date = f"{rng.choice(_MONTHS)} {rng.randrange(1, 29):2} {rng.randrange(2019, 2026)}"
    fields = {
        "magic": APP_DESCRIPTOR_MAGIC,
        "secure_version": 0,
        "reserved": bytes(8),
        "version": _text(version, 32),
        "project_name": _text(project, 32),
        "time": _text(time, 16),
        "date": _text(date, 16),
        "idf_ver": _text(idf, 32),
        "app_elf_sha256": rng.randbytes(32),
        "min_efuse_blk_rev_full": 0,
        "max_efuse_blk_rev_full": 99 if has_page_size else 0,
        "mmu_page_size": _PAGE_SIZE_LOG2 if has_page_size else 0,
        "spi_flash_mode": 0,
        "reserved_end": bytes(74),
    }
    record: bytes = APP_DESCRIPTOR.build(fields)
    return record


def seal(header: bytes, segments: Sequence[tuple[int, bytes]]) -> bytes:
    """An image of ``header`` and (load address, data) pairs, with their padding, checksum and digest."""
    parts = [header]
    checksum = CHECKSUM_SEED
    for load_addr, data in segments:
        parts += (SEGMENT_HEADER.build({"load_addr": load_addr, "data_len": len(data)}), data)
        checksum = xor_bytes(data, checksum)
    body = b"".join(parts)
    body = body.ljust(padded_end(len(body)) - 1, b"\0") + bytes((checksum,))
    return body + hashlib.sha256(body).digest()


def _image_header(layout: Layout) -> bytes:
    chip = next(chip for chip in CHIPS if chip.name == layout.chip)
    spi_size = layout.spi_size
    if spi_size is None:
        # 4 MB holds two slots of up to 1.5 MB; each step doubles.
        spi_size = next(nibble for nibble in range(2, 8) if layout.image_size <= 0x180000 << (nibble - 2))
    fields = {
        "common": {
            "magic": IMAGE_MAGIC,
            "segment_count": len(layout.segments),
            "spi_mode": layout.spi_mode,
            "flash": {"spi_size": spi_size, "spi_speed": layout.spi_speed},
            "entry_addr": layout.entry_addr,
        },
        "wp_pin": _WRITE_PROTECT_PIN_OFF,
        "spi_pin_drv": bytes(3),
        "chip_id": chip.id,
        "min_chip_rev": 0,
        "min_chip_rev_full": 0,
        "max_chip_rev_full": MEMORY_MAPS[layout.chip].newest_revision if layout.app_descriptor else 0,
        "reserved": bytes(4),
        "hash_appended": 1,
    }
    header: bytes = IMAGE_HEADER.build(fields)
    return header


def _text(text: str, size: int) -> bytes:
    return text.encode("ascii", "replace")[:size].ljust(size, b"\0")
