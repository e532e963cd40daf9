"""Line templates as regular expressions, and the search for the one that a message is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from forensics.model.text import inert
from forensics.parse.logs.order import STAGES, Stage
from forensics.spec.log_lines.dialects import DIALECTS
from forensics.spec.log_lines.releases import releases
from forensics.spec.log_lines.template import LineTemplate, LineUse

LONGEST_MESSAGE = 400
"""Characters of a message that are looked at; the longest line of ESP-IDF has under 150."""

_TOKEN = re.compile(r"\{(?:(\w+):(\w+)|\.\.\.|end)\}|\[\[(.*?)\]\]|\s+|[^\s{\[]+|.")

_TYPES: dict[str, str] = {
    "x": r"([0-9a-fA-F]{1,8})",
    "x2": r"([0-9a-fA-F]{2})",
    "x5": r"([0-9a-fA-F]{1,8})",
    "x8": r"([0-9a-fA-F]{8})",
    "d": r"(-?\d{1,10})",
    "d6": r"\s*+(\d{1,10})\s*+",
    "nx": r"([1-9a-fA-F][0-9a-fA-F]{0,7})",
    "n": r"(-?[1-9]\d{0,9})",
    "v": r"(v\d{1,3}\.\d{1,3})",
    "digest4": r"([0-9a-fA-F]{8})(?![0-9a-fA-F])",
    "digest": r"([0-9a-fA-F]{96}|[0-9a-fA-F]{64})(?![0-9a-fA-F])",
    "w": r"([\w.\-/]{1,64})",
    "word": r"([a-z_]{1,32}?)",
    "text": r"(\S.{0,200}?)",
    "reason": r"([^()]{1,80})",
    "usage": r"((?:WiFi|RF|OTA|Unknown) data|(?:factory|test|OTA|Unknown) app|NVS keys|efuse|unknown)",
    "built": r"([A-Z][a-z]{2}\s{1,4}\d{1,2}\s{1,4}\d{4}(?:\s\d\d:\d\d:\d\d)?)",
    "placed": r"(map|load)(?![a-z])",
    "crcs": r"((?:[0-9a-fA-F]{8}\s*+){1,16})",
    "cut": r"([0-9a-fA-F]{4}[0-9a-fA-F =]{0,200})",
}

_INTEGERS: dict[str, Callable[[str], int]] = {
    "x": lambda digits: int(digits, 16),
    "nx": lambda digits: int(digits, 16),
    "n": int,
    "x2": lambda digits: int(digits, 16),
    "x5": lambda digits: int(digits, 16),
    "x8": lambda digits: int(digits, 16),
    "d6": int,
    "d": int,
}

_CUT_WORDS = frozenset(("m", "ma", "l", "lo", "loa"))
"""What a wrapped line leaves of ``map`` and ``load``."""

_NUMERIC = frozenset(("x", "x2", "x5", "x8", "d", "n", "nx"))


class Message(NamedTuple):
    """A message that was understood.

    Attributes:
        dialect: Which family of lines it belongs to.
        releases: Set of ESP-IDF releases that print it.
        fields: Its variable parts.
        stage: Where in a walk it stands; ``PARTITION`` also for what stands in none.
        ends: Nothing stands behind it, so that the rest may be on the next line.
        open: It ends in free text, which would take in anything.
        cut: The line was cut here, unless the next one goes on with it.
    """

    kind: str
    use: LineUse
    dialect: str
    releases: int
    fields: dict[str, int | str]
    stage: Stage
    ends: bool
    open: bool
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """A template ready to be read: what does not depend on the line is worked out once."""

    template: LineTemplate
    dialect: str
    releases: int
    names: tuple[str, ...]
    converters: tuple[Callable[[str], int | str], ...]
    regex: re.Pattern[str]
    base: dict[str, int | str]
    stage: Stage
    cut_words: bool
    open: bool

    def read(self, text: str, *, capitals: bool = False) -> Message | None:
        """What the text says by this template; ``capitals``: the paste has lost the difference of upper and lower case."""
        regex = _caseless(self.regex) if capitals else self.regex
        match = regex.search(text) if self.template.anywhere else regex.match(text)
        if match is None:
            return None
        fields = dict(self.base)
        for name, convert, value in zip(self.names, self.converters, match.groups(), strict=False):
            if value is not None:
                fields[name] = convert(value)
        rest = text[match.end() :].strip()
        template = self.template
        if (template.cut and ")" in rest) or (template.kind in _REWORKED and not _rework(template.kind, fields)):
            return None  # characters were lost
        return Message(
            kind=template.kind,
            use=template.use,
            dialect=self.dialect,
            releases=self.releases,
            fields=fields,
            stage=self.stage,
            ends=not rest or (self.cut_words and rest in _CUT_WORDS),
            open=self.open,
            cut=template.cut,
        )


@cache
def _caseless(regex: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(regex.pattern, re.IGNORECASE)


_REWORKED = frozenset(("segment", "not_bootable", "disconnected"))


def _rework(kind: str, fields: dict[str, int | str]) -> bool:
    """Adds what follows from the fields; false for a segment whose size is printed in two ways that differ."""
    if kind == "segment":
        return bool(fields["size"] == fields.pop("decimal", fields["size"]))
    if kind == "not_bootable" and "slot" in fields:
        fields["what"] = f"ota_{fields['slot']}"
    if kind == "disconnected" and "reason" in fields:
        fields["hci_reason"] = _hci_reason(int(fields["reason"]))
    return True


def _hci_reason(reason: int) -> int:
    # NimBLE adds 0x200 to the controller's codes (BLE_HS_HCI_ERR).
    return reason - 0x200 if 0x200 < reason < 0x300 else reason


def _compile(template: LineTemplate, dialect: str) -> _Pattern:
    names: list[str] = []
    types: list[str] = []
    expression = _expression(template.text, names, types)
    last = types[-1] if types and template.text.endswith("}") else ""
    if last == "text":
        expression = expression.removesuffix(_TYPES["text"]) + r"(\S.{0,200}+)$"
    elif last in _NUMERIC or last == "digest" or template.text[-1].isdigit():
        expression += r"(?![0-9A-Za-z])"
    return _Pattern(
        template=template,
        dialect=dialect,
        releases=releases(template.versions),
        names=tuple(names),
        converters=tuple(_INTEGERS.get(kind, _words) for kind in types),
        regex=re.compile(expression),
        base={**dict(template.constants), **({"means": template.means} if template.means else {})},
        stage=STAGES.get(template.kind, Stage.PARTITION),
        cut_words="placed" in types,
        open=last == "text",
    )


def _words(text: str) -> str:
    return inert(text.strip().replace("\t", " "))


def _expression(text: str, names: list[str], types: list[str]) -> str:
    parts = []
    for token in _TOKEN.finditer(text):
        name, kind, optional = token.groups()
        if name:
            names.append(name)
            types.append(kind)
            parts.append(_TYPES[kind])
        elif optional is not None:
            parts.append(f"(?:{_expression(optional, names, types)})?")
        elif token.group() == "{end}":
            parts.append(r"\s*+$")
        elif token.group() == "{...}":
            parts.append(r".{0,80}?")
        elif token.group().isspace():
            parts.append(r"\s*+")
        else:
            parts.append(re.escape(token.group()))
    return "".join(parts)


def _key(text: str) -> str:
    start = text[:4]
    return start.lower() if start.isalnum() else "".join(text[:12].split())[:4].lower()


Words = tuple[tuple[str, tuple[_Pattern, ...]], ...]
"""Parts of lines before which other text may stand, and the patterns that hold them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    by_start: dict[str, tuple[_Pattern, ...]]
    numbered: tuple[_Pattern, ...]
    anywhere: Words


@cache
def _index() -> _Index:
    patterns = [_compile(template, dialect) for dialect, lines in DIALECTS for template in lines]
    starting: dict[str, list[_Pattern]] = {}
    containing: dict[str, list[_Pattern]] = {}
    for pattern in patterns:
        if pattern.template.anywhere:
            containing.setdefault(pattern.template.anywhere, []).append(pattern)
        start = re.split(r"\{|\[\[", pattern.template.text)[0]
        if not pattern.template.anywhere and start:
            starting.setdefault(_key(start), []).append(pattern)
    return _Index(
        by_start={key: tuple(found) for key, found in starting.items()},
        numbered=tuple(p for p in patterns if not p.template.anywhere and p.template.text.startswith("{")),
        anywhere=tuple((word, tuple(found)) for word, found in containing.items()),
    )


@lru_cache(maxsize=4096)
def _starting(key: str) -> tuple[_Pattern, ...]:
    """The patterns that a text with these first characters may be, the longest common start first."""
    index = _index()
    found = [pattern for length in range(len(key), 0, -1) for pattern in index.by_start.get(key[:length], ())]
    return (*found, *(index.numbered if key[:1].isdigit() else ()))


def words_in(text: str) -> Words:
    """Those of the words to look for that occur in ``text`` at all, for ``read_message`` over its lines."""
    return tuple(row for row in _index().anywhere if row[0] in text)


_NO_DIGITS = str.maketrans("", "", "0123456789")


@cache
def _shapes_of_words() -> tuple[str, ...]:
    return tuple(shape_of(word) for word, _ in _index().anywhere)


def shape_of(text: str) -> str:
    """``text`` without its digits, which differ from line to line."""
    return text.translate(_NO_DIGITS)


def is_hopeless(text: str) -> bool:
    """No template fits ``text``, whatever digits are in it."""
    text = _bare(text)
    key, shape = _key(text), shape_of(text)
    if shape_of(key) != key or _starting(key) or shape.isupper():
        return False
    return not any(word in shape for word in _shapes_of_words())


def _bare(text: str) -> str:
    return text[:LONGEST_MESSAGE].lstrip(" \t\"'|>:,;-#").rstrip(" \t\"'|,;")


def read_message(text: str, words: Words | None = None) -> Message | None:
    """What ``text``, a line without level, time and tag, says; None when no template fits.

    A line that stops short of its template is no message: the rest may be on the next line.

    Args:
        text: The line.
        words: What ``words_in`` gave of a text that holds the line; None looks for every word.
    """
    text = _bare(text)
    capitals = text.isupper()
    for pattern in _starting(_key(text)):
        message = pattern.read(text, capitals=capitals)
        if message is not None:
            return message
    for word, patterns in _index().anywhere if words is None else words:
        if word in text or (capitals and word.upper() in text):
            for pattern in patterns:
                message = pattern.read(text, capitals=capitals)
                if message is not None:
                    return message
    return None
