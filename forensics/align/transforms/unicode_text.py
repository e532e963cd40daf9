"""Bytes taken for characters and encoded again, as string types of JavaScript, Java and Dart do."""

from __future__ import annotations


def from_utf8(data: bytes) -> bytes | None:
    """The bytes whose values were stored as UTF-8 characters (0xE9 became C3 A9); damaged places stay as they are."""
    if not data or data[0] not in (0xC2, 0xC3):
        return None
    text = data.decode("utf-8", "surrogateescape")
    try:
        return text.encode("latin-1", "surrogateescape")
    except UnicodeEncodeError:
        return None


def from_utf16(data: bytes) -> bytes | None:
    """The bytes of which each was stored as a 16-bit character, the upper half zero."""
    if len(data) < 8 or data[1:256:2].strip(b"\0"):
        return None
    return data[0::2]


def as_replaced(data: bytes) -> bytes:
    """``data`` after a decoder that puts U+FFFD for every byte that is no UTF-8: those bytes are lost."""
    return data.decode("utf-8", "replace").encode("utf-8")
