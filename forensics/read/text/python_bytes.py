"""Python bytes literals in a log: ``BLEAK_LOGGING=1`` and scripts that print what they send.

Source: bleak 3.1, ``backends/bluezdbus/client.py``: ``Write Characteristic UUID | PATH: b'...'``.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from forensics.errors import InputError
from forensics.read.reader import Reading
from forensics.read.text.content import ContentBuilder
from forensics.read.text.lines import read_lines

_LITERAL = re.compile(r"""(?<![A-Za-z0-9_])b('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_OPEN = re.compile(r"""(?<![A-Za-z0-9_])b(['"]).*$""")
_ENOUGH_BYTES = 64
_NUMBERS = re.compile(r"0x[0-9a-fA-F]+|\d+")


def sniff(head: bytes) -> bool:
    """Literals behind the same words show more bytes than source code or a chat would."""
    sizes: Counter[str] = Counter()
    for shape, literal, whole in _literals(head):
        if whole:
            sizes[shape] += len(literal)
            if sizes[shape] >= _ENOUGH_BYTES:
                return True
    return False


def read(data: bytes, name: str, slot: str | None = None) -> Reading:
    """The literals of the kind of line (same text around the literal) that shows the most bytes.

    Raises:
        InputError: no line shows a bytes literal.
    """
    kinds: dict[str, list[tuple[bytes, bool]]] = {}
    for shape, literal, whole in _literals(data):
        kinds.setdefault(shape, []).append((literal, whole))
    if not kinds:
        raise InputError("holds no Python bytes literal", name=name)
    sizes = {shape: sum(len(literal) for literal, _whole in found) for shape, found in kinds.items()}
    chosen = max(sizes, key=lambda shape: sizes[shape])
    content = ContentBuilder(name)
    if len(kinds) > 1:
        content.note(f'took the literals after "{chosen.strip()[:80]}"; {len(kinds) - 1} other kinds were left out')
    usual = max((len(literal) for literal, _whole in kinds[chosen]), default=0)
    for literal, whole in kinds[chosen]:
        if whole:
            content.add(literal)
        else:
            content.add_damaged(literal, max(usual, len(literal)))
        content.end_write()
    return content.reading()


def _literals(data: bytes) -> Iterator[tuple[str, bytes, bool]]:
    """For each literal: the line before it without its numbers, its bytes, and if it is whole."""
    for line in read_lines(data):
        end = 0
        for match in _LITERAL.finditer(line):
            literal = _evaluate("b" + match[1])
            if literal is not None:
                yield _NUMBERS.sub("#", line[end : match.start()]), literal, True
            end = match.end()
        cut = _OPEN.search(line, end)
        if cut:
            literal = _evaluate("b" + re.sub(r"\\(x.?)?$", "", line[cut.start() + 1 :]) + cut[1])
            if literal:
                yield _NUMBERS.sub("#", line[end : cut.start()]), literal, False


def _evaluate(literal: str) -> bytes | None:
    try:
        value = ast.literal_eval(literal)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, bytes) else None
