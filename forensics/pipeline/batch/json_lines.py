"""Results as JSON Lines, which an interrupted batch can go on from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from forensics.errors import InputError
from forensics.model.error import ReportError
from forensics.pipeline.batch.results import CaseResult
from forensics.write import Record


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
        raise InputError(f"cannot be read: {error.strerror}", name=str(path), next_step="check its permissions") from error


def _results(stream: IO[bytes]) -> Iterator[CaseResult]:
    for line in stream:
        try:
            yield CaseResult.from_dict(json.loads(line))
        except (ValueError, RecursionError, ReportError):
            continue


class JsonLines:
    """A record of results that grows line by line, and at the end holds each case once, in the order of the cases.

    Args:
        record: Where the lines go.
        resume: Go on behind the lines of an earlier run, which ``done`` then holds.

    Raises:
        InputError: the earlier lines cannot be read.
    """

    def __init__(self, record: Record, *, resume: bool) -> None:
        self._record = record
        self.done = read_results(record.path) if resume else {}
        self._order: list[str] = []

    def add(self, result: CaseResult) -> None:
        """Write a result that was made now.

        Raises:
            OutputError: the record cannot be written.
        """
        self._order.append(result.case)
        self._record.write(line_of(result))

    def keep(self, case: str) -> CaseResult:
        """The result of an earlier run, which holds still."""
        self._order.append(case)
        return self.done[case]

    def tidy(self) -> None:
        """Leave each case once and in order, those of this run first.

        Raises:
            OutputError: the record cannot be written.
        """
        if self.done:
            found = read_results(self._record.path)
            order = dict.fromkeys((*self._order, *found))  # those of other folders stay, behind these
            self._record.rewrite(line_of(found[case]) for case in order)
