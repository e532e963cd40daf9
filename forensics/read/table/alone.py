"""Reads a text without SENT: the header of an image finds its lines, and the image's own checksum decides.

Where a reading is forced, and no header is found, anything that looks like bytes counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from forensics.parse.image import parse_image
from forensics.read.table.known import Known, Run
from forensics.read.table.learning import learn, sample
from forensics.read.table.lines import Text, split, unwrapped
from forensics.read.table.reading import TextReading, finished
from forensics.read.table.rules import Rule
from forensics.read.table.tokens import ALL, Notation
from forensics.spec.chips import CHIPS
from forensics.spec.esp_image import IMAGE_MAGIC, MAX_SEGMENTS

_HEADER = re.compile(
    r"e9\W{0,6}(?:0x|\\x)?(?:0?[1-9a-f]|10)|(?:0[1-9a-f]|10)e9|(?:233|-23)\W+\d|6[QR]|\xe9|[37]51|11101001|(?:e9|233|-23)\W*$",
    re.I,
)
"""The magic byte and the number of segments, in every usual notation: where to look first."""

_MOST_PLACES = 300
_WINDOW = 24
"""Lines behind the header that are learned from."""

_LEARNED_FROM = 30_000
_MOST_RULES = 6
_SMALLEST_HEADER = 14


class AnyImage(Known):
    """Stands in for SENT: whatever follows the header of an image is taken to be in it."""

    def cover(self, data: bytes) -> list[Run]:
        """One run from the first believable header on."""
        start = _header(data)
        return [Run(start, len(data), 0)] if start is not None else []


class Anything(Known):
    """Stands in for SENT where the user says that the text shows bytes, and nothing else is known."""

    def cover(self, data: bytes) -> list[Run]:
        """All of it."""
        return [Run(0, len(data), 0)] if len(data) > 1 else []


def image_shown(content: bytes, notations: Sequence[Notation] = ALL) -> TextReading | None:
    """The image that a text shows, by its own header, segments and checksum; None when there is none.

    Args:
        content: The text.
        notations: How its bytes may be written.
    """
    text = split(content)
    best: tuple[tuple[bool, int], TextReading] | None = None
    for lines in (text, unwrapped(text, doubt=True)):
        for reading in _from_header(lines, notations) if lines is not None else ():
            image = parse_image(reading.data[_header(reading.data) or 0 :])
            if image.valid:
                return replace(reading, share=1.0)
            how_far = image.complete, len(image.segments)
            if best is None or how_far > best[0]:
                best = how_far, replace(reading, share=0.0)
    return best[1] if best is not None else None


def bytes_shown(content: bytes, notations: Sequence[Notation]) -> TextReading | None:
    """Whatever bytes a text shows that is said to show some; None when it shows none."""
    text = split(content)
    some = sample(text.lines, range(len(text.lines)), _LEARNED_FROM)
    for notation in notations:  # the plainest that fits: words of many bytes would always give more
        for rule in learn(some, Anything(), (notation,))[:1]:
            rows = rule.rows(enumerate(text.lines))
            if rows:
                return replace(finished([(rule, rows)], text, [], Anything()), share=0.0)
    return None


def _from_header(text: Text, notations: Sequence[Notation]) -> Iterator[TextReading]:
    """A reading for each kind of line in which a header is found."""
    known = AnyImage()
    places = [number for number, line in enumerate(text.lines) if _HEADER.search(line[:2000])][:_MOST_PLACES]
    near: dict[int, str] = {}
    size = 0
    for number in dict.fromkeys(n for place in places for n in range(max(0, place - 1), place + _WINDOW)):
        if size < _LEARNED_FROM and number < len(text.lines):
            near[number] = text.lines[number][: _LEARNED_FROM - size]
            size += len(near[number])
    tried: set[bytes] = set()
    for rule in (learn(near, known, notations) if near else [])[:_MOST_RULES]:
        reading = _of_rule(rule, text, known)
        if reading is not None and reading.data not in tried:
            tried.add(reading.data)
            yield reading


def _of_rule(rule: Rule, text: Text, known: Known) -> TextReading | None:
    """What the lines of a kind show; without labels, which a log of writes has, from the header on."""
    rows = rule.rows(enumerate(text.lines))
    if not rows:
        return None
    reading = finished([(rule, rows)], text, [], known)
    start = _header(reading.data)
    if start is None or (start and not reading.is_of_writes):
        return None
    return reading


def _header(data: bytes) -> int | None:
    """Where the header of an image begins: magic byte, segments, an entry address that its chip has."""
    at = data.find(IMAGE_MAGIC)
    while 0 <= at <= len(data) - _SMALLEST_HEADER:
        if 0 < data[at + 1] <= MAX_SEGMENTS and _is_of_chip(data[at : at + _SMALLEST_HEADER]):
            return at
        at = data.find(IMAGE_MAGIC, at + 1)
    return None


def _is_of_chip(head: bytes) -> bool:
    """Source: ``esp_image_header_t``, esp_app_format.h of ESP-IDF v5.4: entry address at 4, chip at 12."""
    entry, chip_id = int.from_bytes(head[4:8], "little"), int.from_bytes(head[12:14], "little")
    load = int.from_bytes(head[8:12], "little")  # ESP8266: the first segment's load address is here
    for chip in CHIPS:
        if chip.region(entry) is not None and (chip.region(load) is not None if chip.esp8266 else chip.id == chip_id):
            return True
    return False
