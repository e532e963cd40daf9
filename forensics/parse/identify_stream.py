"""Compressed and encrypted bytes that carry no plain name."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from itertools import islice

from forensics.model.file_kind import FileKind
from forensics.spec.file_magics import UNPACK_IT
from forensics.spec.flash import SECTOR

_SAMPLE = 1 << 16
_SMALLEST_SAMPLE = 1 << 10
_ENCRYPTION_BLOCK = 16
"""Flash encryption works on blocks of 16 bytes (XTS-AES) or 32 (ESP32)."""


def identify_zlib(data: bytes) -> FileKind | None:
    """A zlib stream (RFC 1950): a header that checks out and data that decompresses."""
    head = data[:2]
    if len(head) < 2 or head[0] & 0x0F != 8 or head[0] >> 4 > 7 or int.from_bytes(head, "big") % 31:
        return None
    try:
        unpacked = zlib.decompressobj().decompress(data[:4096], 256)
    except zlib.error:
        return None
    return FileKind(kind="zlib", words="a zlib stream", advice=UNPACK_IT) if unpacked else None


def identify_ciphertext(data: bytes) -> FileKind | None:
    """Bytes as even as chance makes them, which compressed bytes are too, but those begin with a name.

    The entropy of n random bytes falls short of 8 bits a byte by about 255 / (2 n ln 2); three times as much
    is let pass.
    """
    sectors = (data[at : at + SECTOR] for at in range(0, len(data), SECTOR))
    written = (sector for sector in sectors if sector.strip(b"\xff"))  # erased flash is not encrypted
    sample = b"".join(islice(written, _SAMPLE // SECTOR))
    if len(sample) < _SMALLEST_SAMPLE:
        return None
    measured = entropy(sample)
    if measured < 8 - 3 * 255 / (2 * len(sample) * math.log(2)):
        return None
    whole = "" if len(data) % _ENCRYPTION_BLOCK else ", and the size suits flash encryption"
    words = (
        f"encrypted or random bytes: the first {len(sample):,} that are not erased have {measured:.3f} bits of entropy "
        f"each, no known header{whole}"
    )
    advice = (
        "send the plain .bin: the device encrypts as it writes; to compare, read flash on the device (esp_partition_read)"
    )
    return FileKind(kind="ciphertext", words=words, advice=advice)


def entropy(data: bytes) -> float:
    """Shannon entropy of the bytes' frequencies, bits a byte."""
    size = len(data)
    return -sum(count / size * math.log2(count / size) for count in Counter(data).values()) if size else 0.0
