"""Small pieces of Markdown that the generated pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!:])")
_MARKER = re.compile(r"^(\d+)([.)])|^([-+=])")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"(`+[^`]+`+)")


def escaped(text: str) -> str:
    """``text`` as Markdown that shows exactly it: no character of it makes an element."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _MARKER.sub(lambda hit: f"{hit[1]}\\{hit[2]}" if hit[1] else f"\\{hit[3]}", line)


def code_block(text: str, language: str = "text") -> str:
    """``text`` as it is, in a fence that it cannot end."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def code_cell(text: str) -> str:
    """``text`` as code in a cell of a table, which a bare bar would end."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def bullets(items: Iterable[str]) -> str:
    """A list of texts, each shown exactly."""
    return "".join(f"- {escaped(item)}\n" for item in items)


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are Markdown already."""
    head = [cell.replace("\n", " ") for cell in header]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def with_links(text: str, targets: Mapping[str, str]) -> str:
    """``text`` with every word of ``targets`` made a link, but not in code."""
    word = re.compile(rf"(?<![\w\[])({'|'.join(map(re.escape, sorted(targets, key=len, reverse=True)))})(?!\w)")
    lines, fence = [], ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        if fence or mark:
            lines.append(line)
            continue
        pieces = _CODE_SPAN.split(line)
        pieces[::2] = [word.sub(lambda hit: f"[{hit[1]}]({targets[hit[1]]})", piece) for piece in pieces[::2]]
        lines.append("".join(pieces))
    return "".join(lines)
