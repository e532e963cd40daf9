"""Standard output: the answer, in an encoding that the terminal takes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from forensics.errors import OutputError
from forensics.write.failures import refusals

_NAME = "standard output"


def nowhere() -> TextIO:
    """A stream for standard error when the caller closed that: nobody is told, and nothing fails."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - open until the program ends


def terminal_width() -> int | None:
    """Columns of the terminal that standard output is; None for everything else."""
    return shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None


def print_text(text: str) -> None:
    """Write for people: what the encoding of the stream lacks becomes an escape.

    Raises:
        OutputError: it is closed or takes no more, as on a full disk.
    """
    with _stdout() as stream:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def print_document(content: str | bytes) -> None:
    """Write a file format: text as UTF-8, whatever the encoding of a pipe is.

    Raises:
        OutputError: it is closed or takes no more, as on a full disk.
    """
    if isinstance(content, str) and sys.stdout is not None and sys.stdout.isatty():
        print_text(content)
        return
    with _stdout() as stream:
        stream.flush()
        stream.buffer.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def _stdout() -> Iterator[TextIO]:
    if sys.stdout is None:  # the caller closed it before the start
        raise OutputError("is closed", name=_NAME, next_step="name a file, for example with --json report.json")
    try:
        with refusals(_NAME):
            yield sys.stdout
            sys.stdout.flush()
    except OutputError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            raise error.__cause__ from None  # the reader has seen enough, which is no error
        raise
