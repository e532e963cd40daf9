"""Encodings that a sender or a terminal applies to the whole image, undone before anything is compared.

A transform is believed when what it yields begins like sent; one that loses bytes cannot be undone and is proven by
doing the same to sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from forensics.align.transforms.base64_text import from_base64
from forensics.align.transforms.carriage_returns import without_carriage_returns
from forensics.align.transforms.hex_text import from_hex
from forensics.align.transforms.unicode_text import as_replaced, from_utf8, from_utf16

_HEAD = 24
_FEEDS = 8
"""Fewer line feeds than this prove nothing."""

_GLANCE = 1 << 16
"""Bytes that settle it for nearly every file."""


class Decoded(NamedTuple):
    """Received as it was before ``transform`` was applied."""

    transform: str
    content: bytes


TRANSFORMS: tuple[tuple[str, Callable[[bytes], bytes | None]], ...] = (
    ("hex", from_hex),
    ("base64", from_base64),
    ("utf-8", from_utf8),
    ("utf-16", from_utf16),
    ("crlf", without_carriage_returns),
)
"""Name and inverse of every encoding that can be undone; the inverse gives None for bytes it does not suit."""


def undone(sent: bytes, received: bytes) -> Decoded | None:
    """Received without the encoding it bears, or None when it is plain."""
    if _begins_alike(sent, received) and not _grew_with_line_feeds(sent, received):
        return None
    for name, inverse in TRANSFORMS:
        content = inverse(received)
        if content is not None and _begins_alike(sent, content) and content != received:
            return Decoded(name, content)
    return None


def lossy(sent: bytes, received: bytes) -> str | None:
    """Name of an encoding that destroyed bytes and turns sent into exactly received."""
    if b"\xef\xbf\xbd" in received[:4096] and as_replaced(sent) == received:
        return "utf-8-replacement"
    return None


def _begins_alike(sent: bytes, received: bytes) -> bool:
    size = min(_HEAD, len(sent), len(received))
    return size >= 4 and sent[:size] == received[:size]


def _grew_with_line_feeds(sent: bytes, received: bytes) -> bool:
    """Every line feed of received follows a carriage return, those of sent do not: text mode has put them there."""
    head = received[:_GLANCE]
    if head.count(b"\r\n") != head.count(b"\n"):
        return False
    feeds = received.count(b"\n")
    return feeds >= _FEEDS and received.count(b"\r\n") == feeds and sent.count(b"\r\n") * 2 < sent.count(b"\n")
