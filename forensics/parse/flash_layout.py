"""Where the images and the partition table of a flash dump or merged file are, and where the file is in flash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from forensics.model.flash import PartitionTable
from forensics.model.span import ByteSpan
from forensics.parse.bootloader import is_bootloader
from forensics.parse.image import looks_like_image, parse_image
from forensics.parse.partition_table import begins_partition_table, parse_partition_table
from forensics.spec.chips import EBOOT_ADDRESS, ESP8266, chip_by_id, chip_by_name
from forensics.spec.esp_image import ESP8266_V2_MAGIC, IMAGE_HEADER_SIZE, IMAGE_MAGIC, MAX_SEGMENTS
from forensics.spec.esp_image_records import read_image_header
from forensics.spec.flash import SECTOR
from forensics.spec.partition_table import APP_ALIGNMENT, TABLE_OFFSET

_MAGICS = (IMAGE_MAGIC, ESP8266_V2_MAGIC)
_LARGEST_FLASH = 1 << 30
_LAST_TABLE = 0x1F000
"""File offset up to which a damaged table is believed; further on, only one whose MD5 agrees."""

_MOST_HEADERS = 1024
"""Believable headers followed in one file; a flash chip has room for far fewer images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedImage:
    """An image inside a file.

    Attributes:
        span: File offsets, up to the end of its digest or of the file.
        bootloader: It is a second-stage bootloader.
        chip: Its chip's name, where it names one.
    """

    span: ByteSpan
    bootloader: bool
    chip: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashLayout:
    """What a file holds of a flash.

    Attributes:
        base: Flash address of the file's first byte.
        table: Its partition table, with file offsets in ``table.span``; None when it holds none.
        images: In the order of their places.
    """

    base: int
    table: PartitionTable | None
    images: tuple[PlacedImage, ...]

    @property
    def apps(self) -> tuple[ByteSpan, ...]:
        """The images that are no bootloaders."""
        return tuple(image.span for image in self.images if not image.bootloader)


def find_layout(data: bytes, table_at: int | None = None) -> FlashLayout:
    """The table and the images in ``data``, and the flash address at which they fit together.

    A bootloader has one place on each chip, an app image is at the start of its slot, and the table is at 0x8000 unless
    it was configured otherwise: the address for which most of that holds is taken.

    Args:
        data: The file.
        table_at: File offset of the table, where that is known.
    """
    images = _with_app_of_eboot(tuple(_images(data)), data)
    table = find_table(data) if table_at is None else parse_partition_table(data, table_at)
    votes: Counter[int] = Counter()
    for image in images:
        chip = chip_by_name(image.chip) if image.chip and image.bootloader else None
        if chip is not None:
            votes[chip.bootloader_offset - image.span.start] += 1
    if table is not None:
        votes[TABLE_OFFSET - table.span.start] += 1
        starts = [part.offset for part in table.partitions if part.is_app]
        votes.update(start - image.span.start for start in starts for image in images if not image.bootloader)
    if not votes:  # an app begins on a page of the MMU
        votes.update(-image.span.start % APP_ALIGNMENT for image in images if image.span.start)
    base = max((base for base in votes if base >= 0), key=lambda base: (votes[base], -base), default=0)
    return FlashLayout(base=base, table=table, images=images)


def find_table(data: bytes) -> PartitionTable | None:
    """The first partition table on a multiple of 4096 that has no fault; else the first damaged one, near the start.

    A file of one sector is a table and not a flash that has one.
    """
    damaged: PartitionTable | None = None
    for offset in range(0 if len(data) > SECTOR else SECTOR, len(data), SECTOR):
        if not begins_partition_table(data, offset):
            continue
        table = parse_partition_table(data, offset)
        if table is not None and not table.problems:
            return table
        if damaged is None and table is not None and offset <= _LAST_TABLE and _is_believable(table):
            damaged = table
    return damaged


def _is_believable(table: PartitionTable) -> bool:
    return all(
        part.size and part.offset % SECTOR == 0 and part.offset + part.size <= _LARGEST_FLASH for part in table.partitions
    )


def _images(data: bytes) -> Iterator[PlacedImage]:
    """The whole images that begin on a multiple of 4096, in order."""
    view = memoryview(data)
    looked = 0
    offset = 0
    while offset < len(data) and looked < _MOST_HEADERS:
        if data[offset] in _MAGICS and _may_begin_image(data, offset):
            looked += 1
            image = parse_image(view[offset:], digests=False)
            if looks_like_image(image) and image.complete:
                end = offset + min(image.image_size or len(data), len(data) - offset)
                yield PlacedImage(span=ByteSpan(offset, end), bootloader=is_bootloader(data, image, offset), chip=image.chip)
                offset = max(offset, end - 1)
        offset = (offset // SECTOR + 1) * SECTOR


def _with_app_of_eboot(images: tuple[PlacedImage, ...], data: bytes) -> tuple[PlacedImage, ...]:
    """Arduino's loader starts what is at 0x1000, whole or not."""
    first = parse_image(data[:SECTOR], digests=False) if images and images[0].chip == ESP8266.name else None
    eboot = first is not None and any(segment.load_addr == EBOOT_ADDRESS for segment in first.segments)
    if not eboot or len(data) <= SECTOR or any(image.span.start == SECTOR for image in images):
        return images
    app = PlacedImage(span=ByteSpan(SECTOR, len(data)), bootloader=False, chip=ESP8266.name)
    return (images[0], app, *images[1:])


def _may_begin_image(data: bytes, offset: int) -> bool:
    """The cheap part of ``looks_like_image``, for every sector of a flash dump."""
    raw = data[offset : offset + IMAGE_HEADER_SIZE]
    if len(raw) < IMAGE_HEADER_SIZE or not 0 < raw[1] <= MAX_SEGMENTS:
        return False
    header = read_image_header(raw)
    chip = chip_by_id(header.chip_id)
    return chip is None or bool(chip.region(header.entry_addr)) or bool(ESP8266.region(header.entry_addr))
