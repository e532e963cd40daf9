"""Where a message begins in a line: level, time and tag, in every form that devices and frameworks print."""

from __future__ import annotations

import re

from forensics.spec.chips import CHIPS
from forensics.spec.log_lines.dialects import TAGS

_HEAD = re.compile(
    r"\(\s{0,8}(?:\d{1,10}|[\d: .,-]{8,24}|[.\u2026xX#?]{1,8})\s?\)\s{0,3}"
    r"([A-Za-z_][^\s:()\[\]]{0,40}(?: [^\s:()\[\]]{1,24}){0,2})\s?:\s?"
)
"""Time and tag as ``esp_log.h`` prints them, ``(696102) esp_image:``; the level letter stands before."""

BRACKET_HEAD = re.compile(
    r"\[([EWIDVC])[A-Z]{0,8}\]\s?\[([\w.\-]{1,40}?)(?:\.cpp|\.c)?(?::\d{1,5})?\]\s?:?\s?(?:\w{1,60}\(\)\s?:\s?)?"
)
"""ESPHome (``[E][esp_image:168]:``) and Arduino (``[E][Updater.cpp:12] end():``)."""

_CUT_HEAD = re.compile(r"[EWIDV]\s?\((?:[\d:. ]{0,16}|[\d:. ]{1,16}\)\s?[\w.]{0,24})$")
"""A head at the end of a line that was wrapped inside it."""

LISTENED = frozenset((*TAGS, *(f"boot.{chip.target}" for chip in CHIPS)))
"""Tags whose messages are worth putting together again."""

_PROSE = re.compile(r"[^\W\d_]{2}")
_WHOLE_LINE = re.compile(r"^(?:([EWIDV]) \(\d{1,10}\) ([A-Za-z_][\w.]{0,39}): ([^\n\v]*)$|.*)", re.MULTILINE)
"""A line that begins with a head in the form of most; other lines give three empty strings."""


def whole_lines(text: str) -> list[tuple[str, str, str]]:
    """Level, tag and message of each line that begins with the usual head, at C speed; empty strings for others."""
    return _WHOLE_LINE.findall(text)


def cut_head(line: str) -> re.Match[str] | None:
    """A head at the end of ``line`` that lacks its rest, since the line was wrapped there; None when there is none."""
    place = line.rfind("(")
    if place < 1 or len(line) - place > 48:
        return None
    before = line[place - 2] if line[place - 1] == " " and place > 1 else line[place - 1]
    return _CUT_HEAD.search(line, place - 2 if place > 1 else 0) if before in "EWIDV" else None


def find_head(line: str, start: int) -> tuple[re.Match[str], int, str | None] | None:
    """The next head at or behind ``start``: time and tag, where it begins, and its level letter."""
    while True:
        head = _HEAD.search(line, start)
        if head is None:
            return None
        begin = place = head.start()
        while place and begin - place < 3 and line[place - 1].isspace():
            place -= 1
        if place and line[place - 1] in "EWIDV":
            return head, place - 1, line[place - 1]
        # Without a level letter, ``(22380) map: ...`` in somebody's remark looks like a head.
        if head.group(1) in LISTENED or not _PROSE.search(line, max(0, begin - 80), begin):
            return head, begin, None
        start = head.end()


def first_head(text: str) -> tuple[int, str | None, str] | None:
    """Where the message behind the first head of either form begins, its level letter and its tag."""
    found = find_head(text, 0)
    if found is not None:
        head, _, level = found
        return head.end(), level, head.group(1)
    bracket = BRACKET_HEAD.search(text)
    return None if bracket is None else (bracket.end(), bracket.group(1), bracket.group(2))
