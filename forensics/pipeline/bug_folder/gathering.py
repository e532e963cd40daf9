"""Everything that a user points at: files, folders and archives, opened one by one within bounds."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.errors import InputError, UsageError
from forensics.pipeline.bug_folder.unpacking import HIDDEN, Unpacker, is_archive
from forensics.read.source import MAX_INPUT_SIZE, Source, open_source

if TYPE_CHECKING:
    from forensics.pipeline.comparison import Source as AnySource

MOST_FILES = 2000
"""Files of one bug that are opened; a whole build tree has more, and none of the others is evidence."""

MOST_BYTES = 2 * 1024 * 1024 * 1024
"""Bytes of one bug that are read."""

_MOST_DEPTH = 16
"""Folders inside folders."""

_MOST_ENTRIES = 100_000
"""Names of files and folders that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One file, before anybody has looked into it.

    Attributes:
        name: Path below what the user named, with forward slashes; else the file's name. No two files have the same.
        source: The open file, or None when it cannot or shall not be read, for the reason in ``problem``.
        named: The user named it, and not only the folder or archive that holds it.
        lost: It, or a part of it, could not be read although it may be evidence.
    """

    name: str
    source: Source | None = None
    problem: str | None = None
    named: bool = False
    lost: bool = False


def gather(sources: Sequence[AnySource], is_output: Callable[[str], bool] = lambda path: False) -> Iterator[FoundFile]:
    """Every file behind ``sources``, in an order that depends on the names alone. Archives are opened as folders.

    Args:
        sources: Files, folders, zip and gzip files, ``-`` for standard input, bytes-like content.
        is_output: Whether this run writes the file at a path; in a folder it is passed over.

    Raises:
        InputError: one that was named does not exist or cannot be read.
        UsageError: standard input is named twice.
    """
    if sum(isinstance(one, str) and one == "-" for one in sources) > 1:
        raise UsageError("only one input can be standard input")
    seen: Counter[str] = Counter()
    for found in _all(sources, is_output):
        seen[found.name] += 1
        again = seen[found.name]
        yield found if again == 1 else replace(found, name=f"{found.name} ({again})")


def _all(sources: Sequence[AnySource], is_output: Callable[[str], bool]) -> Iterator[FoundFile]:
    gatherer = _Gatherer(is_output)
    alone = len(sources) == 1
    for source in sources:
        if isinstance(source, (str, Path)) and str(source) != "-" and _names_folder(source):
            folder = Path(source)
            yield from gatherer.folder(folder, "" if alone else f"{visible(folder.name)}/")
        else:
            opened = open_source(source)
            yield from gatherer.opened(opened, folder="" if alone else visible(opened.name), named=True)
    yield from gatherer.passed_over()


class _Gatherer:
    """Counts what was read, so that no folder and no archive is too much."""

    def __init__(self, is_output: Callable[[str], bool]) -> None:
        self._is_output = is_output
        self._files = 0
        self._bytes = 0
        self._not_opened = 0
        self._unpacker = Unpacker()

    def folder(self, top: Path, shown_as: str) -> Iterator[FoundFile]:
        """The files below ``top``; what is hidden, linked or no regular file is told and not opened."""
        entries = 0
        waiting = [(top, shown_as, 0)]
        while waiting:
            folder, place, depth = waiting.pop()
            names, problem = _names(folder)
            if problem:
                yield FoundFile(name=place or visible(folder.name), problem=problem)
            inner = []
            for name in names[: _MOST_ENTRIES - entries]:
                path, shown = folder / name, place + visible(name)
                if self._is_output(str(path)):
                    continue
                if not _is_folder(path):
                    yield from self._entry(path, shown)
                elif name.startswith((".", "__MACOSX")) or depth >= _MOST_DEPTH:
                    problem = "a hidden folder" if depth < _MOST_DEPTH else "folders inside folders, too deep"
                    yield FoundFile(name=f"{shown}/", problem=problem)
                else:
                    inner.append((path, f"{shown}/", depth + 1))
            self._not_opened += max(0, len(names) - (_MOST_ENTRIES - entries))
            entries += min(len(names), _MOST_ENTRIES - entries)
            waiting.extend(reversed(inner))

    def opened(self, source: Source, *, folder: str, named: bool) -> Iterator[FoundFile]:
        """``source``, or what it holds when it is an archive, which is then shown as ``folder``."""
        if not is_archive(source.head):
            yield FoundFile(name=visible(source.name), source=source, named=named)
            return
        for name, content in self._unpacker.members(source, folder):
            if isinstance(content, str):
                yield FoundFile(name=name, problem=content, named=named and name == source.name, lost=content != HIDDEN)
            elif self._within_bounds(len(content)):
                yield FoundFile(name=name, source=Source(name=name, head=content))

    def passed_over(self) -> Iterator[FoundFile]:
        """One entry for all that the bounds left unopened."""
        if self._not_opened:
            problem = f"only {MOST_FILES} files and {MOST_BYTES >> 30} GiB of one bug are read"
            yield FoundFile(name=f"{self._not_opened:,} more files", problem=problem, lost=True)

    def _entry(self, path: Path, name: str) -> Iterator[FoundFile]:
        problem, size = _reason_not_to_open(path)
        if problem is None and not self._within_bounds(size):
            return
        if problem is not None:
            yield FoundFile(name=name, problem=problem, lost=size > 0)
            return
        try:
            source = open_source(path, name=name)
        except InputError as error:
            yield FoundFile(name=name, problem=error.reason, lost=True)
            return
        yield from self.opened(source, folder=name, named=False)

    def _within_bounds(self, size: int) -> bool:
        """Counts a file of ``size`` bytes that is about to be read."""
        if self._files >= MOST_FILES or self._bytes + size > MOST_BYTES:
            self._not_opened += 1
            return False
        self._files += 1
        self._bytes += size
        return True


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


def visible(name: str) -> str:
    """A name from a file system, which may hold bytes that are no text."""
    return name.encode("utf-8", "backslashreplace").decode()
