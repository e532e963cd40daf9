"""Base64 and nothing else, when ``--format base64`` says that it shows bytes instead of being them."""

from __future__ import annotations

import binascii

from forensics.errors import InputError
from forensics.read.reader import Reading


def sniff(head: bytes) -> bool:
    """Never: bare base64 in a file is what a device stored."""
    return False


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The bytes that the text shows; white space and the URL-safe alphabet (RFC 4648) are accepted.

    Raises:
        InputError: another character, or a length that no encoder makes.
    """
    packed = b"".join(data.split()).translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return Reading(content=binascii.a2b_base64(packed + b"=" * (-len(packed) % 4), strict_mode=True))
    except binascii.Error as error:
        raise InputError(f"is not base64: {error}", name=name) from error
