"""One kind of line: what is before the bytes, the bytes, and what is behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from forensics.read.table.tokens import CARRIED, HEX, PLAIN_HEX, Notation, hex_span

OPENING = r"""^[\s\[({<"']*"""
"""A line that begins with its bytes, at most in brackets or quotes."""

CLOSING = r"""[\s\])}>;,:"'|\\]*$"""
"""The end of a line behind its bytes: brackets, quotes and separators only."""

_VARIABLE = "((?<![0-9A-Za-z_])[0-9A-Za-z_]++)"
"""A whole word, taken at once: a pattern with many of them cannot share the words out in many ways."""

_MOST_VARIABLES = 15
"""Tools put fewer numbers before their bytes, and patterns with more would try for ever."""

_BLOCK = 64
"""Lines of a dump that are read at once; its first ones are read one by one."""

_PART = re.compile(r"(\s+)|([0-9A-Za-z_]+)|(.)", re.DOTALL)
_VARIES = re.compile(rf"(?=[^\W\d]*+\d)\w++$|{HEX}++$")
_CHAIN = re.compile(rf"(?:{re.escape(_VARIABLE)})((?:\\?[^\w\s(\\]|\\s\+)(?:\\s\*)?)(?:{re.escape(_VARIABLE)}\1){{7,}}")
"""Eight such words or more with the same sign between them."""

_BARE_HEX = re.compile(rf"(?<![0-9A-Za-z_]){HEX}+(?![0-9A-Za-z_])")
_CUT = re.compile(r"""(?:[\s,]*…|[, ]?\.\.\.(?!\.))(?:\D{0,12}?(\d+) (?:more|bytes))?""")
"""How tools say that they shorten a value, and by how many bytes."""


class Problem(StrEnum):
    """What is wrong with the bytes of a line, in words."""

    CUT = "the tool cut the value"
    NOT_UNDERSTOOD = "not understood to its end"
    DIGIT_LOST = "a digit is lost"
    ODD_DIGITS = "an odd number of digits"
    LOST = "the text lost what follows"
    AGAIN = "the addresses begin again: another dump follows in the same text; give each by itself"
    UNCOUNTED = "a * means rows that repeat, and no address says how many; print the dump again with -v"


class Row(NamedTuple):
    """One line of a kind.

    Attributes:
        line: Its index among the lines of the text.
        data: Its bytes.
        numbers: The variable words before and behind them, as they are written; None where a line has none.
        problem: What is wrong with the bytes, or None.
        missing: How many bytes the tool left out, where it says so.
        lines: How many lines it is: rows of a dump that go on without a gap are one.
    """

    line: int
    data: bytes
    numbers: tuple[str | None, ...] = ()
    problem: Problem | None = None
    missing: int | None = None
    lines: int = 1


def template(text: str, *, last: bool) -> str:
    """A pattern for texts like ``text``: words stay, numbers and hex vary.

    Args:
        text: What is before or behind the bytes of a line.
        last: A word follows it.
    """
    out: list[str] = []
    parts = _PART.findall(text)
    for index, (space, word, char) in enumerate(parts):
        if space:
            before = bool(index and parts[index - 1][1])
            after = bool(parts[index + 1][1]) if index + 1 < len(parts) else last
            out.append(r"\s+" if before and after else r"\s*")
        elif word:
            out.append(_VARIABLE if _VARIES.match(word) else re.escape(word))
        else:
            out.append(re.escape(char))
    return _CHAIN.sub(lambda hit: f"[0-9A-Za-z_ {hit[1].replace('s+', 's').replace('s*', 's')}]+", "".join(out))


def too_variable(prefix: str) -> bool:
    """The pattern has more numbers than any tool puts before its bytes."""
    return prefix.count(_VARIABLE) > _MOST_VARIABLES


class Rule:
    """A kind of line.

    Args:
        notation: How its bytes are written.
        prefix: Pattern of what is before them, from the start of the line.
        payload: Pattern of the bytes with their separators.
        suffix: Pattern of what is behind them.
        example: The beginning of such a line, for people.
        rank: How plain the rule for the end of the bytes is; 0 is the plainest.
    """

    def __init__(self, notation: Notation, prefix: str, payload: str, suffix: str, example: str, rank: int = 0) -> None:
        self.notation = notation
        self.prefix = prefix
        self.payload = payload
        self.suffix = suffix
        self.example = example
        self.rank = rank
        self.score = 0
        self.seen = b""
        self._whole = re.compile(f"{prefix}({payload}){suffix}")
        self._start = re.compile(f"{prefix}({payload})")
        self._group = re.compile(prefix).groups + 1
        # A token that lost a digit is still a byte, and a string of an odd number of digits is still a string.
        hurt = self._whole.pattern.replace(notation.token, f"(?:0[xX])?{HEX}+") if notation is PLAIN_HEX else None
        self._hurt = re.compile(hurt) if hurt else None

    @property
    def is_marked(self) -> bool:
        """Something stands before the bytes that other lines do not have."""
        return self.prefix not in ("", r"\s*", r"^\s*", OPENING)

    @property
    def is_dump(self) -> bool:
        """Nothing but one number stands before the bytes, its address, or nothing at all."""
        return self.prefix.count(_VARIABLE) < 2 and not re.search(
            "[g-zG-Z]", self.prefix.replace(_VARIABLE, "").replace(r"\s", "")
        )

    def span(self, line: str) -> str | None:
        """The bytes of ``line`` as they are written; None for a line of another kind."""
        hit = self._whole.match(line)
        return hit[self._group] if hit else None

    def row(self, number: int, line: str) -> Row | None:
        """What ``line`` holds; None for a line of another kind."""
        hit = self._whole.match(line)
        data: bytes | None = None
        problem: Problem | None = None
        missing: int | None = None
        if hit is None and self._hurt is not None:
            hit = self._hurt.match(line)
            data, problem = _mended(hit[self._group]) if hit else (None, None)
            hit = hit if data else None
        found = hit or self._start.match(line)
        if found is None:
            return None
        end = found.end(self._group)
        if hit is None or (self.rank and (line.find("..", end, end + 3) >= 0 or "…" in line)):
            cut = _CUT.match(line, end)
            if cut:
                problem, missing = Problem.CUT, int(cut[1]) if cut[1] else None
            elif hit is None:
                if not self.is_marked and (not self.notation.words or found.end() * 2 < len(line)):
                    return None
                problem = Problem.NOT_UNDERSTOOD
        if data is None:
            span = found[self._group]
            data = self.notation.whole(span) if self.notation.whole is not None else None
            if data is None and self._hurt is not None and _has_odd_token(span):
                data, problem = _mended(span)
            data = data or self.notation.bytes_of(span)
        if not data:
            return None
        groups = found.groups()
        if len(groups) < self._whole.groups:
            groups += (None,) * (self._whole.groups - len(groups))
        return Row(number, data, groups[: self._group - 1] + groups[self._group :], problem, missing)

    def rows(self, lines: Iterable[tuple[int, str]]) -> list[Row]:
        """The rows of those of the numbered ``lines`` that are of this kind."""
        if self.notation is PLAIN_HEX and self.is_dump and self._group == 2:
            return list(self._rows_of_dump(list(lines)))
        if self.notation is not CARRIED:
            return [row for number, line in lines if (row := self.row(number, line)) is not None]
        rows: list[Row] = []
        carried = ""
        for number, line in lines:
            digits = self.span(line)
            if digits is None:
                continue
            digits = carried + digits
            keep = 0 if digits.endswith("=") else len(digits) % 4
            carried, digits = digits[len(digits) - keep :], digits[: len(digits) - keep]
            data = CARRIED.decode(digits)
            if data:
                rows.append(Row(number, data))
        if carried and rows:
            rows.append(Row(rows[-1].line, CARRIED.decode(carried) or b""))
        return rows

    def _rows_of_dump(self, lines: list[tuple[int, str]]) -> Iterator[Row]:
        """The same for a dump, whose lines are mostly alike: many of them are read at once."""
        for at in range(0, len(lines), _BLOCK):
            block = self._block(lines[at : at + _BLOCK - 1]) if at else None
            if block is not None:
                yield block
            for number, line in lines[at + (_BLOCK - 1 if block else 0) : at + _BLOCK]:  # a * repeats the last line alone
                row = self.row(number, line)
                if row is not None:
                    yield row

    def _block(self, lines: list[tuple[int, str]]) -> Row | None:
        """Lines that differ in nothing but their bytes and an address that grows by them, as one row; None for others."""
        number, first = lines[0]
        hit = self._whole.match(first)
        if hit is None or lines[-1][0] - number != len(lines) - 1:
            return None
        (start, end), (begin, stop) = hit.span(1), hit.span(self._group)
        behind = stop + 1 if self.suffix.endswith(".*$") else None
        if len({(len(line), line[:start], line[end:begin], line[stop:behind]) for _, line in lines}) > 1:
            return None
        data = hex_span("".join([line[begin:stop] for _, line in lines]))
        if data is None or len(data) % len(lines):
            return None
        step = len(data) // len(lines)
        for base in (16, 10, 8):
            try:
                places = [int(line[start:end], base) for _, line in lines]
            except ValueError:
                continue
            if places == list(range(places[0], places[0] + len(data), step)):
                return Row(number, data, (first[start:end],), lines=len(lines))
        return None


def _has_odd_token(span: str) -> bool:
    """Hex in pairs, one of which lost a digit: the pairs alone would be one byte short."""
    return any(len(token) % 2 for token in _BARE_HEX.findall(span))


def _mended(span: str) -> tuple[bytes | None, Problem | None]:
    """Bytes of hex that lost a digit, and what is wrong with it."""
    tokens = re.findall(rf"{HEX}+", span.replace("0x", " ").replace("0X", " "))
    if len(tokens) > 3 and max(map(len, tokens)) < 3:
        return bytes(int(token, 16) for token in tokens), Problem.DIGIT_LOST
    if len(tokens) == 1 and len(tokens[0]) > 8 and len(tokens[0]) % 2:
        return bytes.fromhex(tokens[0][:-1]), Problem.ODD_DIGITS
    return None, None
