"""Signatures after an image, named but not verified."""

from __future__ import annotations

import zlib

from forensics.model.flash import SignatureBlock
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan
from forensics.spec.signature import (
    SIGNATURE_V1,
    SIGNATURE_V1_SCHEME,
    SIGNATURE_V1_SIZE,
    SIGNATURE_V2_BLOCK,
    SIGNATURE_V2_BLOCK_SIZE,
    SIGNATURE_V2_BLOCKS,
    SIGNATURE_V2_CRC_OFFSET,
    SIGNATURE_V2_MAGIC,
    SIGNATURE_V2_SCHEMES,
    SIGNATURE_V2_SECTOR,
)


def parse_signatures(data: bytes, image: EspImage, start: int = 0) -> tuple[SignatureBlock, ...]:
    """The signature blocks of the image that begins at file offset ``start``; none when it is not signed."""
    if image.image_size is None:
        return ()
    end = start + image.image_size
    blocks = _version_2(data, start, end)
    return blocks or _version_1(data, end)


def _version_2(data: bytes, start: int, end: int) -> tuple[SignatureBlock, ...]:
    sector = end + (start - end) % SIGNATURE_V2_SECTOR
    blocks = []
    for index in range(SIGNATURE_V2_BLOCKS):
        place = sector + index * SIGNATURE_V2_BLOCK_SIZE
        raw = data[place : place + SIGNATURE_V2_BLOCK_SIZE]
        if len(raw) < SIGNATURE_V2_BLOCK_SIZE or raw[0] != SIGNATURE_V2_MAGIC:
            break
        fields = SIGNATURE_V2_BLOCK.parse(raw)
        scheme = SIGNATURE_V2_SCHEMES.get(fields.version)
        if scheme is None:
            break
        blocks.append(
            SignatureBlock(
                scheme=scheme,
                span=ByteSpan(place, place + SIGNATURE_V2_BLOCK_SIZE),
                image_digest=fields.image_digest.hex(),
                intact=zlib.crc32(raw[:SIGNATURE_V2_CRC_OFFSET]) == fields.crc,
            )
        )
    return tuple(blocks)


def _version_1(data: bytes, end: int) -> tuple[SignatureBlock, ...]:
    raw = data[end : end + SIGNATURE_V1_SIZE]
    if len(raw) < SIGNATURE_V1_SIZE:
        return ()
    fields = SIGNATURE_V1.parse(raw)
    # A version field of 0 is also what zero fill looks like; a signature is never one byte over and over.
    if fields.version != 0 or len(set(fields.signature)) < 16:
        return ()
    return (SignatureBlock(scheme=SIGNATURE_V1_SCHEME, span=ByteSpan(end, end + SIGNATURE_V1_SIZE)),)
