"""One kind of line: what is before the bytes, the bytes, and what is behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from forensics.read.table.tokens import CARRIED, HEX, PLAIN_HEX, Notation

OPENING = r"""^[\s\[({<"']*"""
"""A line that begins with its bytes, at most in brackets or quotes."""

CLOSING = r"""[\s\])}>;,:"'|\\]*$"""
"""The end of a line behind its bytes: brackets, quotes and separators only."""

_VARIABLE = "([0-9A-Za-z_]+)"
_MOST_VARIABLES = 15
"""Tools put fewer numbers before their bytes, and patterns with more would try for ever."""

_PART = re.compile(r"(\s+)|([0-9A-Za-z_]+)|(.)", re.DOTALL)
_VARIES = re.compile(rf"\w*\d\w*$|{HEX}+$")
_CHAIN = re.compile(r"(?:\(\[0-9A-Za-z_\]\+\))((?:\\?[^\w\s(\\]|\\s\+)(?:\\s\*)?)(?:\(\[0-9A-Za-z_\]\+\)\1){7,}")
_CUT = re.compile(r"""(?:[\s,]*…|[, ]?\.\.\.(?!\.))(?:\D{0,12}?(\d+) (?:more|bytes))?""")
"""How tools say that they shorten a value, and by how many bytes."""


class Problem(StrEnum):
    """What is wrong with the bytes of a line, in words."""

    CUT = "the tool cut the value"
    NOT_UNDERSTOOD = "not understood to its end"
    DIGIT_LOST = "a digit is lost"
    ODD_DIGITS = "an odd number of digits"


class Row(NamedTuple):
    """One line of a kind.

    Attributes:
        line: Its index among the lines of the text.
        data: Its bytes.
        numbers: The variable words before and behind them, as they are written; None where a line has none.
        problem: What is wrong with the bytes, or None.
        missing: How many bytes the tool left out, where it says so.
    """

    line: int
    data: bytes
    numbers: tuple[str | None, ...] = ()
    problem: Problem | None = None
    missing: int | None = None


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
        if hit is None or self.rank:
            cut = _CUT.match(line, found.end(self._group))
            if cut:
                problem, missing = Problem.CUT, int(cut[1]) if cut[1] else None
            elif hit is None:
                if not self.is_marked and (not self.notation.words or found.end() * 2 < len(line)):
                    return None
                problem = Problem.NOT_UNDERSTOOD
        if data is None:
            data = self.notation.bytes_of(found[self._group])
        if data is None and self._hurt is not None:
            data, problem = _mended(found[self._group])
        if not data:
            return None
        groups = (*found.groups(), *(None,) * (self._whole.groups - len(found.groups())))
        return Row(number, data, groups[: self._group - 1] + groups[self._group :], problem, missing)

    def rows(self, lines: Iterable[tuple[int, str]]) -> list[Row]:
        """The rows of those of the numbered ``lines`` that are of this kind."""
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


def _mended(span: str) -> tuple[bytes | None, Problem | None]:
    """Bytes of hex that lost a digit, and what is wrong with it."""
    tokens = re.findall(rf"{HEX}+", span.replace("0x", " ").replace("0X", " "))
    if len(tokens) > 3 and max(map(len, tokens)) < 3:
        return bytes(int(token, 16) for token in tokens), Problem.DIGIT_LOST
    if len(tokens) == 1 and len(tokens[0]) > 8 and len(tokens[0]) % 2:
        return bytes.fromhex(tokens[0][:-1]), Problem.ODD_DIGITS
    return None, None
