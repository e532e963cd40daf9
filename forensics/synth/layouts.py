"""Where the segments of a synthetic image lie: a plan for each chip at any size, and known images."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.errors import UsageError
from forensics.spec.chips import DEFAULT_MMU_PAGE, chip_by_name
from forensics.spec.esp_image import (
    APP_DESCRIPTOR_SIZE,
    DIGEST_SIZE,
    IMAGE_HEADER_SIZE,
    MAX_SEGMENTS,
    SEGMENT_HEADER_SIZE,
    padded_end,
)
from forensics.synth.content import Content

SMALLEST_IMAGE = 2048
LARGEST_IMAGE = 16 * 1024 * 1024
_PAGED_FROM = 0x30000
_VECTORS_SIZE = 0x400


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPlan:
    """One segment: where it is loaded, how many bytes it has, what they look like."""

    load_addr: int
    data_len: int
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The geometry of one image.

    Attributes:
        chip: Name from the chip table (``ESP32-S3``).
        entry_addr: Load address of the first instruction.
        segments: In file order.
        spi_mode: 0 QIO, 1 QOUT, 2 DIO, 3 DOUT.
        spi_speed: Low nibble of byte 3.
        spi_size: High nibble of byte 3, or None for the smallest flash that holds the image twice.
        app_descriptor: False for images of ESP-IDF before v3.3.

    Raises:
        ValueError: an unknown chip, segments that no image can have, or no room for the app descriptor.
    """

    chip: str
    entry_addr: int
    segments: tuple[SegmentPlan, ...]
    spi_mode: int = 2
    spi_speed: int = 0
    spi_size: int | None = None
    app_descriptor: bool = True

    def __post_init__(self) -> None:
        if self.chip not in MEMORY_MAPS:
            raise ValueError(f"no memory map for {self.chip}")
        if not 1 <= len(self.segments) <= MAX_SEGMENTS or any(one.data_len % 4 for one in self.segments):
            raise ValueError("an image has 1 to 16 segments, each of whole 32-bit words")
        if self.app_descriptor and self.segments[0].data_len < APP_DESCRIPTOR_SIZE:
            raise ValueError("segment 0 has no room for the app descriptor")

    @property
    def data_end(self) -> int:
        """File offset after the last segment's data."""
        return IMAGE_HEADER_SIZE + sum(SEGMENT_HEADER_SIZE + segment.data_len for segment in self.segments)

    @property
    def image_size(self) -> int:
        """Bytes of the whole image, with padding, checksum and digest."""
        return padded_end(self.data_end) + DIGEST_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryMap:
    """Load addresses that the linker scripts of ESP-IDF give the sections of an app.

    ``drom`` and ``irom`` are pages; the data begins 0x20 bytes into them, after image and segment header.

    Attributes:
        rodata_after_code: True where constants are mapped behind the code in one range of addresses.
        data_after_code: True where variables follow the code that is loaded into the same RAM.
        rtc: Start of RTC memory, or None.
        newest_revision: major * 100 + minor of the newest chip that the app accepts.
        xtensa: Instruction set: Xtensa or RISC-V.
    """

    drom: int
    irom: int
    iram: int
    dram: int
    rtc: int | None
    newest_revision: int = 199
    rodata_after_code: bool = True
    data_after_code: bool = True
    xtensa: bool = False


def _single_bus(flash: int, ram: int, rtc: int | None) -> MemoryMap:
    return MemoryMap(drom=flash, irom=flash, iram=ram, dram=ram, rtc=rtc)


# Ranges: components/bootloader_support and soc.h of each chip, ESP-IDF v5.4 (H21, H4 v5.5; S31 master).
MEMORY_MAPS = {
    "ESP32": MemoryMap(
        drom=0x3F400000,
        irom=0x400D0000,
        iram=0x40080000,
        dram=0x3FFB0000,
        rtc=0x50000000,
        newest_revision=399,
        rodata_after_code=False,
        data_after_code=False,
        xtensa=True,
    ),
    "ESP32-S2": MemoryMap(
        drom=0x3F000000,
        irom=0x40080000,
        iram=0x40022000,
        dram=0x3FFB2000,
        rtc=0x50000000,
        rodata_after_code=False,
        xtensa=True,
    ),
    "ESP32-S3": MemoryMap(drom=0x3C000000, irom=0x42000000, iram=0x40374000, dram=0x3FC88000, rtc=0x50000000, xtensa=True),
    "ESP32-C2": MemoryMap(drom=0x3C000000, irom=0x42000000, iram=0x40380000, dram=0x3FCA0000, rtc=None),
    "ESP32-C3": MemoryMap(drom=0x3C000000, irom=0x42000000, iram=0x40380000, dram=0x3FC80000, rtc=0x50000000),
    "ESP32-C5": _single_bus(0x42000000, 0x40800000, 0x50000000),
    "ESP32-C6": _single_bus(0x42000000, 0x40800000, 0x50000000),
    "ESP32-C61": _single_bus(0x42000000, 0x40800000, None),
    "ESP32-H2": _single_bus(0x42000000, 0x40800000, 0x50000000),
    "ESP32-H21": _single_bus(0x42000000, 0x40800000, 0x50000000),
    "ESP32-H4": _single_bus(0x42000000, 0x40810000, 0x50000000),
    "ESP32-P4": _single_bus(0x40000000, 0x4FF00000, 0x50108000),
    "ESP32-S31": _single_bus(0x40000000, 0x2F000000, 0x2E000000),
}


def chip_layout(chip: str, size: int) -> Layout:
    """The usual order of an app of ``chip``: DROM, DRAM, vectors, IRAM, IROM, the rest of IRAM, RTC.

    From 192 KiB on, the code that is mapped from flash begins 0x20 bytes into a page, and the segments for
    RAM are cut so that they fill the way to it, as esptool does. A smaller image would be mostly padding
    then; its code is linked to whatever place in the page the file gives it. An image too large for the
    chip's flash window reaches past it, which no check of the device looks at.

    Args:
        chip: Name from the chip table.
        size: Bytes of the whole image, rounded down to a multiple of 16.

    Raises:
        UsageError: an unknown chip, or a size outside 2 KiB to 16 MiB.
    """
    known = chip_by_name(chip)
    if known is None or known.name not in MEMORY_MAPS:
        raise UsageError(f"no layout for the chip {chip}", next_step=f"take one of {', '.join(MEMORY_MAPS)}")
    if not SMALLEST_IMAGE <= size <= LARGEST_IMAGE:
        raise UsageError(f"no image of {size} bytes can be built", next_step="take 2048 to 16777216 bytes")
    memory = MEMORY_MAPS[known.name]
    lengths = _divide(size, rtc=memory.rtc is not None)
    return Layout(
        chip=known.name,
        entry_addr=(memory.iram + lengths.vectors + lengths.iram_first // 2) & ~3,
        segments=_place(memory, lengths),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lengths:
    """Bytes of each section."""

    drom: int
    dram: int
    vectors: int
    iram_first: int
    irom: int
    iram_rest: int
    rtc: int


def _divide(size: int, *, rtc: bool) -> _Lengths:
    """Shares of a typical app; RAM is small, so large images are mostly flash."""
    segments = 7 if rtc else 6
    checksum_padding = 4 * (1 + size // 16 % 4)
    room = (size & ~15) - DIGEST_SIZE - checksum_padding - IMAGE_HEADER_SIZE - SEGMENT_HEADER_SIZE * segments
    vectors = min(_VECTORS_SIZE, room // 16 & ~3)
    dram = min(0x4000, room // 24 & ~3)
    iram = min(0x15000, room // 8 & ~3)
    iram_first = iram // 5 & ~3
    rtc_size = 16 if rtc else 0
    drom = max(APP_DESCRIPTOR_SIZE, room // 5 & ~3)
    if size >= _PAGED_FROM:
        before_code = IMAGE_HEADER_SIZE + dram + vectors + iram_first + SEGMENT_HEADER_SIZE * 5
        drom = -(-(before_code + drom) // DEFAULT_MMU_PAGE) * DEFAULT_MMU_PAGE + 0x20 - before_code
    irom = room - drom - dram - vectors - iram - rtc_size
    return _Lengths(
        drom=drom,
        dram=dram,
        vectors=vectors,
        iram_first=iram_first,
        irom=irom,
        iram_rest=iram - iram_first,
        rtc=rtc_size,
    )


def _place(memory: MemoryMap, lengths: _Lengths) -> tuple[SegmentPlan, ...]:
    before_code = (lengths.drom, lengths.dram, lengths.vectors, lengths.iram_first)
    irom_offset = IMAGE_HEADER_SIZE + sum(before_code) + SEGMENT_HEADER_SIZE * (len(before_code) + 1)
    irom = memory.irom + irom_offset % DEFAULT_MMU_PAGE
    drom = memory.drom + 0x20
    if memory.rodata_after_code:
        drom += -(-(irom - memory.irom + lengths.irom) // DEFAULT_MMU_PAGE) * DEFAULT_MMU_PAGE
    iram = memory.iram + lengths.vectors
    dram = memory.dram
    if memory.data_after_code:
        dram += -(-(lengths.vectors + lengths.iram_first + lengths.iram_rest) // 16) * 16
    rows = [
        (drom, lengths.drom, Content.RODATA),
        (dram, lengths.dram, Content.DATA),
        (memory.iram, lengths.vectors, Content.VECTORS),
        (iram, lengths.iram_first, Content.RAM_CODE),
        (irom, lengths.irom, Content.FLASH_CODE),
        (iram + lengths.iram_first, lengths.iram_rest, Content.RAM_CODE),
    ]
    if memory.rtc is not None:
        rows.append((memory.rtc, lengths.rtc, Content.ZERO))
    return _segments(*rows)


def _segments(*rows: tuple[int, int, Content]) -> tuple[SegmentPlan, ...]:
    return tuple(SegmentPlan(load_addr=row[0], data_len=row[1], content=row[2]) for row in rows)


FORUM_LAYOUT = Layout(
    chip="ESP32",
    entry_addr=0x40081034,
    spi_mode=2,
    spi_size=2,
    app_descriptor=False,
    segments=_segments(
        (0x3F400020, 0x1C0C4, Content.RODATA),
        (0x3FFC0000, 0x33C4, Content.DATA),
        (0x3FFC33C4, 0, Content.DATA),
        (0x40080000, 0x400, Content.VECTORS),
        (0x40080400, 0x748, Content.RAM_CODE),
        (0x400D0018, 0x6384C, Content.FLASH_CODE),
        (0x40080B48, 0x10940, Content.RAM_CODE),
        (0x400C0000, 0, Content.ZERO),
        (0x50000000, 0, Content.ZERO),
    ),
)
"""The 606 688 bytes of a forum thread about OTA over BLE: ESP-IDF v3.1, no app descriptor."""

SMALL_LAYOUT = chip_layout("ESP32", 16 * 1024)
"""For samples that are kept in the repository."""
