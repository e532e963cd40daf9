"""Buffers as Node prints them, for example in a noble script.

Source: Node.js ``buffer`` documentation: ``buffer.INSPECT_MAX_BYTES`` (50) and ``buf.toJSON()``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from forensics.errors import InputError
from forensics.read.reader import Reading
from forensics.read.text.content import ContentBuilder
from forensics.read.text.lines import read_lines

_INSPECTED = re.compile(r"<Buffer((?: [0-9a-f]{2})+)(?: ?\.\.\. (\d{1,9}) more bytes?)?>")
_JSON = re.compile(r'"?type"?:\s*[\'"]Buffer[\'"],\s*"?data"?:\s*\[([\d,\s]*)\]')
_ARRAY_LIMIT = 1 << 22


def sniff(head: bytes) -> bool:
    """A line shows a Node Buffer."""
    return any(True for _found in _buffers(head))


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """All buffers end to end. What Node cut off is marked damaged and said.

    Raises:
        InputError: no line shows a Buffer.
    """
    content = ContentBuilder(name)
    cut = 0
    for shown, missing in _buffers(data):
        content.add(shown)
        if missing:
            cut += 1
            content.add_damaged(b"", min(missing, _ARRAY_LIMIT))
        content.end_write()
    if not len(content):
        raise InputError("holds no Node Buffer", name=name)
    if cut:
        content.note(
            f"Node cut {cut} buffers (it prints 50 bytes; print buffer.toString('hex') to see all): "
            "the bytes it left out are unknown"
        )
    return content.reading()


def _buffers(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Bytes shown and number of bytes left out, of each buffer."""
    for line in _joined(data):
        for match in _INSPECTED.finditer(line):
            yield bytes.fromhex(match[1]), int(match[2] or 0)
        for match in _JSON.finditer(line):
            values = [int(item) for item in match[1].split(",") if item.strip().isdigit()]
            if values and max(values) < 256:
                yield bytes(values), 0


def _joined(data: bytes) -> Iterator[str]:
    """Lines, with a pretty-printed JSON buffer on one line."""
    pending: list[str] = []
    for line in read_lines(data):
        if pending:
            pending.append(line)
            if "]" in line or len(pending) > 1 << 16:
                yield " ".join(pending)
                pending = []
        elif "Buffer" in line and "<Buffer" not in line and "]" not in line:
            pending = [line]
        else:
            yield line
    if pending:
        yield " ".join(pending)
