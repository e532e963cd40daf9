"""A file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forensics.write.failures import refusals

PRIVATE = 0o600
"""Mode of temporary files and journals: they may hold firmware, which is not for other users of the machine."""


class Document:
    """One output that is written in one go.

    Args:
        name: The path as the user gave it.
        target: Where the bytes go: behind all symbolic links, or a device or pipe.
    """

    def __init__(self, name: str, target: Path) -> None:
        self.name = name
        self._target = target

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
        replaceable = not target.exists() or stat.S_ISREG(target.stat().st_mode)
        # The name is known before the file exists, so a signal at any moment leaves nothing behind.
        folder = target.parent if replaceable else Path(tempfile.gettempdir())
        part = folder / f".otadiff-{secrets.token_hex(8)}.part"
        try:
            with refusals(self.name):
                os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
            yield part
            with refusals(self.name):
                _replace(part, target) if replaceable else _copy(part, target)
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
        _copy(part, target)


def _copy(part: Path, target: Path) -> None:
    with part.open("rb") as source, target.open("wb", buffering=0) as stream:
        shutil.copyfileobj(source, stream)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
