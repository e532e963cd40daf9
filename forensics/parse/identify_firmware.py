"""Application images, bootloaders, and whole-flash files that hold them."""

from __future__ import annotations

from forensics.model.file_kind import FileKind
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan
from forensics.parse.bootloader import is_bootloader
from forensics.parse.esp8266 import is_esp8266_image
from forensics.parse.image import parse_image
from forensics.parse.partition_table import begins_partition_table, parse_partition_table
from forensics.parse.trailing import parse_trailing
from forensics.spec.chips import ESP8266, chip_by_id
from forensics.spec.esp_image import IMAGE_HEADER_SIZE, IMAGE_MAGIC, MAX_SEGMENTS
from forensics.spec.esp_image_records import read_image_header
from forensics.spec.file_magics import SEND_THE_BIN

SECTOR = 0x1000

_MOST_PLACES = 4
"""Apps whose place is put into words."""

_MOST_HEADERS = 1024
"""Believable headers followed in one file; a flash chip has room for far fewer images."""

_PADDING = {"erased": "0xFF", "zero": "0x00"}
_SEND_ONE_APP = "OTA takes one app: send the app's own .bin"


def identify_firmware(data: bytes, image: EspImage | None = None) -> FileKind | None:
    """An app, a bootloader, an ESP8266 image, or a merged file or flash dump with apps inside.

    Args:
        data: The file.
        image: What ``parse_image`` found at its start, where somebody has asked already.
    """
    if is_esp8266_image(data):
        advice = f"it runs on an {ESP8266.name} only: build the app for the device's chip"
        return FileKind(kind="esp8266", words=f"an image for the {ESP8266.name}", advice=advice)
    image = image or parse_image(data, digests=False)
    begins = looks_like_image(image)
    boots = begins and is_bootloader(data, image)
    if begins and not boots:
        return FileKind(kind="app", words=_app_words(data, image), apps=(ByteSpan(0, _end(image, len(data))),))
    table = find_partition_table(data)
    apps = find_apps(data) if boots or table is not None or _starts_blank(data) else ()
    if apps or (table not in (None, 0)):
        return _merged(boots, table, apps)
    if not boots:
        return None
    advice = f"a bootloader is flashed by cable, at its own address: {SEND_THE_BIN}"
    return FileKind(kind="bootloader", words=f"a second-stage bootloader{_for(image)}", advice=advice)


def looks_like_image(image: EspImage) -> bool:
    """True when the bytes are an image, be it cut short or damaged in one place.

    The magic byte alone is one byte of 256: an entry or load address on the named chip must agree with it,
    or a chain of segments that holds. An app descriptor stands in for a damaged magic byte.
    """
    if image.header is None:
        return False
    if image.app is not None:
        return True
    if image.header.magic != IMAGE_MAGIC or not 0 < image.header.segment_count <= MAX_SEGMENTS:
        return False
    chip = chip_by_id(image.header.chip_id)
    if chip is None:
        return image.complete and any(segment.data_len for segment in image.segments)
    return chip.region(image.header.entry_addr) is not None or any(
        segment.region and segment.data_len for segment in image.segments
    )


def find_partition_table(data: bytes) -> int | None:
    """File offset of the first sane partition table on a multiple of 4096; None when there is none."""
    for offset in range(0, len(data), SECTOR):
        if begins_partition_table(data, offset):
            table = parse_partition_table(data, offset)
            if table is not None and not table.problems:
                return offset
    return None


def find_apps(data: bytes) -> tuple[ByteSpan, ...]:
    """The application images that begin on a multiple of 4096, in order; bootloaders are left out."""
    view = memoryview(data)
    apps: list[ByteSpan] = []
    looked = 0
    offset = 0
    while offset < len(data) and looked < _MOST_HEADERS:
        if _may_begin_image(data, offset):
            looked += 1
            image = parse_image(view[offset:], digests=False)
            if looks_like_image(image) and image.complete:
                end = offset + _end(image, len(data) - offset)
                if not is_bootloader(data, image, offset):
                    apps.append(ByteSpan(offset, end))
                offset = max(offset, end - 1)
        offset = (offset // SECTOR + 1) * SECTOR
    return tuple(apps)


def _may_begin_image(data: bytes, offset: int) -> bool:
    """The cheap part of ``looks_like_image``, for every sector of a flash dump."""
    if data[offset] != IMAGE_MAGIC or len(data) - offset < IMAGE_HEADER_SIZE:
        return False
    header = read_image_header(data[offset : offset + IMAGE_HEADER_SIZE])
    chip = chip_by_id(header.chip_id)
    return 0 < header.segment_count <= MAX_SEGMENTS and (chip is None or bool(chip.region(header.entry_addr)))


def _end(image: EspImage, size: int) -> int:
    return min(image.image_size or size, size)


def _starts_blank(data: bytes) -> bool:
    """Fill stands before the bootloader of chips that have it at 0x1000 or 0x2000."""
    head = data[:SECTOR]
    return len(data) > SECTOR and (not head.strip(b"\xff") or not head.strip(b"\0"))


def _merged(boots: bool, table: int | None, apps: tuple[ByteSpan, ...]) -> FileKind:
    parts = ["a bootloader"] if boots else []
    if table is not None:
        parts.append("a partition table")
    if apps:
        parts.append(f"{len(apps)} app{'s' if len(apps) > 1 else ''}")
    held = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
    words = f"a merged flash image or flash dump (it holds {held})"
    places = " or ".join(f"bytes 0x{app.start:x} to 0x{app.end:x}" for app in apps[:_MOST_PLACES])
    where = f", which is at {places} of this file" if apps else f": {SEND_THE_BIN}"
    return FileKind(kind="merged", words=words, advice=_SEND_ONE_APP + where, apps=apps)


def _app_words(data: bytes, image: EspImage) -> str:
    words = f"an application image{_for(image)}"
    if image.app is not None:
        words += f" ({image.app.project_name} {image.app.version})"
    if image.header is not None and image.header.magic != IMAGE_MAGIC:
        words += ", its first byte damaged"
    trailing = parse_trailing(data, image)
    if trailing is not None and trailing.signatures:
        words += f", signed ({trailing.signatures[0].scheme})"
    elif trailing is not None and trailing.content in _PADDING:
        words += f", padded with {trailing.span.size} bytes of {_PADDING[trailing.content]}"
    return words


def _for(image: EspImage) -> str:
    return f" for the {image.chip}" if image.chip else ""
