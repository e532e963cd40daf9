"""Results as JSON Lines, which an interrupted batch can go on from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from forensics.errors import InputError
from forensics.model.error import ReportError
from forensics.pipeline.batch.results import CaseResult


def line_of(result: CaseResult) -> str:
    """One line, ASCII, with its line feed: what a case calls itself steers no terminal."""
    return json.dumps(result.to_dict(), separators=(",", ":")).replace("\x7f", "\\u007f") + "\n"


def read_results(path: Path) -> dict[str, CaseResult]:
    """The results in a file by the name of the case, the last of each; lines that are none are left out.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return {result.case: result for result in _results(stream)}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", name=path.name) from error


def _results(stream: IO[bytes]) -> Iterator[CaseResult]:
    for line in stream:
        try:
            yield CaseResult.from_dict(json.loads(line))
        except (ValueError, RecursionError, ReportError):
            continue


class JsonLines:
    """A file of results that grows line by line, and at the end holds each case once, in the order of the cases.

    Args:
        path: The file.
        resume: Go on behind the lines of an earlier run, which ``done`` then holds.

    Raises:
        InputError: the file cannot be read or written.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        self.done = read_results(path) if resume else {}
        self._order: list[str] = []
        self._tidy = True
        try:
            if resume:
                _end_last_line(path)
            self._stream = path.open("a" if resume else "w", encoding="ascii")
        except OSError as error:
            raise _unwritable(error, path) from error
        self._lines = self._count() if resume else 0

    def add(self, result: CaseResult) -> None:
        """Write a result that was made now."""
        self._order.append(result.case)
        self._stream.write(line_of(result))
        self._stream.flush()
        self._lines += 1

    def keep(self, case: str) -> CaseResult:
        """The result of an earlier run, which holds still."""
        self._order.append(case)
        return self.done[case]

    def close(self, *, complete: bool) -> None:
        """End the file. A ``complete`` batch leaves each case once and in order, whatever earlier runs had left."""
        self._stream.close()
        if not complete or (not self.done and self._lines == len(self._order)):
            return
        found = read_results(self._path)
        if list(found) == self._order and self._lines == len(found):
            return
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            with part.open("w", encoding="ascii") as stream:
                stream.writelines(line_of(found[case]) for case in self._order)
            os.replace(part, self._path)  # noqa: PTH105 - the same as Path.replace, said as what it is
        except OSError as error:
            raise _unwritable(error, self._path) from error

    def _count(self) -> int:
        with self._path.open("rb") as stream:
            return sum(1 for _ in stream)


def _end_last_line(path: Path) -> None:
    """A batch that was killed while it wrote leaves half a line; the next one begins on a line of its own."""
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb+") as stream:
        stream.seek(-1, os.SEEK_END)
        if stream.read(1) != b"\n":
            stream.write(b"\n")


def _unwritable(error: OSError, path: Path) -> InputError:
    return InputError(f"cannot be written: {error.strerror}", name=path.name)
