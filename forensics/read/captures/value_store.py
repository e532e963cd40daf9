"""Keeps the bytes of all values of a capture: in memory while they are few, else in a temporary file.

A snoop log of a day holds many transfers, of which one is asked for.
"""

from __future__ import annotations

import tempfile
import weakref
from typing import BinaryIO, cast

from forensics.model.capture import AttValues, Connection, ValueColumns

LARGEST_IN_MEMORY = 24 * 1024 * 1024
_BLOCK = 1 << 22
_WINDOW = 1 << 18


class ValueStore:
    """Bytes that are appended first and read later; ``size`` is how many there are."""

    def __init__(self) -> None:
        self.tail = bytearray()
        self._file: BinaryIO | None = None
        self._stored = 0
        self._window = b""
        self._window_start = 0

    @property
    def size(self) -> int:
        """Bytes of all values."""
        return self._stored + len(self.tail)

    @property
    def is_in_file(self) -> bool:
        """Some of them are not in memory any more."""
        return self._file is not None

    def append(self, value: bytes) -> int:
        """Keeps ``value``, and gives the offset behind it."""
        self.tail += value
        if len(self.tail) > _BLOCK and (self._file is not None or len(self.tail) > LARGEST_IN_MEMORY):
            self._store()
        return self._stored + len(self.tail)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from offset ``start`` to ``end``; cheap when the offsets rise."""
        if self._file is None or start >= self._stored:
            return bytes(self.tail[start - self._stored : end - self._stored])
        if not self._window_start <= start <= end <= self._window_start + len(self._window):
            self._file.seek(start)
            self._window = self._file.read(max(_WINDOW, end - start))
            self._window_start = start
        found = self._window[start - self._window_start : end - self._window_start]
        return found + bytes(self.tail[: end - start - len(found)]) if end > self._stored else found

    def _store(self) -> None:
        """Moves what is in memory to the file; where none can be written, it stays in memory."""
        try:
            if self._file is None:
                file = cast("BinaryIO", tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 - open as long as the capture is
                self._file = file
                weakref.finalize(self, file.close)
            self._file.seek(self._stored)
            written = 0
            while written < len(self.tail):
                written += self._file.write(memoryview(self.tail)[written:])
        except OSError:
            return
        self._stored += len(self.tail)
        self.tail = bytearray()


class StoredValues(AttValues):
    """The values of a capture whose bytes are in a file; the columns hold everything else."""

    def __init__(self, columns: ValueColumns, connections: tuple[Connection, ...], store: ValueStore) -> None:
        super().__init__(columns, connections)
        self._store = store

    def value(self, index: int) -> bytes:
        """The bytes of the value at ``index``."""
        ends = self.columns.ends
        return self._store.read(ends[index - 1] if index else 0, ends[index])
