"""Everything that a user points at: files, folders and archives, opened one by one within bounds."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from forensics.errors import InputError, UsageError
from forensics.model.limits import Limits
from forensics.model.text import inert
from forensics.open.archives import HIDDEN, Budget, members
from forensics.open.content import MAX_INPUT_SIZE, Content, open_content
from forensics.open.kinds import holds_files

_MOST_DEPTH = 16
"""Folders inside folders."""

_MOST_NAMES = 100_000
"""Names of files and folders that are looked at."""


def open_everything(
    sources: Sequence[bytes | bytearray | memoryview | str | Path | Content],
    is_output: Callable[[str], bool] = lambda path: False,
    limits: Limits | None = None,
) -> Iterator[Content]:
    """Every file behind ``sources``, in an order that depends on the names alone. Archives are opened as folders.

    Args:
        sources: Files, folders, zip and gzip files, ``-`` for standard input, bytes-like content.
        is_output: Whether this run writes the file at a path; in a folder it is passed over.
        limits: How much may be opened and unpacked.

    Raises:
        InputError: one that was named does not exist or cannot be read.
        UsageError: standard input is named twice.
    """
    if sum(isinstance(one, str) and one == "-" for one in sources) > 1:
        raise UsageError("only one input can be standard input", next_step="name a file for the other")
    seen: Counter[str] = Counter()
    budget = Budget(limits)
    alone = len(sources) == 1
    for source in sources:
        for found in _behind(source, is_output, budget, alone=alone):
            seen[found.name] += 1
            again = seen[found.name]
            yield found if again == 1 else replace(found, name=f"{found.name} ({again})")
    if budget.passed_over:
        problem = f"only {budget.limits.objects:,} files of one bug are read"
        yield Content(name=f"{budget.passed_over:,} more files", problem=problem, lost=True)


def _behind(
    source: bytes | bytearray | memoryview | str | Path | Content,
    is_output: Callable[[str], bool],
    budget: Budget,
    *,
    alone: bool,
) -> Iterator[Content]:
    if isinstance(source, (str, Path)) and str(source) != "-" and _names_folder(source):
        folder = Path(source)
        yield from _in_folder(folder, "" if alone else f"{inert(folder.name)}/", is_output, budget)
        return
    opened = open_content(source)
    opened = replace(opened, named=True)
    yield from _opened(opened, "" if alone else opened.name, budget)


def _opened(content: Content, folder: str, budget: Budget) -> Iterator[Content]:
    """A file, or what it holds when it is an archive, which is then shown as ``folder``."""
    if holds_files(content.head):
        yield from members(content, budget, folder)
    else:
        yield content


def _in_folder(top: Path, shown_as: str, is_output: Callable[[str], bool], budget: Budget) -> Iterator[Content]:
    """The files below ``top``; what is hidden, linked or no regular file is told and not opened."""
    names_seen = 0
    waiting = [(top, shown_as, 0)]
    while waiting:
        folder, place, depth = waiting.pop()
        names, problem = _names(folder)
        if problem:
            yield Content(name=place or inert(folder.name), problem=problem)
        inner = []
        for name in names[: _MOST_NAMES - names_seen]:
            path, shown = folder / name, place + inert(name)
            if is_output(str(path)):
                continue
            if not _is_folder(path):
                yield from _entry(path, shown, budget)
            elif name.startswith((".", "__MACOSX")) or depth >= _MOST_DEPTH:
                problem = "a hidden folder" if depth < _MOST_DEPTH else "folders inside folders, too deep"
                yield Content(name=f"{shown}/", problem=problem)
            else:
                inner.append((path, f"{shown}/", depth + 1))
        budget.passed_over += max(0, len(names) - (_MOST_NAMES - names_seen))
        names_seen += min(len(names), _MOST_NAMES - names_seen)
        waiting.extend(reversed(inner))


def _entry(path: Path, name: str, budget: Budget) -> Iterator[Content]:
    problem, size = _reason_not_to_open(path)
    if problem is not None:
        yield Content(name=name, problem=problem, lost=size > 0)
    elif budget.opens(size):
        try:
            content = open_content(path, name=name)
        except InputError as error:
            yield Content(name=name, problem=error.reason, lost=True)
            return
        yield from _opened(content, name, budget)


def _names(folder: Path) -> tuple[list[str], str | None]:
    try:
        return sorted(os.listdir(folder)), None  # noqa: PTH208 - names are all that is wanted, of any number of files
    except OSError as error:
        return [], f"cannot be listed: {error.strerror}"


def _names_folder(source: str | Path) -> bool:
    try:
        return Path(source).is_dir()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    """A folder itself and no link to one, so that links cannot lead in circles or out of the bug's folder."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _reason_not_to_open(path: Path) -> tuple[str | None, int]:
    """Why a file of a folder is not read, or None, and its size in bytes."""
    if path.name.startswith(".") or path.name in ("Thumbs.db", "desktop.ini"):
        return HIDDEN, 0
    try:
        status = path.lstat()
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}", 0
    if stat.S_ISLNK(status.st_mode):
        return "a symbolic link, which is not followed", 0
    if not stat.S_ISREG(status.st_mode):
        return "neither a file nor a folder", 0
    if status.st_size > MAX_INPUT_SIZE:
        return f"larger than {MAX_INPUT_SIZE >> 20} MiB", status.st_size
    return None, status.st_size
