"""Seals an image anew after its bytes were changed."""

from __future__ import annotations

import hashlib

from forensics.errors import InputError
from forensics.spec.checksum import CHECKSUM_SEED, xor_bytes
from forensics.spec.esp_image import DIGEST_SIZE, IMAGE_HEADER_SIZE, SEGMENT_HEADER_SIZE, padded_end
from forensics.spec.esp_image_records import read_image_header
from forensics.synth.variants import _read_segments


def rebuild(image: bytes) -> bytes:
    """``image`` with the checksum and the digest that its bytes ask for; headers, data and what follows stay.

    Raises:
        InputError: the segment headers do not lead to a checksum inside the image.
    """
    segments = _read_segments(image)
    end = padded_end(IMAGE_HEADER_SIZE + sum(SEGMENT_HEADER_SIZE + len(segment.data) for segment in segments))
    appended = DIGEST_SIZE if read_image_header(image).hash_appended else 0
    if len(image) < end + appended:
        raise InputError(
            "ends before its checksum and digest", name="image", offset=len(image), next_step="take a whole image"
        )
    checksum = CHECKSUM_SEED
    for segment in segments:
        checksum = xor_bytes(segment.data, checksum)
    body = image[: end - 1] + bytes((checksum,))
    digest = hashlib.sha256(body).digest() if appended else b""
    return body + digest + image[end + appended :]
