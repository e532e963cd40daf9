"""A device's own log of one line a write: an index, a length and the bytes in hex, in words of its author.

Lines are grouped by the words around the hex; in the group that shows the most bytes, numbers that equal the
bytes shown are lengths, and a number that grows by one each line is the index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from forensics.errors import InputError
from forensics.read.reader import Reading
from forensics.read.text.content import ContentBuilder
from forensics.read.text.lines import parse_log_line, read_lines

_HEX_FROM_THE_END = re.compile(r"\W{0,8}(?:[0-9a-fA-F]{2}(?:[xX]0)?[ :,-]{0,2}){4,}[0-9a-fA-F]?")
_BROKEN = re.compile(r"(?:[0-9a-fA-F]{2}[ :-]?){3,}")
_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,16}|\d{1,18}")
_SEPARATORS = re.compile(r"0x|[ :,\-\W]")
_RECEIVED = re.compile(r"\b(?:RX|recv|received|write|wrote|onWrite|got)\b", re.IGNORECASE)
_MOSTLY = 0.7
_ENOUGH_BYTES = 64
_MAX_LENGTH = 0x10000
_MAX_LINE = 0x4000


@dataclass(frozen=True, slots=True)
class _Write:
    """One line: the numbers in front of the hex, the bytes, and if the digits came in pairs."""

    numbers: tuple[int, ...]
    content: bytes
    whole: bool


def sniff(head: bytes) -> bool:
    """Some lines of the same words end in hex, and say its length or speak of writing."""
    return any(
        sum(len(write.content) for write in writes if write.whole) >= _ENOUGH_BYTES
        and (_length_field(writes) is not None or _RECEIVED.search(shape) is not None)
        for shape, writes in _kinds(head).items()
    )


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The writes of the kind of line that shows the most bytes.

    A line that shows fewer bytes than it says, and an index that is not in the log, are damaged evidence: the
    device counted the write, so it arrived.

    Raises:
        InputError: no line ends in hex.
    """
    kinds = _kinds(data)
    if not kinds:
        raise InputError("holds no line that ends in hex bytes", name=name)
    received = {shape for shape in kinds if _RECEIVED.search(shape)}
    chosen = max(received or kinds, key=lambda shape: sum(len(write.content) for write in kinds[shape]))
    content = ContentBuilder(name)
    if len(kinds) > 1:
        content.note(f'took lines like "{chosen.strip()[:80]}"; {len(kinds) - 1} other kinds of line were left out')
    _join(kinds[chosen], content)
    return content.reading()


def _kinds(data: bytes) -> dict[str, list[_Write]]:
    kinds: dict[str, list[_Write]] = {}
    for line in _messages(data):
        start = _hex_start(line)
        if start is None:
            continue
        before = line[:start]
        shape = _NUMBER.sub("#", before)
        digits = _SEPARATORS.sub("", line[start:])
        clean = re.match(r"[0-9a-fA-F]*", digits)
        shown = clean[0] if clean else ""
        write = _Write(
            tuple(int(number, 0 if number[:2] == "0x" else 10) for number in _NUMBER.findall(before)),
            bytes.fromhex(shown[: len(shown) & ~1]),
            len(shown) == len(digits) and len(digits) % 2 == 0,
        )
        if shape.strip(" #:") or len(write.numbers) > 1:
            kinds.setdefault(shape, []).append(write)
    return kinds


def _hex_start(line: str) -> int | None:
    """Where the hex at the end of a line begins, or the broken hex of a line that lost characters."""
    match = _HEX_FROM_THE_END.match(line[::-1])
    if match is None:
        broken = None if "|" in line or len(line) > _MAX_LINE else _BROKEN.search(line)
        return broken.start() if broken else None
    start = len(line) - match.end()
    words = line[start:].split(" ")
    paired = sum(len(word) == 2 for word in words) * 2 > len(words)
    inside_a_word = start > 0 and line[start - 1].isalnum()
    for word in words:
        if not inside_a_word and (len(word) == 2 or not paired or not word):
            break
        start += len(word) + 1
        inside_a_word = False
    return start if start < len(line) else None


def _messages(data: bytes) -> Iterator[str]:
    for line in read_lines(data):
        log_line = parse_log_line(line)
        yield f"{log_line.tag}: {log_line.message}" if log_line else line


def _length_field(writes: list[_Write]) -> int | None:
    """Which of the numbers says how many bytes follow, or None."""
    votes: Counter[int] = Counter()
    for write in writes:
        votes.update(place for place, number in enumerate(write.numbers) if number == len(write.content))
    return next((place for place, count in votes.most_common() if count >= max(2, len(writes) * _MOSTLY)), None)


def _index_field(writes: list[_Write], length: int | None) -> int | None:
    """Which of the numbers grows by one from line to line, or None."""
    votes: Counter[int] = Counter()
    for write, following in pairwise(writes):
        pairs = zip(write.numbers, following.numbers, strict=False)
        votes.update(place for place, (one, other) in enumerate(pairs) if other == one + 1 and place != length)
    return next((place for place, count in votes.most_common() if count >= max(2, (len(writes) - 1) * _MOSTLY)), None)


def _join(writes: list[_Write], content: ContentBuilder) -> None:
    length = _length_field(writes)
    index = _index_field(writes, length)
    usual = Counter(len(write.content) for write in writes).most_common(1)[0][0]
    before: int | None = None
    for write in writes:
        number = write.numbers[index] if index is not None and index < len(write.numbers) else None
        if number is not None and before is not None and 1 < number - before <= _MAX_LENGTH:
            content.note(f"lines {before + 1} to {number - 1} of the device's count are not in the log")
            for _lost in range(number - before - 1):
                content.add_damaged(b"", usual)
                content.end_write()
        before = number if number is not None else before
        said = write.numbers[length] if length is not None and length < len(write.numbers) else len(write.content)
        if write.whole and said == len(write.content):
            content.add(write.content)
        else:
            content.add_damaged(write.content, said if 0 < said <= _MAX_LENGTH else len(write.content))
        content.end_write()
