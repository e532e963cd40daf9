"""Every regular expression and every template of a log line reads twice as much text in about twice the time.

The text is built against each pattern: for each of its repeats, what stands before it, then what it repeats many times, then
something that fits nothing. Patterns that try anew from every place take four times as long for twice as much.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import re._constants as codes  # type: ignore[import-not-found, unused-ignore]
import re._parser as parser  # type: ignore[import-not-found, unused-ignore]
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

import forensics
from forensics.parse.logs import patterns as log_patterns
from forensics.spec.log_lines.dialects import DIALECTS

FLOOR = 0.005
"""CPU seconds below which nothing is compared."""

MOST_RATIO = 3.0
_SMALLEST, _LARGEST = 100, 51_200
"""Characters of the texts, which are doubled until they cost something."""

_RUNS, _LONGEST = 3, 2.0
_ANCHORED = {"match", "fullmatch"}
_MISMATCH = ("\0", "\n", "~")
_LONGEST_REPEAT = 64
"""Repeats of fewer items do no harm however often they are tried."""

_LIVE = ("forensics.live", "forensics.integrations", "forensics.__main__", "forensics.cli.live")
"""Modules that need extras, and read nothing of strangers but names."""

Node = tuple[Any, Any]

FAILS_TODAY: dict[str, str] = {}
"""Pattern to the reason why it fails; whoever mends it removes the row."""


def _patterns_in(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, Mapping):
        yield from (found for item in value.values() for found in _patterns_in(item, depth - 1))
    elif depth and isinstance(value, tuple | list | frozenset | set):
        yield from (found for item in value for found in _patterns_in(item, depth - 1))
    elif depth and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        fields = (getattr(value, name, None) for name in value.__dataclass_fields__)
        yield from (found for item in fields for found in _patterns_in(item, depth - 1))


@dataclass(frozen=True, slots=True)
class Case:
    """A pattern, how it is tried, and how many characters the program gives it at most."""

    pattern: re.Pattern[Any]
    anchored: bool
    largest: int = _LARGEST

    def cost(self, text: str) -> float:
        """CPU seconds over all of the text, the least of some runs."""
        subject: Any = text.encode("latin-1", "replace") if isinstance(self.pattern.pattern, bytes) else text
        least = float("inf")
        signal.setitimer(signal.ITIMER_VIRTUAL, _LONGEST)
        for _ in range(_RUNS):
            start = time.process_time()
            if self.anchored:
                self.pattern.match(subject)
            else:
                self.pattern.sub("" if isinstance(subject, str) else b"", subject)
            least = min(least, time.process_time() - start)
            if least < FLOOR:
                break
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return least


def all_cases() -> dict[str, Case]:
    """Every pattern of the package by its module, its name and its number there; of a log line by its template."""
    found: dict[str, Case] = {}
    seen: set[int] = set()
    for info in pkgutil.walk_packages(forensics.__path__, "forensics."):
        if info.name.startswith(_LIVE):
            continue
        module = importlib.import_module(info.name)
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            uses = set(re.findall(rf"\b{name}\.(\w+)\(", source))
            for number, pattern in enumerate(_patterns_in(value)):
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    found[f"{info.name}.{name}" + (f"[{number}]" if number else "")] = Case(
                        pattern, bool(uses) and uses <= _ANCHORED
                    )
    for dialect, lines in DIALECTS:
        for template in lines:
            regex = log_patterns._compile(template, dialect).regex
            found[f"{dialect}: {template.text}"] = Case(regex, not template.anywhere, log_patterns.LONGEST_MESSAGE)
    return found


def _characters(items: Iterable[Node]) -> str:
    """Some characters of a class, as different as it has them."""
    members = [chr(code) for code in (*range(32, 127), 9, 10, 13) if _holds(items, code)]
    return "".join(members[:: max(1, len(members) // 4)][:4]) or "a"


def _holds(items: Iterable[Node], code: int) -> bool:
    kinds: dict[object, Callable[[str], bool]] = {
        codes.CATEGORY_DIGIT: str.isdigit,
        codes.CATEGORY_SPACE: str.isspace,
        codes.CATEGORY_WORD: lambda text: text.isalnum() or text == "_",
    }
    negated = holds = False
    for kind, value in items:
        if kind is codes.NEGATE:
            negated = True
        elif kind is codes.LITERAL:
            holds |= code == value
        elif kind is codes.RANGE:
            holds |= value[0] <= code <= value[1]
        elif value in kinds:
            holds |= kinds[value](chr(code))
        else:  # the opposite of a category
            opposite = str(value).replace("NOT_", "")
            holds |= any(str(known) == opposite and not test(chr(code)) for known, test in kinds.items())
    return holds != negated


def _example(nodes: Iterable[Node], fill: str = "a") -> str:
    """A text that the nodes match, with ``fill`` where any character is right."""
    return "".join(_one(node, fill) for node in nodes)


def _one(node: Node, fill: str) -> str:
    kind, value = node
    if kind is codes.LITERAL:
        return chr(value)
    if kind is codes.NOT_LITERAL:
        return _characters([(codes.NEGATE, None), (codes.LITERAL, value)])[0]
    if kind is codes.ANY:
        return fill
    if kind is codes.IN:
        return _characters(value)[0]
    if kind is codes.BRANCH:
        return _example(value[1][0], fill)
    if kind is codes.SUBPATTERN:
        return _example(value[3], fill)
    if kind is codes.ATOMIC_GROUP:
        return _example(value, fill)
    if kind in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        times: int = max(1, value[0])
        return _example(value[2], fill) * times
    return ""


def _repeats(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every repeat that can be long, at any depth."""
    for node in nodes:
        kind, value = node
        if kind in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            if value[1] > _LONGEST_REPEAT:
                yield node
            yield from _repeats(value[2])
        elif kind is codes.SUBPATTERN:
            yield from _repeats(value[3])
        elif kind is codes.BRANCH:
            yield from (found for branch in value[1] for found in _repeats(branch))
        elif kind in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _repeats(value[1])
        elif kind is codes.ATOMIC_GROUP:
            yield from _repeats(value)


def _units(node: Node, start: str) -> set[str]:
    """What a repeat repeats: each kind of character that it takes, and where it can the start of the pattern itself."""
    body = node[1][2]
    kind, value = body[0]
    if len(body) == 1 and kind is codes.IN:
        return {*_characters(value), *(start if start and _holds(value, ord(start)) else "")}
    if len(body) == 1 and kind is codes.ANY:
        return {" ", "a", "0", ":", start or "a"}
    if len(body) == 1 and kind is codes.BRANCH:
        branches = value[1]
    elif len(body) == 1 and kind is codes.SUBPATTERN and value[3][0][0] is codes.BRANCH:
        branches = value[3][0][1][1]
    else:
        branches = [body]
    return {_example(branch, fill) for branch in branches for fill in ("a", start or "a")} - {""}


def texts(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Texts against the pattern, of about so many characters; always the same ones in the same order."""
    tree = list(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
    whole = _example(tree)
    for node in _repeats(tree):
        head = _until(tree, node)
        for unit in sorted(_units(node, whole[:1])):
            for mismatch in _MISMATCH:
                yield head + unit * (size // len(unit)) + mismatch
                yield (head + unit * 4) * (size // len(head + unit * 4)) + mismatch
    if whole:
        yield whole * (size // len(whole))


def _until(nodes: Iterable[Node], wanted: Node) -> str:
    """An example of what stands before a repeat; it may be inside other parts."""
    found: list[str] = []
    for node in nodes:
        if node is wanted:
            break
        kind, value = node
        inner = value[2] if kind in (codes.MAX_REPEAT, codes.MIN_REPEAT) else value[3] if kind is codes.SUBPATTERN else ()
        if any(one is wanted for one in _repeats(inner)):
            return "".join(found) + _until(inner, wanted)
        found.append(_one(node, "a"))
    return "".join(found)


def _give_up(_number: int, _frame: object) -> None:
    raise TimeoutError(f"more than {_LONGEST} CPU seconds")


def too_much(case: Case) -> str | None:
    """A text that costs far more than twice as much when there is twice as much of it, two times in a row; else None."""
    costs: dict[int, list[float]] = {}
    signal.signal(signal.SIGVTALRM, _give_up)
    size = _SMALLEST
    while size <= case.largest:
        for place, text in enumerate(texts(case.pattern, size)):
            before = costs.setdefault(place, [])
            if before and before[-1] >= FLOOR * MOST_RATIO and before[-1] < MOST_RATIO * before[-2]:
                continue  # it was long enough to be sure
            try:
                before.append(case.cost(text))
            except TimeoutError as error:
                return f"{error} for {size:,} characters like {text[:60]!r}"
            steep = [after > MOST_RATIO * less for less, after in pairwise(before[-3:])]
            if before[-1] >= FLOOR and len(steep) == 2 and all(steep):
                told = ", ".join(f"{cost * 1000:.2f}" for cost in before[-3:])
                return f"{told} ms up to {size:,} characters like {text[:60]!r} ... {text[-4:]!r}"
        size *= 2
    return None


@pytest.mark.slow
def test_twice_the_text_takes_twice_the_time() -> None:
    found = {name: told for name, case in all_cases().items() if (told := too_much(case)) is not None}
    assert {name: told for name, told in found.items() if name not in FAILS_TODAY} == {}
    assert FAILS_TODAY.keys() <= found.keys(), "mended: remove the row"


@pytest.mark.parametrize("slow", [r"(?:\\r)*\\n", r'"(?:[^"\\]|\\.)*"', r"\s+$", r"(\w+\s?)*x$", r"<[^>]*>x"])
def test_patterns_known_to_be_slow_are_found(slow: str) -> None:
    assert too_much(Case(re.compile(slow), anchored=False)) is not None
