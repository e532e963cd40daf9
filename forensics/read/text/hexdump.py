"""Dumps with an offset in front of each line: xxd, ``hexdump`` and ``hexdump -C``, od, ImHex.

The programs differ in the base of the offset and in what one word shows; both are found by trying, since the
offset must grow by exactly the bytes of each line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from forensics.errors import InputError
from forensics.read.reader import Reading
from forensics.read.text.content import MAX_CONTENT, ContentBuilder
from forensics.read.text.lines import read_lines

_LINE = re.compile(r"^ *(?:0[xX])?([0-9a-fA-F]{4,16})(:?)[ \t]+(\S.*)$")
_OFFSET_ONLY = re.compile(r"^ *([0-9a-fA-F]{4,16})$")
_ASCII_COLUMN = re.compile(r"\|.*$|  ?>.*<?$")
_TRIAL_LINES = 64
_NEEDED = 0.9

_Decode = Callable[[list[str]], bytes]


@dataclass(frozen=True, slots=True)
class _Line:
    offset: str
    words: list[str]


@dataclass(frozen=True, slots=True)
class _Form:
    """A program's habit: base of the offset, pattern of one word, how words become bytes."""

    base: int
    word: re.Pattern[str]
    decode: _Decode


def _pairs(words: list[str]) -> bytes:
    return bytes.fromhex("".join(words))


def _little_endian(base: int, size: int) -> _Decode:
    return lambda words: b"".join(int(word, base).to_bytes(size, "little") for word in words)


def _signed(words: list[str]) -> bytes:
    return bytes(int(word) & 0xFF for word in words)


_HEX_PAIRS = re.compile(r"[0-9a-fA-F]{2}(?:[0-9a-fA-F]{2})*\Z")
_ONE_PAIR = re.compile(r"[0-9a-fA-F]{2}\Z")
_HEX_16 = re.compile(r"[0-9a-fA-F]{4}\Z")
_HEX_32 = re.compile(r"[0-9a-fA-F]{8}\Z")
_OCTAL_8 = re.compile(r"[0-3][0-7]{2}\Z")
_OCTAL_16 = re.compile(r"[01][0-7]{5}\Z")
_DECIMAL = re.compile(r"-?\d{1,3}\Z")

_COLON_FORMS = (_Form(16, _HEX_PAIRS, _pairs),)
_FORMS = (
    *(_Form(base, _ONE_PAIR, _pairs) for base in (16, 8, 10)),
    *(_Form(base, _HEX_16, _little_endian(16, 2)) for base in (16, 8, 10)),
    *(_Form(base, _HEX_32, _little_endian(16, 4)) for base in (16, 8, 10)),
    *(_Form(base, _OCTAL_16, _little_endian(8, 2)) for base in (8, 16, 10)),
    *(_Form(base, _OCTAL_8, _little_endian(8, 1)) for base in (8, 16, 10)),
    *(_Form(base, _DECIMAL, _signed) for base in (8, 16, 10)),
)


def sniff(head: bytes) -> bool:
    """Most of the first lines are an offset and words, and the offsets grow by the bytes shown."""
    return _find_form(_first_lines(head)) is not None


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The bytes at their offsets; the first offset is where the content begins.

    Lines that lost characters and lines that are missing are damaged evidence. ``*`` repeats a line.

    Raises:
        InputError: no form of dump fits the lines.
    """
    form = _find_form(_first_lines(data))
    if form is None:
        raise InputError("is no dump with offsets that grow by the bytes of each line", name=name)
    content = ContentBuilder(name)
    start: int | None = None
    repeat = False
    last = b""
    for text in read_lines(data):
        if text.strip() == "*":
            repeat = True
            continue
        offset, row, whole = _parse(text, form)
        if offset is None:
            continue
        start = offset if start is None else start
        gap = offset - start - len(content)
        if gap > 0:
            _fill(content, gap, last if repeat else b"")
        repeat = False
        if gap < 0 or not row:
            continue
        if whole:
            content.add(row)
        else:
            content.add_damaged(row, max(len(last), len(row)))
        last = row if whole else last
    return content.reading()


def _fill(content: ContentBuilder, gap: int, last: bytes) -> None:
    if last and gap + len(content) <= MAX_CONTENT:
        content.add((last * (gap // len(last) + 1))[:gap])
    else:
        content.add_damaged(b"", gap)


def _parse(text: str, form: _Form) -> tuple[int | None, bytes, bool]:
    """Offset, bytes, and whether the line is whole."""
    line = _split(text)
    if line is None:
        only = _OFFSET_ONLY.match(text)
        return (_offset(only[1], form.base), b"", True) if only else (None, b"", True)
    offset = _offset(line.offset, form.base)
    good: list[str] = []
    for word in line.words:
        if not form.word.match(word):
            break
        good.append(word)
    try:
        return offset, form.decode(good), len(good) == len(line.words)
    except (ValueError, OverflowError):
        return offset, b"", False


def _split(text: str) -> _Line | None:
    match = _LINE.match(text)
    if match is None:
        return None
    body = match[3]
    if match[2]:
        return _Line(match[1], body.partition("  ")[0].split())
    return _Line(match[1], _ASCII_COLUMN.sub("", body).split())


def _offset(text: str, base: int) -> int | None:
    try:
        return int(text, base)
    except ValueError:
        return None


def _first_lines(data: bytes) -> list[str]:
    found: list[str] = []
    for text in _some_lines(data):
        if _LINE.match(text) or _OFFSET_ONLY.match(text) or text.strip() == "*":
            found.append(text)
        if len(found) == _TRIAL_LINES:
            break
    return found


def _some_lines(data: bytes) -> Iterator[str]:
    for number, text in enumerate(read_lines(data)):
        if number == _TRIAL_LINES * 4:
            return
        yield text


def _find_form(lines: list[str]) -> _Form | None:
    """The first form under which at least nine of ten steps from line to line agree."""
    if not lines:
        return None
    colon = any(match and match[2] for match in map(_LINE.match, lines))
    shown = [text for text in lines if text.strip() != "*"]
    repeated = [place for place, text in enumerate(lines) if text.strip() == "*"]
    stars = {place - count for count, place in enumerate(repeated)}
    for form in _COLON_FORMS if colon else _FORMS:
        if _agrees([_parse(text, form) for text in shown], stars):
            return form
    return None


def _agrees(rows: list[tuple[int | None, bytes, bool]], stars: set[int]) -> bool:
    """Most offsets are that of the line before and its bytes; behind a ``*`` any later one is right."""
    good = steps = 0
    for place, ((offset, row, whole), (following, _row, _whole)) in enumerate(pairwise(rows), 1):
        steps += 1
        if offset is not None and following is not None and whole and row:
            end = offset + len(row)
            good += following > end if place in stars else following == end
    if steps:
        return good >= max(1, steps * _NEEDED)
    return bool(rows and rows[0][0] == 0 and rows[0][1] and rows[0][2])
