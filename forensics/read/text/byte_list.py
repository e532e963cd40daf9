r"""Lists of byte values: ``[233, 5]``, ``[-23, 5]`` of the JVM, ``0xE9, 0x05``, ``\xe9\x05``, ``E9 05``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forensics.errors import InputError
from forensics.read.reader import Reading
from forensics.read.text.content import ContentBuilder
from forensics.read.text.lines import read_lines

_PREFIXED = re.compile(r"(?:0[xX][0-9a-fA-F]{1,2}[,;\s]{0,8}){2,}")
_ESCAPED = re.compile(r"(?:\\x[0-9a-fA-F]{2}){2,}")
_DECIMAL = re.compile(r"(?<![\w.-])-?\d{1,3}(?:\s*[,;]\s*-?\d{1,3}){3,}(?![\w.])")
_SPACED = re.compile(r"(?<![\w])[0-9a-fA-F]{2}(?:[ :,-][0-9a-fA-F]{2}){3,}(?![\w])")
_TAILS = {
    _PREFIXED: re.compile(r"(?:0[xX][0-9a-fA-F]{1,2}[,;\s]{0,8})+[\]}); ]*"),
    _ESCAPED: re.compile(r"(?:\\x[0-9a-fA-F]{2})+\W*"),
    _DECIMAL: re.compile(r"(?:[^\[{(]*[\[{(])?\s*-?\d{1,3}(?:\s*[,;]\s*-?\d{1,3})*[\]});, ]*"),
    _SPACED: re.compile(r"[0-9a-fA-F]{2}(?:[ :,-][0-9a-fA-F]{2})*"),
}
"""What the last line of a list looks like: too short to be taken for a list by itself."""
_FORMS = (_ESCAPED, _PREFIXED, _DECIMAL, _SPACED)
_HEX_BYTE = re.compile(r"(?:0[xX]|\\x)?([0-9a-fA-F]{1,2})(?![0-9a-fA-F])")
_WITHOUT_SEPARATORS = str.maketrans("", "", ",; \t\r\n\f\v]})")
_INTEGER = re.compile(r"-?\d{1,3}")
_SHARE = 0.6
_MIN_BYTES = 8


def sniff(head: bytes) -> bool:
    """Most of the text is lists of bytes."""
    characters = sum(len(text) for text in _lines(head))
    listed = count = 0
    for values, width in _lists(head):
        listed += width
        count += len(values)
    return count >= _MIN_BYTES and listed >= characters * _SHARE


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """All lists end to end.

    Raises:
        InputError: no list of bytes is there.
    """
    content = ContentBuilder(name)
    signed = False
    for values, _width in _lists(data):
        signed = signed or min(values) < 0
        content.add(bytes(value & 0xFF for value in values))
    if not len(content):
        raise InputError("holds no list of byte values", name=name)
    if signed:
        content.note("the values are signed bytes, as the JVM prints them")
    return content.reading()


def _lines(data: bytes) -> Iterator[str]:
    for text in read_lines(data):
        stripped = text.strip()
        if stripped:
            yield stripped


def _lists(data: bytes) -> Iterator[tuple[list[int], int]]:
    """Values and width in characters of each list; a list may go on over line ends."""
    form: re.Pattern[str] | None = None
    for text in _lines(data):
        found = _lists_of_line(text, form)
        if found is None:
            continue
        form, matches = found
        for match in matches:
            values = _values(match, form)
            if values:
                yield values, len(match)


def _lists_of_line(text: str, before: re.Pattern[str] | None) -> tuple[re.Pattern[str], list[str]] | None:
    """The form that fits one line, and its lists; ``before`` is the form of the line before."""
    for form in _FORMS if before is None else (before, *_FORMS):
        matches = [match[0] for match in form.finditer(text)]
        if matches:
            return form, matches
    if before is not None and _TAILS[before].fullmatch(text):
        return before, [text]
    return None


def _values(text: str, form: re.Pattern[str]) -> list[int]:
    if form is _DECIMAL:
        values = list(map(int, _INTEGER.findall(text)))
        return values if values and min(values) >= -128 and max(values) <= 255 else []
    if form is _PREFIXED:
        digits = text.lower().translate(_WITHOUT_SEPARATORS).split("0x")
        return [int(item, 16) for item in digits if item]
    return [int(item, 16) for item in _HEX_BYTE.findall(text)]
