"""Turns the operating system's refusals into errors that name the output and the next step."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from forensics.errors import OutputError

_NEXT_STEPS = {
    errno.ENOSPC: "free some space, or name a file on another disk",
    errno.EDQUOT: "free some space, or name a file on another disk",
    errno.EROFS: "name a file on another disk",
    errno.EACCES: "check its permissions and those of its folder, or name another file",
    errno.EPERM: "check its permissions and those of its folder, or name another file",
}
_OTHERWISE = "name another file"


@contextmanager
def refusals(name: str) -> Iterator[None]:
    """What the system refuses within this block is reported as a failure to write ``name``.

    Raises:
        OutputError: in place of any ``OSError`` of the block.
    """
    try:
        yield
    except OSError as error:
        reason, step = words_of(error)
        raise OutputError(f"cannot be written: {reason}", name=name, next_step=step) from error


def words_of(error: OSError) -> tuple[str, str]:
    """The reason, and what the user can do."""
    return error.strerror or str(error), _NEXT_STEPS.get(error.errno or 0, _OTHERWISE)
