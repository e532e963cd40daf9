"""A file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from forensics.write.failures import refusals

PRIVATE = 0o600
"""Mode of temporary files and journals: they may hold firmware, which is not for other users of the machine."""


class Document:
    """One output that is written in one go.

    Args:
        name: The path as the user gave it.
        target: Where the bytes go: behind all symbolic links, or a device or pipe.
        status: What was there when the run began, None for nothing.
    """

    def __init__(self, name: str, target: Path, status: os.stat_result | None) -> None:
        self.name = name
        self._target = target
        self._before = _state(status)

    def write(self, content: bytes | str) -> None:
        """Write all of it; text as UTF-8.

        Raises:
            OutputError: the system refuses; what was there before is still there.
        """
        with self.part() as part, refusals(self.name), part.open("wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)

    @contextmanager
    def part(self) -> Iterator[Path]:
        """A temporary file to fill, which becomes the document when the block ends without an error.

        Raises:
            OutputError: the system refuses; what was there before is still there.
        """
        target = self._target
        with refusals(self.name):
            replaceable = not target.exists() or stat.S_ISREG(target.stat().st_mode)
        # The name is known before the file exists, so a signal at any moment leaves nothing behind.
        folder = target.parent if replaceable else _temporary_folder()
        part = folder / f".otadiff-{os.urandom(8).hex()}.part"
        try:
            with refusals(self.name):
                os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
            yield part
            with refusals(self.name):
                now = _state(target.stat() if target.exists() else None)
                if replaceable and now != self._before:
                    raise FileExistsError(errno.EEXIST, "it appeared or changed after the run began")
                _replace(part, target) if replaceable else _copy(part, target)
                self._before = _state(target.stat()) if target.exists() else None
        finally:
            part.unlink(missing_ok=True)


def _replace(part: Path, target: Path) -> None:
    """Give ``part`` the name of ``target``, and the mode that people expect there."""
    with part.open("rb+") as stream:
        os.fsync(stream.fileno())
    part.chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
    try:
        part.replace(target)
    except OSError as error:
        if error.errno != errno.EBUSY:  # a bind mount, as containers use it for single files, cannot be replaced
            raise
        before = BytesIO(target.read_bytes())
        try:
            _copy(part, target)
        except OSError:
            _write_over(target, before)
            raise


def _state(status: os.stat_result | None) -> tuple[int, ...] | None:
    """Tells one file, and one content of it, from another: a new file may get the inode of one that was removed."""
    return None if status is None else (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _copy(part: Path, target: Path) -> None:
    with part.open("rb") as source:
        _write_over(target, source)


def _write_over(target: Path, source: BinaryIO) -> None:
    """Write to a device, or to a file, which keeps its room on the disk until the end, so that it can be put back."""
    is_file = target.is_file()
    with target.open("rb+" if is_file else "wb") as stream:
        shutil.copyfileobj(source, stream)
        if is_file:
            stream.truncate()


def _temporary_folder() -> Path:
    from tempfile import gettempdir  # noqa: PLC0415 - for devices only: it costs a plain run some milliseconds

    return Path(gettempdir())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
