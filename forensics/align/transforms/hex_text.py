"""Hexadecimal digits stored instead of bytes."""

from __future__ import annotations

_DIGITS = b"0123456789abcdefABCDEF"


def from_hex(data: bytes) -> bytes | None:
    """The bytes behind unbroken hex digits; a last single digit is left out."""
    digits = data.strip(b" \r\n\0")
    if len(digits) < 8 or digits.translate(None, _DIGITS):
        return None
    return bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))
