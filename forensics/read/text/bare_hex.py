"""Hex digits and nothing else, when ``--format hex`` says that they show bytes instead of being them."""

from __future__ import annotations

import re

from forensics.errors import InputError
from forensics.read.reader import Reading
from forensics.read.text.lines import read_lines

_SEPARATORS = re.compile(r"0[xX]|\\x|[\s,;:\-]")
_DIGITS = re.compile(r"[0-9a-fA-F]*")


def sniff(head: bytes) -> bool:
    """Never: bare hex in a file is what a device stored."""
    return False


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    r"""The bytes that the digits show; ``0x``, ``\x``, commas, dashes, colons and spaces are skipped.

    Raises:
        InputError: a character that is no hex digit, or an odd number of digits.
    """
    pieces: list[str] = []
    for number, line in enumerate(read_lines(data), 1):
        digits = _SEPARATORS.sub("", line)
        if not _DIGITS.fullmatch(digits):
            raise InputError(f"line {number} is not hex", name=name)
        pieces.append(digits)
    digits = "".join(pieces)
    if len(digits) % 2:
        raise InputError("holds an odd number of hex digits", name=name, next_step="a digit is lost")
    return Reading(content=bytes.fromhex(digits))
