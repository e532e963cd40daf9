"""``ESP_LOG_BUFFER_HEX`` and ``ESP_LOG_BUFFER_HEXDUMP`` lines of a device log.

Source: ESP-IDF v5.4, ``components/log/src/buffer/log_buffers.c`` (``esp_log_buffer_hex_internal``,
``esp_log_buffer_hexdump_internal``): 16 bytes a line, the last line of each buffer shorter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from forensics.errors import InputError
from forensics.read.reader import Reading
from forensics.read.text.content import ContentBuilder
from forensics.read.text.lines import parse_log_line, read_lines

ROW_SIZE = 16
_ADDRESS = re.compile(r"^0x([0-9a-f]{8}) {1,4}(.*)$")
_PAIR = re.compile(r"^[0-9a-f]{2}$")
_ENOUGH_BYTES = 32


@dataclass(frozen=True, slots=True)
class _Row:
    """One line: the buffer's RAM address (None for the form without one), its bytes, and if it is whole."""

    address: int | None
    content: bytes
    whole: bool


def sniff(head: bytes) -> bool:
    """Some lines are rows of hex under one log tag: enough that they are no words or addresses."""
    sizes: Counter[str] = Counter()
    for tag, row in _rows(head):
        if row.whole:
            sizes[tag] += len(row.content)
            if sizes[tag] >= _ENOUGH_BYTES:
                return True
    return False


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The rows of the tag that shows the most bytes, in the order of the log.

    A row that lost characters is kept at its length and marked damaged.

    Raises:
        InputError: no line shows bytes.
    """
    tags: dict[str, list[_Row]] = {}
    for tag, row in _rows(data):
        tags.setdefault(tag, []).append(row)
    if not tags:
        raise InputError("holds no line of ESP_LOG_BUFFER_HEX or ESP_LOG_BUFFER_HEXDUMP", name=name)
    sizes = {tag: sum(len(row.content) for row in rows) for tag, rows in tags.items()}
    chosen = max(sizes, key=lambda tag: sizes[tag])
    content = ContentBuilder(name)
    others = ", ".join(f"{tag} ({size} bytes)" for tag, size in sizes.items() if tag != chosen)
    if others:
        content.note(f"took the rows under tag {chosen}; rows under other tags were left out: {others}")
    _join(tags[chosen], content)
    return content.reading()


def _rows(data: bytes) -> Iterator[tuple[str, _Row]]:
    for line in read_lines(data):
        log_line = parse_log_line(line)
        if log_line is None or not log_line.message:
            continue
        row = _parse_row(log_line.message)
        if row is not None:
            yield log_line.tag, row


def _parse_row(message: str) -> _Row | None:
    match = _ADDRESS.match(message)
    address = int(match[1], 16) if match else None
    pairs = (match[2].partition("|")[0] if match else message).split()
    content = bytearray()
    broken = False
    for pair in pairs:
        if _PAIR.match(pair):
            content += bytes.fromhex(pair)
        else:
            broken = True
    if not content or len(content) > ROW_SIZE:
        return None
    if broken and len(content) * 4 < len(pairs) * 3:
        return None
    if not broken and match is None and message != " ".join(pairs):
        return None
    return _Row(address, bytes(content), not broken)


def _join(rows: list[_Row], content: ContentBuilder) -> None:
    tail_index, tail_size = _chunk_shape(rows)
    index = 0
    for position, row in enumerate(rows):
        following = rows[position + 1] if position + 1 < len(rows) else None
        if row.whole:
            content.add(row.content)
        else:
            expected = tail_size if index == tail_index and len(row.content) <= tail_size else ROW_SIZE
            content.add_damaged(row.content, max(expected, len(row.content)))
        index = 0 if row.whole and len(row.content) < ROW_SIZE else index + 1
        if tail_index is not None and index > tail_index:
            index = 0
        if row.address is not None and following is not None and following.address is not None:
            lost = following.address - row.address - ROW_SIZE
            if 0 < lost <= 0x1000 and lost % ROW_SIZE == 0:
                content.add_damaged(b"", lost)


def _chunk_shape(rows: list[_Row]) -> tuple[int | None, int]:
    """Index of the short row in each buffer, and its size, as most buffers of the log have it."""
    shapes: Counter[tuple[int, int]] = Counter()
    index = 0
    for row in rows:
        if row.whole and len(row.content) < ROW_SIZE:
            shapes[index, len(row.content)] += 1
            index = 0
        else:
            index += 1
    if not shapes:
        return None, ROW_SIZE
    return shapes.most_common(1)[0][0]
