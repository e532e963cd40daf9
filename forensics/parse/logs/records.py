"""Lines into messages: finds heads, takes glued lines apart and puts wrapped ones together again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from forensics.parse.logs.cleaning import GLUE
from forensics.parse.logs.heads import BRACKET_HEAD, LISTENED, cut_head, find_head, first_head, whole_lines
from forensics.parse.logs.passes import PassBuilder
from forensics.parse.logs.patterns import Message, Words, is_hopeless, read_message, shape_of, words_in

_BARE_TAG = re.compile(r"(?<![\w.])([A-Za-z]\w{0,40}(?:\.esp32\w{0,4})?)\s?:\s?")
_BARE_LEVEL = re.compile(r"(?:^|\W)[EWIDV]\s{1,2}$")
"""A level in front of a tag, as builds without log times print it (``CONFIG_LOG_TIMESTAMP_SOURCE_NONE``)."""

_UPDATE_WORDS = ("ota", "firmware", "upgrad", "transfer: ", "sent ")
"""Words by which a line in unknown words speaks of an update; the first stands for itself, as in ``esp_ota_begin``."""
_IDLE_WORDS = ("advertis", "ready", "initiali", "waiting", "idle", "version", "partition")
"""Words of a line that names an update and says that none is under way."""

_NEAR_HINT = 120
_MOST_HINTS = 50
_MOST_LINES_FOR_HINTS = 50_000
"""A longer log that never speaks of an update before is not about one."""

_STAMP = re.compile(r"\[?\d\d:\d\d:\d\d[.,]\d{1,6}\]?\s{0,3}(?:->)?\s{0,3}")
"""A time that a terminal put before each piece of a line that it wrapped."""

_DECORATION = re.compile(r"(?:(?!0x)[^A-Za-z(])+")

_MOST_PIECES = 8
_LONGEST_JOINED = 500
_MEMORY = 20_000
_UNKNOWN = object()
_MANY_MISSED = 2_000
"""Unknown messages of a block after which it pays to ask which words occur in it at all."""

_HEADLESS = frozenset(("rom", "bluetooth", "libraries", "sender", "tap", "monitor"))
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
    hints: list[int] = field(default_factory=list)
    spoke: bool = False
    _joined: set[int] = field(default_factory=set)
    _held: _Held | None = None
    _memory: dict[str, Message | object | None] = field(default_factory=dict)
    _hopeless: set[str] = field(default_factory=set)
    """Messages without their digits that no template fits, whatever the digits."""
    _single: dict[str, Message | None] = field(default_factory=dict)
    """Messages in which no other head begins or is cut, with what they say."""
    _next_is_whole: bool = False
    _block: str = ""
    _words: Words | None = None
    """The words that occur in the block at all, once many of its messages were unknown."""
    _missed: int = 0

    def feed_block(self, numbers: Sequence[int], lines: list[str]) -> None:
        """Takes in some thousand lines; the usual ones, which hold one message each, without looking at them twice."""
        single, add = self._single, self.builder.add
        text = "\n".join(lines)
        self._block, self._words, self._missed = text, None, 0
        self._note_hints(numbers, text)
        parts = whole_lines(text)
        parts.append(("", "", ""))
        for place, number in enumerate(numbers):
            level, tag, body = parts[place]
            known = level and body in single
            if not known and self._hopeless and self._held is None and self._is_hopeless(body if level else lines[place]):
                self._pass(number, level, tag, body)
                continue
            if not (known or (level and self._is_single(body))):
                line = lines[place]
                if self._held is None and line and "(" not in line and "][" not in line and GLUE not in line:
                    if not self._read_headless(number, line, alone=True) and not line.isspace():
                        self._leave(number)
                    continue
                self.feed(number, line, lines[place + 1] if place + 1 < len(lines) else "")
                continue
            if self._held is not None:
                self._release()
            message = single[body]
            if message is not None and (parts[place + 1][0] or not (message.cut or message.ends) or message.open):
                add(message, number, level, tag)
                continue
            self._next_is_whole = False
            if not self._record(number, lines[place], body, level, tag):
                self._leave(number)

    def _is_hopeless(self, text: str) -> bool:
        """A message that differs by its digits alone from one that no template fits, whatever they are."""
        return "(" not in text and ":" not in text and shape_of(text) in self._hopeless

    def _pass(self, number: int, level: str, tag: str, body: str) -> None:
        """Leaves a line unread."""
        if level:
            self.builder.pass_by(tag)
            self.spoke = True
            if level == "E":
                self.builder.complain(number, tag, body)
        self._leave(number)

    def _is_single(self, body: str) -> bool:
        """Whether nothing but a message is in ``body``; what it says is then known."""
        if body in self._single:
            return True
        if "(" in body and (find_head(body, 0) is not None or cut_head(body) is not None):
            return False
        if len(self._single) >= _MEMORY:
            self._single.clear()
        self._single[body] = self._lookup(body, self._words)
        return True

    def feed(self, number: int, line: str, following: str = "") -> None:
        """Takes in line ``number`` of the paste; ``following`` is the one after it, when at hand."""
        self._next_is_whole = following[1:3] == " ("
        known = False
        for part in line.split(GLUE) if GLUE in line else (line,):
            cut = cut_head(part)
            if cut is None:
                known |= self._read(number, part)
                continue
            known |= self._read(number, part[: cut.start()])
            self._release()
            self._held = _Held(cut.group(), [number], None, None, None)
        if not known and line and not line.isspace():
            self._leave(number)

    def _note_hints(self, numbers: Sequence[int], text: str) -> None:
        """Takes note of the first lines that speak of an update."""
        if len(self.hints) >= _MOST_HINTS or (numbers and numbers[0] > _MOST_LINES_FOR_HINTS):
            return
        lowered = text.lower() if text.isascii() else "".join(one.lower() if one.isascii() else one for one in text)
        for word in _UPDATE_WORDS:
            place = lowered.find(word)
            for _ in range(_MOST_HINTS):
                if place < 0:
                    break
                around = lowered[max(0, place - 1) : place] + lowered[place + len(word) : place + len(word) + 1]
                line = lowered[lowered.rfind("\n", 0, place) + 1 : place + _NEAR_HINT].partition("\n")[0]
                idle = any(one in line for one in _IDLE_WORDS)
                if not idle and (word != "ota" or not any("a" <= one <= "z" for one in around)):
                    self.hints.append(numbers[text.count("\n", 0, place)])
                place = lowered.find(word, place + 1)

    def _leave(self, number: int) -> None:
        if not self.unread or self.unread[-1] != number:
            self.unread.append(number)

    def finish(self) -> tuple[int, ...]:
        """The numbers of the lines that were not understood, once all lines were fed."""
        self._release()
        joined = self._joined
        return tuple(number for number in self.unread if number not in joined) if joined else tuple(self.unread)

    def _read(self, number: int, line: str) -> bool:
        found = find_head(line, 0) if "(" in line else None
        if found is None:
            if "][" in line:
                bracket = BRACKET_HEAD.search(line)
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
            found = find_head(line, bracket_at) if bracket_at >= 0 else None
            if found is None:
                return self._record(number, line[begin:], line[end:], level, head.group(1)) or known
            text, body = line[begin : found[1]], line[end : found[1]]
            known |= self._record(number, text, body, level, head.group(1))
            head, begin, level = found

    def _record(self, number: int, text: str, body: str, level: str | None, tag: str | None) -> bool:
        if self._held is not None:
            self._release()
        message = self._lookup(body, self._words)
        if message is None:
            self.builder.pass_by(tag)
            self.spoke |= tag is not None
            if level == "E" and tag is not None:
                self.builder.complain(number, tag, body)
            if tag in LISTENED:
                self._held = _Held(text.rstrip(), [number], level, tag, None)
            return False
        if (message.cut or (message.ends and not message.open)) and not self._next_is_whole:
            self._held = _Held(text.rstrip(), [number], level, tag, message)
        else:
            self.builder.add(message, number, level, tag)
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
            self.builder.add(message, number, None, tag)
            return True
        return False

    def _join(self, held: _Held, number: int, piece: str, *, alone: bool, abuts: bool) -> bool:
        """Puts ``piece`` behind the held record; true when it belongs there, or will when more follows."""
        plain = _STAMP.sub("", piece.lstrip("> \t|\u2502"))
        joined = held.text + plain
        if plain.startswith("=") and ">" in piece and held.text.rstrip().endswith(("Required", "rev")):
            # ``Required >= v3.1`` and ``chip rev >= v3.1`` may be wrapped before the sign, which is no quote.
            joined = f"{held.text}>{plain}"
        found = first_head(joined)
        if found is None or len(joined) > _LONGEST_JOINED:
            if held.message is None and held.pieces < _MOST_PIECES and len(joined) <= _LONGEST_JOINED and alone:
                held.text, held.pieces = joined, held.pieces + 1
                held.numbers.append(number)
            return False
        end, level, tag = found
        message = self._lookup(joined[end:], None)  # a word may begin on one line and end on the next
        if message is None or not _extends(held.message, message, piece, abuts=abuts):
            partial = held.message is None or held.message.cut
            wanted = self._lookup_headless(piece) is None if partial else _is_bare_number(piece)
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
            self.builder.add(held.message, held.numbers[0], held.level, held.tag)

    def _lookup(self, body: str, words: Words | None) -> Message | None:
        message = self._memory.get(body, _UNKNOWN)
        if message is not _UNKNOWN:
            return cast("Message | None", message)
        if self._hopeless and shape_of(body) in self._hopeless:
            return None
        if len(self._memory) >= _MEMORY:
            self._memory.clear()
        found = read_message(body, words)
        if found is None:
            self._missed += 1
            if self._missed == _MANY_MISSED:
                self._words = words_in(self._block)
            if len(self._hopeless) < _MEMORY and is_hopeless(body):
                self._hopeless.add(shape_of(body))
        if len(body) <= _LONGEST_JOINED:
            self._memory[body] = found
        return found

    def _lookup_headless(self, piece: str) -> tuple[Message, str | None] | None:
        """The message of a line without level and time, and its tag; lines of the verifier only when loose."""
        tag = _bare_tag(piece) if ":" in piece else None
        if tag is not None:
            message = self._lookup(piece[tag.end() :], self._words)
            if message is not None:
                if _BARE_LEVEL.search(piece, max(0, tag.start() - 4), tag.start()):
                    return message, tag.group(1)
                return self._admitted(message, tag.group(1))
        message = self._lookup(piece, self._words)
        if message is None:
            decoration = _DECORATION.match(piece)
            message = self._lookup(piece[decoration.end() :], self._words) if decoration else None
        return None if message is None else self._admitted(message, None)

    def _admitted(self, message: Message, tag: str | None) -> tuple[Message, str | None] | None:
        if message.dialect in _HEADLESS:
            return message, tag
        self.seen_loose = True
        return (message, tag) if self.loose else None


def _bare_tag(piece: str) -> re.Match[str] | None:
    """The first tag of ESP-IDF in a line that lost its head."""
    return next((found for found in _BARE_TAG.finditer(piece) if found.group(1) in LISTENED), None)


def _is_bare_number(piece: str) -> bool:
    return all(character in "0123456789abcdefABCDEF" for character in piece.strip(" \t>|\u2502.:)#-"))


def _extends(before: Message | None, after: Message, piece: str, *, abuts: bool) -> bool:
    """Whether a line belongs to the message before, which was incomplete or only seemed complete."""
    if before is None or (before.cut and not after.cut):
        return True
    if not after.ends or after.open or (_is_bare_number(piece) and not abuts):
        return False
    return after.kind == before.kind and (after.fields != before.fields or after.releases != before.releases)
