"""Lines into messages: finds heads, takes glued lines apart and puts wrapped ones together again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from forensics.parse.logs.cleaning import GLUE
from forensics.parse.logs.passes import PassBuilder
from forensics.parse.logs.patterns import Message, read_message
from forensics.spec.chips import CHIPS
from forensics.spec.log_lines import TAGS

_HEAD = re.compile(
    r"\(\s{0,8}(?:\d{1,10}|[\d: .,-]{8,24}|[.\u2026xX#?]{1,8})\s?\)\s{0,3}"
    r"([A-Za-z_][^\s:()\[\]]{0,40}(?: [^\s:()\[\]]{1,24}){0,2})\s?:\s?"
)
"""Time and tag as ``esp_log.h`` prints them, ``(696102) esp_image:``; the level letter stands before."""

_BRACKET_HEAD = re.compile(
    r"\[([EWIDVC])[A-Z]{0,8}\]\s?\[([\w.\-]{1,40}?)(?:\.cpp|\.c)?(?::\d{1,5})?\]\s?:?\s?(?:\w{1,60}\(\)\s?:\s?)?"
)
"""ESPHome (``[E][esp_image:168]:``) and Arduino (``[E][Updater.cpp:12] end():``)."""

_CUT_HEAD = re.compile(r"[EWIDV]\s?\((?:[\d:. ]{0,16}|[\d:. ]{1,16}\)\s?[\w.]{0,24})$")
"""A head at the end of a line that was wrapped inside it."""

_BARE_TAG = re.compile(r"(?<![\w.])(?:" + "|".join(sorted(TAGS, key=len, reverse=True)) + r"|boot\.esp32\w{0,4})\s?:\s?")
_BARE_LEVEL = re.compile(r"(?:^|\W)[EWIDV]\s{1,2}$")
"""A level in front of a tag, as builds without log times print it (``CONFIG_LOG_TIMESTAMP_SOURCE_NONE``)."""

_LISTENED = frozenset((*TAGS, *(f"boot.{chip.target}" for chip in CHIPS)))
"""Tags whose messages are worth putting together again."""

_PROSE = re.compile(r"[^\W\d_]{2}")
_DECORATION = re.compile(r"(?:(?!0x)[^A-Za-z(])+")

_MOST_PIECES = 8
_LONGEST_JOINED = 500
_MEMORY = 20_000

_HEADLESS = frozenset(("rom", "bluetooth", "libraries", "monitor"))
"""Dialects that print lines without level, time and tag."""


@dataclass(slots=True)
class _Held:
    """The last record of a line, held back until the next line shows that it is whole."""

    text: str
    numbers: list[int]
    level: str | None
    tag: str | None
    message: Message | None
    pieces: int = 1


@dataclass(slots=True)
class RecordReader:
    """Feeds a ``PassBuilder`` with the messages of the lines it is given, in order.

    Args:
        builder: Takes the messages.
        loose: Take lines of the verifier that lost level, time and tag. Off, they count as prose that
        quotes the log.
    """

    builder: PassBuilder
    loose: bool = False
    seen_loose: bool = False
    unread: list[int] = field(default_factory=list)
    _joined: set[int] = field(default_factory=set)
    _held: _Held | None = None
    _memory: dict[str, Message | None] = field(default_factory=dict)
    _next_is_whole: bool = False

    def feed(self, number: int, line: str, following: str = "") -> None:
        """Takes in line ``number`` of the paste; ``following`` is the one after it, when at hand."""
        self._next_is_whole = following[1:3] == " ("
        known = False
        for part in line.split(GLUE) if GLUE in line else (line,):
            cut = _cut_head(part)
            if cut is None:
                known |= self._read(number, part)
                continue
            known |= self._read(number, part[: cut.start()])
            self._release()
            self._held = _Held(cut.group(), [number], None, None, None)
        if not known and line and not line.isspace() and (not self.unread or self.unread[-1] != number):
            self.unread.append(number)

    def finish(self) -> tuple[int, ...]:
        """The numbers of the lines that were not understood, once all lines were fed."""
        self._release()
        joined = self._joined
        return tuple(number for number in self.unread if number not in joined) if joined else tuple(self.unread)

    def _read(self, number: int, line: str) -> bool:
        found = _find_head(line, 0) if "(" in line else None
        if found is None:
            if "][" in line:
                bracket = _BRACKET_HEAD.search(line)
                if bracket is not None:
                    return self._record(number, line[bracket.start() :], line[bracket.end() :], *bracket.groups())
            return self._read_headless(number, line, alone=True)
        known = False
        head, begin, level = found
        if begin and self._held is not None:
            # A number right before a head is the rest of one that was cut; a line number has a blank behind it.
            known = self._read_headless(number, line[:begin], alone=False, abuts=line[begin - 1].isalnum())
        while True:
            end = head.end()
            bracket_at = line.find("(", end)
            found = _find_head(line, bracket_at) if bracket_at >= 0 else None
            if found is None:
                return self._record(number, line[begin:], line[end:], level, head.group(1)) or known
            text, body = line[begin : found[1]], line[end : found[1]]
            known |= self._record(number, text, body, level, head.group(1))
            head, begin, level = found

    def _record(self, number: int, text: str, body: str, level: str | None, tag: str | None) -> bool:
        if self._held is not None:
            self._release()
        message = self._lookup(body)
        if message is None:
            self.builder.pass_by(tag)
            if tag in _LISTENED:
                self._held = _Held(text.rstrip(), [number], level, tag, None)
            return False
        if message.ends and not message.open and not self._next_is_whole:
            self._held = _Held(text.rstrip(), [number], level, tag, message)
        else:
            self.builder.add(message, line=number, level=level, tag=tag)
        return True

    def _read_headless(self, number: int, piece: str, *, alone: bool, abuts: bool = False) -> bool:
        line, piece = piece, piece.strip()
        if not piece:
            return False
        # The rest of a number that was wrapped stands at the left edge; the number of a blank line is padded.
        abuts |= alone and line == piece
        if self._held is not None and self._join(self._held, number, piece, alone=alone, abuts=abuts):
            return number in self._joined
        if not alone:
            return False
        held_incomplete = self._held is not None and self._held.message is None
        if not held_incomplete:
            self._release()
        found = self._lookup_headless(piece)
        if found is not None:
            self._release()
            message, tag = found
            self.builder.add(message, line=number, level=None, tag=tag)
            return True
        return False

    def _join(self, held: _Held, number: int, piece: str, *, alone: bool, abuts: bool) -> bool:
        """Puts ``piece`` behind the held record; true when it belongs there, or will when more follows."""
        plain = piece.lstrip("> \t|\u2502")
        joined = held.text + plain
        if plain.startswith("=") and ">" in piece and held.text.rstrip().endswith(("Required", "rev")):
            # ``Required >= v3.1`` and ``chip rev >= v3.1`` may be wrapped before the sign, which is no quote.
            joined = f"{held.text}>{plain}"
        found = _first_head(joined)
        if found is None or len(joined) > _LONGEST_JOINED:
            if held.message is None and held.pieces < _MOST_PIECES and len(joined) <= _LONGEST_JOINED and alone:
                held.text, held.pieces = joined, held.pieces + 1
                held.numbers.append(number)
            return False
        end, level, tag = found
        message = self._lookup(joined[end:])
        if message is None or not _extends(held.message, message, piece, abuts=abuts):
            wanted = self._lookup_headless(piece) is None if held.message is None else _is_bare_number(piece)
            if not wanted or not alone or held.pieces >= _MOST_PIECES:
                return False
            held.text, held.pieces = joined, held.pieces + 1
            held.numbers.append(number)
            return held.message is not None
        numbers = [*held.numbers, number]
        self._joined.update(numbers)
        self._held = _Held(joined, numbers, level, tag, message, held.pieces + 1)
        return True

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None and held.message is not None:
            self.builder.add(held.message, line=held.numbers[0], level=held.level, tag=held.tag)

    def _lookup(self, body: str) -> Message | None:
        memory = self._memory
        try:
            return memory[body]
        except KeyError:
            if len(memory) >= _MEMORY:
                memory.clear()
            message = read_message(body)
            if len(body) <= _LONGEST_JOINED:
                memory[body] = message
            return message

    def _lookup_headless(self, piece: str) -> tuple[Message, str | None] | None:
        """The message of a line without level and time, and its tag; lines of the verifier only when loose."""
        tag = _BARE_TAG.search(piece)
        if tag is not None:
            message = self._lookup(piece[tag.end() :])
            if message is not None:
                if _BARE_LEVEL.search(piece, max(0, tag.start() - 4), tag.start()):
                    return message, tag.group().rstrip(": ")
                return self._admitted(message, tag.group().rstrip(": "))
        message = self._lookup(piece)
        if message is None:
            decoration = _DECORATION.match(piece)
            message = self._lookup(piece[decoration.end() :]) if decoration else None
        return None if message is None else self._admitted(message, None)

    def _admitted(self, message: Message, tag: str | None) -> tuple[Message, str | None] | None:
        if message.dialect in _HEADLESS:
            return message, tag
        self.seen_loose = True
        return (message, tag) if self.loose else None


def _cut_head(line: str) -> re.Match[str] | None:
    place = line.rfind("(")
    if place < 1 or len(line) - place > 48:
        return None
    before = line[place - 2] if line[place - 1] == " " and place > 1 else line[place - 1]
    return _CUT_HEAD.search(line, place - 2 if place > 1 else 0) if before in "EWIDV" else None


def _find_head(line: str, start: int) -> tuple[re.Match[str], int, str | None] | None:
    """The next head at or behind ``start``: time and tag, where it begins, and its level letter."""
    while True:
        head = _HEAD.search(line, start)
        if head is None:
            return None
        begin = place = head.start()
        while place and begin - place < 3 and line[place - 1].isspace():
            place -= 1
        if place and line[place - 1] in "EWIDV":
            return head, place - 1, line[place - 1]
        # Without a level letter, ``(22380) map: ...`` in somebody's remark looks like a head.
        if head.group(1) in _LISTENED or not _PROSE.search(line, max(0, begin - 80), begin):
            return head, begin, None
        start = head.end()


def _first_head(text: str) -> tuple[int, str | None, str] | None:
    """Where the message behind the first head of either form begins, its level letter and its tag."""
    found = _find_head(text, 0)
    if found is not None:
        head, _, level = found
        return head.end(), level, head.group(1)
    bracket = _BRACKET_HEAD.search(text)
    return None if bracket is None else (bracket.end(), bracket.group(1), bracket.group(2))


def _is_bare_number(piece: str) -> bool:
    return all(character in "0123456789abcdefABCDEF" for character in piece.strip(" \t>|\u2502.:)#-"))


def _extends(before: Message | None, after: Message, piece: str, *, abuts: bool) -> bool:
    """Whether a line belongs to the message before, which was incomplete or only seemed complete."""
    if before is None:
        return True
    if not after.ends or after.open or (_is_bare_number(piece) and not abuts):
        return False
    return after.kind == before.kind and (after.fields != before.fields or after.releases != before.releases)
