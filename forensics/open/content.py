"""Opens what the user named: a file, a pipe, stdin or bytes in memory. Never modifies it."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from forensics.errors import InputError
from forensics.model.text import inert

MAX_INPUT_SIZE = 512 * 1024 * 1024
"""Bytes. Sixteen times the largest flash of the family; anything above is not evidence of one transfer."""

HEAD_SIZE = 0x20000
"""Bytes read for recognition: a partition table lies below this offset in every usual layout."""

MAX_DEVICE_SIZE = 64 * 1024 * 1024
"""Bytes that are read from a device, which may have no end."""

_PATIENCE = 2.0
"""Seconds without an end of the input after which the user is told what is waited for."""


class Damage(StrEnum):
    """What the way to a file did to its bytes."""

    CUT = "cut"
    """The archive ends before the file does."""
    BROKEN = "broken"
    """The archive is damaged, so any byte of the file may be wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The archive that a file came in.

    Attributes:
        container: ``zip``, ``gzip`` or ``btsnooz``.
        size: Bytes of the archive, and ``sha256`` over them.
        member: What the file is called in it; empty for gzip.
    """

    container: str
    size: int
    sha256: str
    member: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One file that is open for reading: its first bytes, where the rest is, and what is known of the way to it.

    Attributes:
        name: File name without its folder, the path below what the user named, or ``stdin``, ``bytes``.
        head: The first ``HEAD_SIZE`` bytes, or all when there are fewer.
        path: The regular file to read the rest from.
        unpack: Gives all bytes of a member of an archive again, so that no more than its head is kept. Without it and
            without ``path``, ``head`` is all there is.
        named: The user named it, and not only the folder or archive that holds it.
        problem: Why it, or a part of it, cannot or shall not be read; None for a whole file.
        lost: The part that could not be read may be evidence.
        damage: What an archive did to its bytes.
        archive: The archive that it came in.
    """

    name: str
    head: bytes = b""
    path: Path | None = None
    unpack: Callable[[], bytes] | None = None
    named: bool = False
    problem: str | None = None
    lost: bool = False
    damage: Damage | None = None
    archive: Archive | None = None

    @property
    def is_readable(self) -> bool:
        """There are bytes to look at, though perhaps not all."""
        return self.problem is None or self.damage is not None

    def whole(self) -> bytes:
        """Every byte of the file.

        Raises:
            InputError: it can no longer be read, or is too large.
        """
        if self.path is None:
            return self.head if self.unpack is None else self.unpack()
        try:
            with self.path.open("rb") as stream:
                return _read_bounded(stream, self.name)
        except OSError as error:
            raise _unreadable(error, self.name) from error


def open_content(source: bytes | bytearray | memoryview | str | Path | Content, *, name: str | None = None) -> Content:
    """The input that the user named; ``-`` is stdin, bytes-like is the content itself, what is open stays as it is.

    Raises:
        InputError: it does not exist, is a folder, cannot be read or is larger than ``MAX_INPUT_SIZE``.
    """
    if isinstance(source, Content):
        return source if name is None else replace(source, name=inert(name))
    if isinstance(source, (bytes, bytearray, memoryview)):
        if len(source) > MAX_INPUT_SIZE:
            raise _too_large(inert(name or "bytes"))
        return Content(name=inert(name or "bytes"), head=bytes(source))
    if str(source) == "-":
        if sys.stdin is None:
            raise InputError("is closed", name="stdin", next_step="name a file")
        with _waiting_for("standard input"):
            return Content(name=inert(name or "stdin"), head=_read_bounded(sys.stdin.buffer, "stdin"))
    path = Path(source)
    label = inert(name or path.name or str(path))
    try:
        return _open_path(path, label)
    except (OSError, ValueError) as error:
        raise _unreadable(error, label) from error


def _open_path(path: Path, name: str) -> Content:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise InputError("is a folder, not a file", name=name, next_step="name a file in it")
    if not stat.S_ISREG(status.st_mode):
        most = MAX_DEVICE_SIZE if stat.S_ISCHR(status.st_mode) else MAX_INPUT_SIZE
        with _waiting_for(name), path.open("rb") as stream:
            return Content(name=name, head=_read_bounded(stream, name, most))
    if status.st_size > MAX_INPUT_SIZE:
        raise _too_large(name)
    with path.open("rb") as stream:
        head = stream.read(HEAD_SIZE)
    return Content(name=name, head=head, path=path if len(head) == HEAD_SIZE else None)


@contextmanager
def _waiting_for(name: str) -> Iterator[None]:
    """Says so when a pipe, a terminal or a device lets us wait; what the user named is waited for without end."""
    import logging  # noqa: PLC0415 - files need none
    import threading  # noqa: PLC0415

    words = "waiting for %s; press Ctrl-C to give up"
    timer = threading.Timer(_PATIENCE, logging.getLogger("otadiff").warning, (words, name))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read_bounded(stream: BinaryIO, name: str, most: int = MAX_INPUT_SIZE) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while piece := stream.read(1 << 20):
        total += len(piece)
        if total > most:
            raise _too_large(name, most)
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(name: str, most: int = MAX_INPUT_SIZE) -> InputError:
    return InputError(
        f"is larger than {most >> 20} MiB, more than any ESP32 flash or capture of one transfer",
        name=name,
        next_step="cut out the slot or the time of the transfer",
    )


def _unreadable(error: OSError | ValueError, name: str) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError("no such file", name=name, next_step="check the path")
    if isinstance(error, PermissionError):
        return InputError("cannot be read: permission denied", name=name, next_step="check its permissions")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(f"cannot be read: {reason}", name=name, next_step="copy it to another place and name the copy")
