"""Text that strangers wrote (names of files, strings in images, lines of logs), made inert where it enters the model."""

from __future__ import annotations

import re

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
    "|[\U000e0000-\U000e007f]"
)
"""Characters that begin a line, steer a terminal, reverse the reading order, show nothing or cannot be encoded."""


def inert(text: str) -> str:
    r"""``text`` with every such character written out, as ``\x0a``, ``\x1b`` or ``\u202e``.

    Line feeds come from otadiff alone, so no name and no log line can begin a line of a report.
    """
    if text.isascii() and text.isprintable():
        return text
    return UNSAFE.sub(_written_out, text)


def file_argument(name: str) -> str:
    """The name of a file as an argument of a command: one that begins like an option is named by its folder, too."""
    return f"./{name}" if name.startswith("-") else name


def _written_out(hit: re.Match[str]) -> str:
    code = ord(hit[0])
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
