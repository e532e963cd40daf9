"""Any bytes as an image: header, segments, checksum, digest and app descriptor, as far as they are there.

Source: ``esp_image_load`` in components/bootloader_support/src/esp_image_format.c (ESP-IDF v5.4) for the
order of the parts; esptool 5.6 ``bin_image.py`` for the images of the ESP8266.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from forensics.model.image import EspImage, ImageHeader, Segment
from forensics.parse.esp8266 import is_esp8266_image, parse_esp8266_image
from forensics.parse.segments import SegmentChain, walk_segments
from forensics.spec.checksum import CHECKSUM_SEED, xor_bytes
from forensics.spec.chips import Chip, chip_by_id, chip_by_name
from forensics.spec.esp_image import (
    APP_DESCRIPTOR_OFFSET,
    DIGEST_SIZE,
    ESP8266_V2_MAGIC,
    IMAGE_HEADER_SIZE,
    IMAGE_MAGIC,
    MAX_SEGMENTS,
    padded_end,
)
from forensics.spec.esp_image_records import read_app_descriptor, read_image_header


def parse_image(data: bytes | memoryview, *, digests: bool = True) -> EspImage:
    """What ``data`` holds of an image. Never raises: whatever is missing or impossible is None.

    A wrong magic byte does not end the parse, so that one damaged byte does not hide the rest.

    Args:
        data: The file, from its first byte.
        digests: False leaves the checksum and the digest uncalculated, for callers that only need the layout.
    """
    if is_esp8266_image(data):
        return parse_esp8266_image(data, digests=digests)
    image = EspImage(
        size=len(data),
        chip=None,
        header=None,
        segments=(),
        complete=False,
        end=None,
        image_size=None,
        checksum_stored=None,
        checksum_calculated=None,
        digest_stored=None,
        digest_calculated=None,
        app=None,
    )
    if len(data) < IMAGE_HEADER_SIZE:
        return image
    header = read_image_header(data[:IMAGE_HEADER_SIZE])
    chain = walk_segments(data, IMAGE_HEADER_SIZE, header.segment_count)
    app = read_app_descriptor(data, APP_DESCRIPTOR_OFFSET)
    known = chip_by_id(header.chip_id) if header.magic == IMAGE_MAGIC or app else None
    image = replace(
        image,
        chip=known.name if known else None,
        header=header,
        segments=tuple(_on_chip(segment, known) for segment in chain.segments),
        complete=chain.complete,
        app=app,
    )
    return _with_end(data, image, header, chain, digests=digests) if chain.complete else image


def looks_like_image(image: EspImage) -> bool:
    """True when the bytes are an image, be it cut short or damaged in one place.

    The magic byte alone is one byte of 256: an entry or load address on the named chip must agree with it,
    or a chain of segments that holds. An app descriptor stands in for a damaged magic byte.
    """
    if image.header is None:
        return False
    if image.app is not None:
        return True
    if image.header.magic not in (IMAGE_MAGIC, ESP8266_V2_MAGIC) or not 0 < image.header.segment_count <= MAX_SEGMENTS:
        return False
    chip = chip_by_name(image.chip) if image.chip else None
    if chip is None:
        return image.complete and any(segment.data_len for segment in image.segments)
    return chip.region(image.header.entry_addr) is not None or any(
        segment.region and segment.data_len for segment in image.segments
    )


def _on_chip(segment: Segment, chip: Chip | None) -> Segment:
    region = chip.region(segment.load_addr) if chip else None
    return replace(segment, region=region.name, mapped=region.mapped) if region else segment


def _with_end(
    data: bytes | memoryview, image: EspImage, header: ImageHeader, chain: SegmentChain, *, digests: bool
) -> EspImage:
    """Checksum, digest and sizes of an image whose segments are all there."""
    end = padded_end(chain.end)
    size = end + (DIGEST_SIZE if header.hash_appended else 0)
    whole = len(data) >= end
    image = replace(
        image,
        end=end if whole else None,
        image_size=size,
        checksum_stored=data[end - 1] if whole else None,
        digest_stored=data[end:size].hex() if header.hash_appended and len(data) >= size else None,
    )
    if not digests:
        return image
    view = memoryview(data)
    checksum = CHECKSUM_SEED
    for segment in image.segments:
        checksum = xor_bytes(view[segment.data.start : segment.data.end], checksum)
    digest = hashlib.sha256(view[:end]).hexdigest() if whole else None
    return replace(image, checksum_calculated=checksum, digest_calculated=digest)
