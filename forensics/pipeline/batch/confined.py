"""What a worker gives up before it opens a stranger's files, so that a bomb costs one case.

Source: Linux ``Documentation/userspace-api/landlock.rst`` and ``include/uapi/linux/landlock.h`` (6.10): the numbers of
the system calls, which are the same on every architecture, and the rights of files.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MEMORY = 4 * 1024 * 1024 * 1024
"""Bytes of address space of a worker."""

DEBUG = "OTADIFF_DEBUG"
"""Set in the environment of workers when the user wants to know what goes on beneath."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_NO_NEW_PRIVS = 38
_PATH_BENEATH = 1
_VERSION = 1
_WRITES = 0x2 | 0x1FF0
"""To write a file, to remove one, and to make one of any kind."""

_TRUNCATE = 0x4000
_KNOWS_TRUNCATE = 3
"""The version of Landlock from which on it knows that right."""


class CaseTimeout(Exception):  # noqa: N818 - it says what happened
    """A case has used up its CPU time."""


def confine() -> tuple[str, ...]:
    """Give up memory beyond ``MEMORY`` and writing outside the temporary folder, and say what the system cannot."""
    missing = []
    try:
        import resource  # noqa: PLC0415 - POSIX only

        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ImportError, OSError, ValueError):
        missing.append("limit their memory")
    if not _give_up_writing(tempfile.gettempdir()):
        missing.append("forbid them to write files")
    return tuple(missing)


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises ``CaseTimeout`` inside the block after so many CPU seconds, where the system can."""
    known = hasattr(signal, "SIGXCPU") and threading.current_thread() is threading.main_thread()
    if not known:
        yield
        return
    import resource  # noqa: PLC0415 - POSIX only

    before, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    handler = signal.signal(signal.SIGXCPU, _stop)
    with suppress(OSError, ValueError):  # a lower hard limit is the administrator's
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (before, hard))
        signal.signal(signal.SIGXCPU, handler)


def _stop(_signal: int, _frame: object) -> None:
    raise CaseTimeout


def _give_up_writing(kept: str) -> bool:
    """Let this process write below ``kept`` and nowhere else; false where the kernel has no Landlock."""
    if not sys.platform.startswith("linux"):
        return False
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = call(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    rights = _WRITES | (_TRUNCATE if version >= _KNOWS_TRUNCATE else 0)
    rules = call(_CREATE_RULESET, struct.pack("Q", rights), ctypes.c_size_t(8), 0)
    if rules < 0:
        return False
    folder = os.open(kept, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, folder), 0) == 0
        ctypes.CDLL(None).prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(allowed and call(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(folder)
        os.close(rules)
