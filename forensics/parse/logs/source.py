"""A pasted log in any encoding, cut into numbered lines."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from forensics.parse.logs.cleaning import clean

_PIECE = 1 << 20
"""Characters (bytes, of bytes) handled at a time, so that a log of any size needs little memory."""

_LONGEST_LINE = 4 << 20
"""Characters of one line that are kept together; a longer line is cut at a blank and keeps its number."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LINE_BREAK = re.compile(r"\r+\n?")
_CAST_EVENT = re.compile(r'\[\s*\d[\d.]*,\s*"[a-z]",\s*"')
_CAST_KEYS = ('"width"', '"term"', '"stdout"')
"""Keys of the first line of a recording, one for each version of the format."""

_JSON_STRING = re.compile(r'\\.|("(?:[^"\\]|\\.)*+")|"(?:[^"\\]|\\.)*+')
"""A whole string in its group; an escape outside of strings, and a string that nothing closes, are passed over at once."""

NumberedLines = tuple[Sequence[int], list[str]]
"""Line numbers, one-based, and the lines that they belong to."""


def read_lines(log: str | bytes) -> Iterator[NumberedLines]:
    """The lines of ``log`` with their numbers, some thousands at a time, cleaned of what pasting adds.

    Bytes are UTF-16 or UTF-32 when a byte order mark says so, else UTF-8 with anything invalid replaced;
    NULs are removed, which also makes ASCII of UTF-16 without a mark. CR LF, CR CR LF and a bare CR each end
    a line. A terminal recording of asciinema gives the text that was on the screen, under the numbers of the
    recording's lines.
    """
    pieces = _decode(log) if isinstance(log, (bytes, bytearray, memoryview)) else _slices(log)
    lines = _raw_lines(pieces)
    first = next(lines, None)
    if first is None:
        return
    recorded = _is_cast(first[1])
    if recorded:
        yield from _cast_lines(first, lines)
        return
    yield _cleaned(first)
    for block in lines:
        yield _cleaned(block)


def quote_lines(log: str | bytes, wanted: Collection[int]) -> dict[int, str]:
    """The lines of ``log`` with the numbers ``wanted``, as ``read_lines`` gives them; absent ones are left out."""
    blocks = _raw_lines(_decode(log) if isinstance(log, (bytes, bytearray, memoryview)) else _slices(log))
    first = next(blocks, None)
    if first is None or not wanted:
        return {}
    recorded = _is_cast(first[1])
    last, found = max(wanted), dict[int, str]()
    for numbers, lines in _cast_lines(first, blocks) if recorded else chain((first,), blocks):
        for number in sorted(set(wanted).intersection(numbers)):
            line = lines[numbers.index(number)]
            found[number] = line if recorded else clean(line)
        if numbers and numbers[-1] >= last:
            break
    return found


def _decode(log: bytes | bytearray | memoryview) -> Iterator[str]:
    start = bytes(log[:4])
    mark, encoding = next(((m, e) for m, e in _BYTE_ORDER_MARKS if start.startswith(m)), (b"", "utf-8"))
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for offset in range(len(mark), len(log), _PIECE):
        yield decoder.decode(bytes(log[offset : offset + _PIECE]))
    yield decoder.decode(b"", final=True)


def _slices(log: str) -> Iterator[str]:
    for offset in range(0, len(log), _PIECE):
        yield log[offset : offset + _PIECE]


def _raw_lines(pieces: Iterator[str]) -> Iterator[NumberedLines]:
    number, rest = 1, ""
    for piece in pieces:
        text = rest + piece.replace("\0", "")
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        unfinished = cut == 0
        if unfinished and len(text) < _LONGEST_LINE:
            rest = text
            continue
        if unfinished:
            cut = text.rfind(" ") + 1 or len(text)
        block, rest = text[:cut], text[cut:]
        lines = _split(block)
        yield range(number, number + len(lines)), lines
        number += len(lines) - unfinished
    if rest:
        lines = _split(rest)
        yield range(number, number + len(lines)), lines


def _split(block: str) -> list[str]:
    if "\r" in block:
        block = _LINE_BREAK.sub("\n", block)
    lines = block.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _cleaned(block: NumberedLines) -> NumberedLines:
    numbers, lines = block
    return numbers, clean("\n".join(lines)).split("\n")


def _is_cast(lines: list[str]) -> bool:
    first = next((line.strip() for line in lines if line.strip()), "")
    if _CAST_EVENT.match(first):
        return True
    head = "".join(lines[:8])[:4096]
    return first.startswith("{") and '"version"' in head and any(key in head for key in _CAST_KEYS)


def _cast_lines(first: NumberedLines, rest: Iterator[NumberedLines]) -> Iterator[NumberedLines]:
    carry, last = "", 1
    for numbers, raw in chain((first,), rest):
        found: list[int] = []
        lines: list[str] = []
        for number, line in zip(numbers, raw, strict=True):
            text = carry + _recorded_text(line)
            # A terminal doubles \r before \n, and a recording may be cut between them.
            held = len(text) - len(text.rstrip("\r"))
            *whole, carry = _LINE_BREAK.sub("\n", text[: len(text) - held]).split("\n")
            carry += "\r" * held
            if len(carry) > _LONGEST_LINE:
                whole, carry = [*whole, carry], ""
            lines += whole
            found += [number] * len(whole)
            last = number
        if lines:
            yield _cleaned((found, lines))
    if carry:
        yield _cleaned(([last], [carry.replace("\r", "")]))


def _recorded_text(line: str) -> str:
    line = line.strip().rstrip(",")
    try:
        event = json.loads(line) if line.startswith("[") else None
    except (ValueError, RecursionError):
        event = None
    if isinstance(event, list):
        return event[2] if len(event) > 2 and event[1] == "o" and isinstance(event[2], str) else ""
    # Version 1 of the format, or a line cut short: the longest string is the output.
    longest = max(_JSON_STRING.findall(line), key=len, default='""')
    try:
        text = json.loads(longest)
    except ValueError:
        return ""
    return text if isinstance(text, str) else ""
