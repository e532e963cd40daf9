"""A file that grows line by line, and holds whole lines whatever ends the run."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from types import TracebackType

from forensics.write.document import PRIVATE, Document
from forensics.write.failures import refusals

_BINARY = getattr(os, "O_BINARY", 0)
"""Windows would change line feeds."""


class Opening(Enum):
    """What a record does about a file that is there."""

    NEW = auto()
    """There must be none, not even one that appeared since the run began."""
    CONTINUE = auto()
    """Its lines come first."""
    REPLACE = auto()
    """It goes when the first line comes: the user asked for that with ``--force``."""


class Record:
    """One output that is written as its lines come about. The file is made with the first of them.

    Args:
        name: The path as the user gave it.
        path: Where the lines go: behind all symbolic links, or a device or pipe.
        opening: What to do about a file that is there.
        private: Only the user may read it.
    """

    def __init__(self, name: str, path: Path, opening: Opening, *, private: bool = False) -> None:
        self.name = name
        self.path = path
        self._opening = opening
        self._mode = PRIVATE if private else 0o666
        self._file: int | None = None

    def __enter__(self) -> Record:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def write(self, lines: str) -> int:
        """Append whole lines; they are with the system when this returns.

        Raises:
            OutputError: the system refuses, for example because the disk is full; the record ends before ``lines``.
        """
        with refusals(self.name):
            if self._file is None:
                self._file = self._opened()
            status = os.fstat(self._file)
            if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                raise FileNotFoundError(errno.ENOENT, "it was removed while it was written")
            end = status.st_size
            left = memoryview(lines.encode())
            try:
                while left:
                    left = left[os.write(self._file, left) :]
            except BaseException:
                with suppress(OSError):  # a pipe has no end to go back to
                    os.ftruncate(self._file, end)
                raise
        return len(lines)

    def rewrite(self, lines: Iterable[str]) -> None:
        """Put ``lines`` in the place of all that was recorded, as a document.

        Raises:
            OutputError: the system refuses; the record is as it was.
        """
        self.close()
        Document(self.name, self.path, self.path.stat()).write("".join(lines))

    def close(self) -> None:
        """End it; a later ``write`` goes on behind the last line."""
        if self._file is not None:
            os.close(self._file)
            self._file, self._opening = None, Opening.CONTINUE

    def _opened(self) -> int:
        path = self.path
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            return os.open(path, os.O_WRONLY | _BINARY)
        if self._opening is Opening.REPLACE:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                if error.errno != errno.EBUSY:  # a bind mount stays, and loses its content
                    raise
                os.truncate(path, 0)
                self._opening = Opening.CONTINUE
        how = os.O_RDWR if self._opening is Opening.CONTINUE else os.O_WRONLY | os.O_EXCL
        file = os.open(path, how | os.O_CREAT | os.O_APPEND | _BINARY, self._mode)
        if self._opening is Opening.CONTINUE:
            _end_last_line(file)
        return file


def _end_last_line(file: int) -> None:
    """A run that was killed may have left half a line; the next one begins on a line of its own."""
    if os.fstat(file).st_size:
        os.lseek(file, -1, os.SEEK_END)
        if os.read(file, 1) != b"\n":
            os.write(file, b"\n")
