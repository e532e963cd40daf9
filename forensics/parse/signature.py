"""Signatures after an image: what they are for, and whose."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from hashlib import sha256, sha384

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
    SIGNATURE_V2_CURVES,
    SIGNATURE_V2_ECDSA,
    SIGNATURE_V2_ECDSA_SCHEME,
    SIGNATURE_V2_ECDSA_VERSION,
    SIGNATURE_V2_MAGIC,
    SIGNATURE_V2_RSA,
    SIGNATURE_V2_RSA_SCHEME,
    SIGNATURE_V2_RSA_VERSION,
    SIGNATURE_V2_SECTOR,
)

_SHA_384 = 48


def parse_signatures(data: bytes, image: EspImage, start: int = 0) -> tuple[SignatureBlock, ...]:
    """The signature blocks of the image that begins at file offset ``start``; none when it is not signed."""
    if image.image_size is None:
        return ()
    end = start + image.image_size
    blocks = _version_2(data, start, end)
    return blocks or _version_1(data, end)


def signature_sector(start: int, end: int) -> int:
    """File offset of the sector for signatures of version 2 behind the image from ``start`` to ``end``."""
    return end + (start - end) % SIGNATURE_V2_SECTOR


def _version_2(data: bytes, start: int, end: int) -> tuple[SignatureBlock, ...]:
    sector = signature_sector(start, end)
    signed = memoryview(data)[start:sector]
    blocks = []
    for index in range(SIGNATURE_V2_BLOCKS):
        block = _block(data, sector + index * SIGNATURE_V2_BLOCK_SIZE, signed)
        if block is None:
            break
        blocks.append(block)
    return tuple(blocks)


def _block(data: bytes, place: int, signed: memoryview) -> SignatureBlock | None:
    raw = data[place : place + SIGNATURE_V2_BLOCK_SIZE]
    parts = read_block(raw)
    if parts is None:
        return None
    digest = sha384(signed) if len(parts.image_digest) == _SHA_384 else sha256(signed)
    ecdsa = SIGNATURE_V2_ECDSA_SCHEME.format(parts.curve or "unknown curve")
    return SignatureBlock(
        scheme=SIGNATURE_V2_RSA_SCHEME if parts.is_rsa else ecdsa,
        span=ByteSpan(place, place + SIGNATURE_V2_BLOCK_SIZE),
        image_digest=parts.image_digest.hex(),
        intact=zlib.crc32(raw[:SIGNATURE_V2_CRC_OFFSET]) == SIGNATURE_V2_BLOCK.parse(raw).crc,
        signs_image=digest.digest() == parts.image_digest,
        key_digest=parts.key_digest.hex(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockParts:
    """The numbers of a block of secure boot v2.

    Attributes:
        image_digest: What is signed.
        is_rsa: RSA-3072; else ECDSA on ``curve``, which is None where the block names none that is known.
        key: Modulus and exponent, or the point's x and y.
        signature: One number for RSA, r and s for ECDSA.
        key_digest: SHA-256 of the key as the block holds it.
    """

    image_digest: bytes
    is_rsa: bool
    curve: str | None
    key: tuple[int, int]
    signature: tuple[int, ...]
    key_digest: bytes


def read_block(raw: bytes) -> BlockParts | None:
    """What the block ``raw`` holds; None when it is none."""
    if len(raw) < SIGNATURE_V2_BLOCK_SIZE or raw[0] != SIGNATURE_V2_MAGIC:
        return None
    fields = SIGNATURE_V2_BLOCK.parse(raw)
    is_rsa = fields.version == SIGNATURE_V2_RSA_VERSION
    layout = SIGNATURE_V2_RSA if is_rsa else SIGNATURE_V2_ECDSA.get(fields.sha_384)
    if layout is None or fields.version not in (SIGNATURE_V2_RSA_VERSION, SIGNATURE_V2_ECDSA_VERSION):
        return None
    body = layout.parse(fields.body)
    curve, size = (None, 0) if is_rsa else SIGNATURE_V2_CURVES.get(body.key.curve, (None, 0))
    return BlockParts(
        image_digest=body.image_digest,
        is_rsa=is_rsa,
        curve=curve,
        key=(_number(body.key.modulus), body.key.exponent) if is_rsa else _pair(body.key.point, size),
        signature=(_number(body.signature),) if is_rsa else _pair(body.signature, size),
        key_digest=sha256(layout.key.build(body.key)).digest(),
    )


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "little")


def _pair(raw: bytes, size: int) -> tuple[int, int]:
    return _number(raw[:size]), _number(raw[size : 2 * size])


def _version_1(data: bytes, end: int) -> tuple[SignatureBlock, ...]:
    raw = data[end : end + SIGNATURE_V1_SIZE]
    if len(raw) < SIGNATURE_V1_SIZE:
        return ()
    fields = SIGNATURE_V1.parse(raw)
    # A version field of 0 is also what zero fill looks like; a signature is never one byte over and over.
    if fields.version != 0 or len(set(fields.signature)) < 16:
        return ()
    return (SignatureBlock(scheme=SIGNATURE_V1_SCHEME, span=ByteSpan(end, end + SIGNATURE_V1_SIZE)),)
