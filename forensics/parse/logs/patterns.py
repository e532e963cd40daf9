"""Line templates as regular expressions, and the search for the one that a message is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from forensics.parse.logs.order import STAGES, Stage
from forensics.spec.log_lines import DIALECTS, LineTemplate, LineUse, releases

LONGEST_MESSAGE = 400
"""Characters of a message that are looked at; the longest line of ESP-IDF has under 150."""

_TOKEN = re.compile(r"\{(?:(\w+):(\w+)|\.\.\.|end)\}|\[\[(.*?)\]\]|\s+|[^\s{\[]+|.")

_TYPES: dict[str, str] = {
    "x": r"([0-9a-fA-F]{1,8})",
    "x2": r"([0-9a-fA-F]{2})",
    "x8": r"([0-9a-fA-F]{8})",
    "d": r"(-?\d{1,10})",
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
    "crcs": r"((?:[0-9a-fA-F]{8}\s*){1,16})",
    "cut": r"([0-9a-fA-F]{4}[0-9a-fA-F =]{0,200})",
}

_INTEGERS: dict[str, Callable[[str], int]] = {
    "x": lambda digits: int(digits, 16),
    "x2": lambda digits: int(digits, 16),
    "x8": lambda digits: int(digits, 16),
    "d": int,
}

_CUT_WORDS = frozenset(("m", "ma", "l", "lo", "loa"))
"""What a wrapped line leaves of ``map`` and ``load``."""

_NUMERIC = frozenset(("x", "x2", "x8", "d"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
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
    template: LineTemplate
    dialect: str
    releases: int
    names: tuple[str, ...]
    types: tuple[str, ...]
    regex: re.Pattern[str]
    cut_words: bool
    open: bool

    def read(self, text: str, *, capitals: bool = False) -> Message | None:
        """What the text says by this template; ``capitals``: the paste has lost the difference of upper and lower case."""
        regex = _caseless(self.regex) if capitals else self.regex
        match = regex.search(text) if self.template.anywhere else regex.match(text)
        if match is None:
            return None
        fields: dict[str, int | str] = dict(self.template.constants)
        if self.template.means:
            fields["means"] = self.template.means
        for name, kind, value in zip(self.names, self.types, match.groups(), strict=True):
            if value is not None:
                fields[name] = _INTEGERS[kind](value) if kind in _INTEGERS else value.strip()
        rest = text[match.end() :].strip()
        if self.template.cut and ")" in rest:
            return None  # it goes on, and is damaged
        return _message(self, fields, ends=not rest or (self.cut_words and rest in _CUT_WORDS))


@cache
def _caseless(regex: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(regex.pattern, re.IGNORECASE)


def _message(pattern: _Pattern, fields: dict[str, int | str], *, ends: bool) -> Message | None:
    kind = pattern.template.kind
    if kind == "segment" and fields["size"] != fields.pop("decimal", fields["size"]):
        # The line prints the size twice; where the two differ, characters were lost.
        return None
    if kind == "not_bootable" and "slot" in fields:
        fields["what"] = f"ota_{fields['slot']}"
    if kind == "disconnected" and "reason" in fields:
        fields["hci_reason"] = _hci_reason(int(fields["reason"]))
    return Message(
        kind=kind,
        use=pattern.template.use,
        dialect=pattern.dialect,
        releases=pattern.releases,
        fields=fields,
        stage=STAGES.get(kind, Stage.PARTITION),
        ends=ends,
        open=pattern.open,
        cut=pattern.template.cut,
    )


def _hci_reason(reason: int) -> int:
    # NimBLE adds 0x200 to the controller's codes (BLE_HS_HCI_ERR).
    return reason - 0x200 if 0x200 < reason < 0x300 else reason


def _compile(template: LineTemplate, dialect: str) -> _Pattern:
    names: list[str] = []
    types: list[str] = []
    expression = _expression(template.text, names, types)
    last = types[-1] if types and template.text.endswith("}") else ""
    if last == "text":
        expression += r"\s*$"
    elif last in _NUMERIC or last == "digest" or template.text[-1].isdigit():
        expression += r"(?![0-9A-Za-z])"
    return _Pattern(
        template=template,
        dialect=dialect,
        releases=releases(template.versions),
        names=tuple(names),
        types=tuple(types),
        regex=re.compile(expression),
        cut_words="placed" in types,
        open=last == "text",
    )


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
            parts.append(r"\s*$")
        elif token.group() == "{...}":
            parts.append(r".{0,80}?")
        elif token.group().isspace():
            parts.append(r"\s*")
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


def read_message(text: str, words: Words | None = None) -> Message | None:
    """What ``text``, a line without level, time and tag, says; None when no template fits.

    A line that stops short of its template is no message: the rest may be on the next line.

    Args:
        text: The line.
        words: What ``words_in`` gave of a text that holds the line; None looks for every word.
    """
    text = text[:LONGEST_MESSAGE].lstrip(" \t\"'|>:,;-#").rstrip(" \t\"'|,;")
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
