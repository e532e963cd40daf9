"""Logs of the nRF Connect apps: values as ``(0x) 01-02-03``.

The app logs a write several times in different words, and older versions show stale bytes for a write without
response (Nordic ``Android-BLE-Library`` pull request 440), so that such a log is a hint and no proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from forensics.errors import InputError
from forensics.read.reader import Reading
from forensics.read.text.content import ContentBuilder
from forensics.read.text.lines import read_lines

_VALUE = re.compile(r"\(0x\)[ :]*((?:[0-9A-Fa-f]{2}-)*[0-9A-Fa-f]{2})(?![0-9A-Fa-f])")
_TIME = re.compile(r"^[A-Z]?\s*\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\s*")
_ENOUGH_BYTES = 16
_WRITES = ("writ", "sent")
_NOTE = (
    "nRF Connect logs what the app meant to write, and older versions show stale bytes for writes without "
    "response: a hint, not a proof"
)


def sniff(head: bytes) -> bool:
    """Lines show values in the app's form, and more bytes than a chat about one would."""
    size = 0
    for _shape, value in _values(head):
        size += len(value)
        if size >= _ENOUGH_BYTES:
            return True
    return False


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The values of the kind of line that shows the most bytes; lines that speak of writing come first.

    Raises:
        InputError: no line shows a value.
    """
    kinds: dict[str, list[bytes]] = {}
    for shape, value in _values(data):
        kinds.setdefault(shape, []).append(value)
    if not kinds:
        raise InputError("holds no value in the form of nRF Connect", name=name)
    written = {shape for shape in kinds if any(word in shape.lower() for word in _WRITES)}
    chosen = max(written or kinds, key=lambda shape: sum(len(value) for value in kinds[shape]))
    content = ContentBuilder(name)
    content.note(_NOTE)
    content.note(f'took the {len(kinds[chosen])} values of lines like "{chosen.strip()[:80]}"')
    for value in kinds[chosen]:
        content.add(value)
        content.end_write()
    return content.reading()


def _values(data: bytes) -> Iterator[tuple[str, bytes]]:
    """For each value: the line around it without its time, and its bytes."""
    for line in read_lines(data):
        match = _VALUE.search(line)
        if match:
            around = _TIME.sub("", line[: match.start()]) + line[match.end() :]
            yield around, bytes.fromhex(match[1].replace("-", ""))
