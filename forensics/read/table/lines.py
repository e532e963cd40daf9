"""The lines of a text, whatever a terminal made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LONG = 4000
"""Characters of a line that is taken for many records."""

_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_BETWEEN_RECORDS = re.compile(r"([}\]])\s*,\s*(?=[{\[])")


@dataclass(slots=True)
class Text:
    """Lines, and the number of each in the text."""

    lines: list[str]
    numbers: Sequence[int]


def split(content: bytes) -> Text:
    """The lines; one that holds many records is split between them.

    ``splitlines`` is of no use: literals hold U+2028, 0x0b and 0x85.
    """
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = content.decode("utf-16" if wide else "utf-8-sig", "replace")
    if "\x1b" in text:
        text = _ESCAPE_SEQUENCE.sub("", text)
    if "\r" in text:
        text = re.sub(r"\r+\n?", "\n", text)
    lines = text.split("\n")
    if len(text) > _LONG * len(lines):
        parts = [(n, part) for n, line in enumerate(lines, 1) for part in _BETWEEN_RECORDS.sub("\\1,\n", line).split("\n")]
        if len(parts) > len(lines) + 2:
            return Text([part for _, part in parts], [number for number, _ in parts])
    return Text(lines, range(1, len(lines) + 1))


def unwrapped(text: Text, *, doubt: bool) -> Text | None:
    """The lines of a terminal that breaks them at a width, joined again; None when there is no such width."""
    width = max(map(len, text.lines), default=0)
    full = sum(len(line) == width for line in text.lines)
    if width < 40 or full < 3 or full * 10 < len(text.lines) * (1 if doubt else 9):
        return None
    lines: list[str] = []
    numbers: list[int] = []
    parts: list[str] = []
    for number, line in zip(text.numbers, text.lines, strict=True):
        if not parts:
            numbers.append(number)
        parts.append(line)
        if len(line) < width:
            lines.append("".join(parts))
            parts = []
    return Text([*lines, "".join(parts)] if parts else lines, numbers)
