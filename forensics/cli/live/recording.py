"""Where the journal of a live session goes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forensics.errors import InputError
from forensics.live.journal import JournalWriter


@contextmanager
def open_journal(path: str | None) -> Iterator[JournalWriter]:
    """The journal at ``path``, or one that nobody keeps when null.

    Raises:
        InputError: it cannot be written.
    """
    try:
        with Path(path or os.devnull).open("w", encoding="utf-8") as stream:
            yield JournalWriter(stream)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", name=path) from error
