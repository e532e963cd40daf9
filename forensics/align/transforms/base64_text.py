"""Base64 stored instead of bytes."""

from __future__ import annotations

import binascii
import string

_ALPHABET = (string.ascii_letters + string.digits + "+/=").encode("ascii")


def from_base64(data: bytes) -> bytes | None:
    """The bytes behind unbroken base64; an incomplete last group is left out."""
    text = data.strip(b" \r\n\0")
    if len(text) < 8 or text.translate(None, _ALPHABET):
        return None
    try:
        return binascii.a2b_base64(text[: len(text) & ~3])
    except binascii.Error:
        return None
