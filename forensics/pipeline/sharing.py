"""What of a text may be shared: what is understood of it, without bytes of an image and without who and where.

A list of what is forbidden is never complete, so the rule is the other way round. Lines that the log reader understands
stay. Of other lines words stay, and so do a few numbers between them. With the image that was sent at hand, every line
in which any of our readers finds bytes of it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count

from forensics.parse.logs import parse_log
from forensics.read.table import Known, readings

LEFT_OUT = "[bytes left out by otadiff]"

_MOST_ROUNDS = 16
_MOST_NUMBERS = 3
"""Numbers in a row that an unknown line may have: more are a list of bytes."""

_LONGEST_NUMBER = 6
"""Digits of one number: 999999 of anything is more than people count in a line."""

_HEAD = re.compile(
    r"\s*(?:\[?[\d/.-]{0,10}[ T]?\d\d?:\d\d:\d\d(?:[.,]\d{1,6})?Z?\]?\s{0,3}(?:->)?\s{0,3})?"
    r"(?:[EWIDV] \(\d{1,10}\) [\w.-]{1,40}: ?)?"
)
"""The time of a terminal, and the head of a line of ESP-IDF."""

_PRECIOUS = re.compile(
    r"Backtrace:(?: ?0x[0-9a-fA-F]{8}:0x[0-9a-fA-F]{8})+|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|\[\w+ \d+\]|(?i:sha-?256|hash|digest)[^\w\n]{1,6}[0-9a-fA-F]{64}(?![0-9a-zA-Z])"
)
"""What is kept although it is mostly digits: a backtrace, the UUID of a service, a pseudonym, a digest that is called so."""

_PIECE = re.compile(r"(?:0[xX])?([0-9A-Fa-f]+)[uUhHL]?(?![0-9A-Za-z])|[0-9A-Za-z]+|[^\W\d_]+")
_ESCAPED = re.compile(r"(?:\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{1,3})|(?:[%=][0-9A-F]{2}[^\s%=]?){3}|\bb[\"']).*")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{10,}={0,2}|[A-Za-z0-9+/_-]{20,}|[A-Za-z0-9+/]{5,}={1,2}(?!\w)")
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")
_HEX_WORD = re.compile(r"[0-9A-Fa-f]+")
_WORD = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]?[a-z]{2,}|[A-Z]{3,}|[^\W\d_a-zA-Z]+)(?![A-Z0-9])")
"""A word as people write it, in any language."""

_LEAST_WORDS = 0.3
"""Share of the characters of an unknown line that words have at least; base85 has less."""

_BREAK = re.compile(r"(\r\n|\r|\n)")

_HEX_PAIR = "[0-9A-Fa-f]{2}"
_PERSONAL: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("host", re.compile(r"(?<=://)(?:[^\s/@\"'<>]{0,200}@)?([^\s/?#\"'<>]{1,200})")),
    ("token", re.compile(r"(?<=[?&#])([^\s\"'<>]{8,2000})")),
    ("secret", re.compile(r"(?i)\b(?:pass(?:word|wd|phrase)?|psk|pwd|token|secret|api[_-]?key)\s?[:=]\s?(\S{3,200})")),
    ("secret", re.compile(r"(?i)\bbearer (\S{3,2000})")),
    ("network", re.compile(r"(?i)\bssid\s?[:= ]\s?(\"[^\"\n]{1,64}\"|'[^'\n]{1,64}'|[^\s,]{1,64})")),
    ("network", re.compile(r"wifi: ?connected with (.{1,32}?), (?:aid|channel)")),
    ("address", re.compile(rf"(?<![\w:-])({_HEX_PAIR}([:_-])(?:{_HEX_PAIR}\2){{4}}{_HEX_PAIR})(?![\w:-])")),
    ("user", re.compile(r"(?<![\w.+-])([A-Za-z][\w.+-]{0,63}@[A-Za-z][\w.-]{0,100})")),
    ("host", re.compile(r"(?i)(?<![\w.-])([\w-]{1,63}\.(?:local|lan|home|internal|fritz\.box))\b")),
)
"""Kind of what tells who and where, and the pattern whose first group is it."""

_NAME = r"[^\s/\\\"':,;()<>|]"
_PATH = re.compile(rf"(?<![\w.:/\\])(?:~?(?:/{_NAME}{{1,100}})+(?=/)|(?:[A-Za-z]:|\\)(?:[\\/]{_NAME}{{1,100}})+(?=[\\/]))")
"""The folders of an absolute path."""


class Pseudonyms:
    """Names for what tells who and where, the same for the same thing in all texts of one bundle."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._counts = {kind: count(1) for kind, _pattern in _PERSONAL}

    def put_into(self, text: str) -> str:
        """``text`` without addresses, networks, hosts, users, secrets and folders."""
        text = _PATH.sub("...", text)
        for kind, pattern in _PERSONAL:
            text = pattern.sub(lambda hit, kind=kind: self._replaced(kind, hit), text)  # type: ignore[misc]
        return text

    def _replaced(self, kind: str, hit: re.Match[str]) -> str:
        found = hit[1]
        if found.startswith("[") and found.endswith("]"):
            return hit[0]
        key = kind, found.strip("\"'").lower()
        if key not in self._names:
            self._names[key] = f"[{kind} {next(self._counts[kind])}]"
        whole = hit[0]
        start = hit.start(1) - hit.start()
        before = "" if kind == "host" else whole[:start]
        return before + self._names[key] + whole[start + len(found) :]


def shareable(text: bytes, sent: bytes, keep: Iterable[str], pseudonyms: Pseudonyms | None) -> tuple[str, int]:
    """A log without the bytes that it shows, and in how many lines some were left out.

    Args:
        text: The log as it was given.
        sent: The image that was sent, or nothing.
        keep: Digests, which are no bytes of an image.
        pseudonyms: Names for what tells who and where; None leaves that as it is.
    """
    wide = text.startswith((b"\xff\xfe", b"\xfe\xff"))
    parts = _BREAK.split(text.decode("utf-16" if wide else "utf-8-sig", "replace"))
    lines, breaks = parts[::2], parts[1::2]
    log = parse_log("\n".join(lines))
    unread = {len(lines) - number if log.newest_first else number - 1 for number in log.unread}
    kept = frozenset(keep)
    cut: set[int] = set()
    for number, line in enumerate(lines):
        shown = line if pseudonyms is None else pseudonyms.put_into(line)
        lines[number] = _understood(shown, kept) if number in unread else shown
        if LEFT_OUT in lines[number]:
            cut.add(number)
    for _ in range(_MOST_ROUNDS if sent else 0):
        found = readings("\n".join(lines).encode(), Known(sent))
        shown_in = {value.line - 1 for reading in found[:1] for value in reading.values} - cut
        if not shown_in:
            break
        for number in shown_in:
            head = _HEAD.match(lines[number])
            lines[number] = (head[0] if head else "") + LEFT_OUT
        cut |= shown_in
    return "".join(part for pair in zip(lines, [*breaks, ""], strict=True) for part in pair), len(cut)


def _understood(line: str, keep: frozenset[str]) -> str:
    """An unknown line up to its first bytes: lists and long runs of digits, escapes, base64, and what is no text."""
    head = _HEAD.match(line)
    start = head.end() if head else 0
    masked = _PRECIOUS.sub(lambda hit: "~" * len(hit[0]), line)
    ends = [hit.start() for hit in _NO_TEXT.finditer(masked, start)][3:4]
    ends += [hit.start() for hit in _ESCAPED.finditer(masked, start)][:1]
    ends += [hit.start() for hit in _ENCODED.finditer(masked, start) if hit[0].lower() not in keep and _is_data(hit[0])][:1]
    ends += _lists(masked, start, keep)
    said = masked[start:].replace("~", "").split()
    words = sum(len(word) for word in _WORD.findall("".join(f" {one} " for one in said)))
    if len(said) and words < _LEAST_WORDS * sum(map(len, said)) and max(map(len, said)) > _LONGEST_NUMBER:
        ends.append(start)
    if not ends:
        return line
    return line[:start] + line[start : min(ends)].rstrip(" \"'([{<=:,|") + " " * (min(ends) > start) + LEFT_OUT


def _is_data(token: str) -> bool:
    """More than one digit, or upper and lower case and a digit or a sign among them: no name of anything."""
    digits = sum(map(str.isdigit, token))
    mixed = any(map(str.isupper, token)) and any(map(str.islower, token)) and (digits or token[-1] == "=" or len(token) > 40)
    return bool(mixed) or (digits > 1 and "_" not in token and "-" not in token)


def _lists(line: str, start: int, keep: frozenset[str]) -> list[int]:
    """Where bytes begin: too many numbers in a row, a number that is too long, or numbers and not a word."""
    begin, numbers, first = -1, 0, -1
    for piece in _PIECE.finditer(line, start):
        digits = piece[1]
        if digits is None or (digits.isalpha() and numbers == 0 and len(digits) != 2):
            numbers, begin = 0, -1
            continue
        if digits.lower() in keep:
            continue
        numbers += 1
        begin = piece.start() if begin < 0 else begin
        first = begin if first < 0 else first
        long = len(digits) > _LONGEST_NUMBER or (len(digits) > 3 and not digits.isdecimal() and not digits.isalpha())
        if numbers > _MOST_NUMBERS or long:
            return [begin]
    alone = first >= 0 and not any(not _HEX_WORD.fullmatch(word[0]) for word in _WORD.finditer(line, start))
    return [first] if alone else []
