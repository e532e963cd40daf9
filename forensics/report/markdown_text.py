"""User text, tables and folds in GitHub-flavoured Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from forensics.model.text import inert

_PUNCTUATION = re.compile(r"([\\`*_\[\]<>#|~$&])|^([-+=])")


def escaped(text: str) -> str:
    """User text as Markdown that shows exactly this text: no markup, HTML, mention or link comes of it."""
    text = _PUNCTUATION.sub(r"\\\g<0>", inert(text))
    text = re.sub(r"(?<=@)|(?<=#)|(?<=://)|(?<=www)(?=\.)", "&#8203;", text)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)


def fenced(text: str) -> str:
    """A code block of a drawing's lines, with a fence that is longer than any run of backticks in it."""
    text = "\n".join(map(inert, text.split("\n")))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def coded(text: str) -> str:
    """A code span for a table cell, whatever backticks and bars are in ``text``."""
    text = inert(text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Heads and rows of cells that are Markdown already."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def folded(title: str, blocks: list[str]) -> str:
    """Blocks behind a title; the blocks are Markdown already, and the title is text in HTML."""
    return "\n\n".join([f"<details><summary>{html.escape(inert(title))}</summary>", *blocks, "</details>"])
