"""One job in a process of its own, under limits of time, memory and disk; what it cost goes to standard output as JSON.

    python -m tests.fuzz.job DOOR FILE...

The process forks at once: the child does the job, and the kernel counts its CPU time and peak memory, even if it is killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

CPU_SECONDS = 10
_WAITS = 60
"""Seconds after which a job that neither ends nor works is ended: it waits for something that never comes."""

_TIMES_INPUT, _FREE_MEMORY = 6, 100 << 20
_ROOM = 1 << 30
"""Bytes of address space beyond the promise: enough to measure by how much it is broken, and no danger for the machine."""


def allowed_memory(input_size: int) -> int:
    """Bytes that a job may need above those of an empty job."""
    return _TIMES_INPUT * input_size + _FREE_MEMORY


def run(door: str, paths: list[Path]) -> str:
    """Does the job: gives the verdict, or that the input was refused.

    Raises:
        Exception: whatever the tool should not have raised.
    """
    from forensics.errors import OtadiffError
    from tests.fuzz.doors import DOORS

    try:
        return DOORS[door](*paths)
    except OtadiffError as error:
        return f"refused: {error}"


def _limit(paths: list[Path]) -> None:
    size = sum(path.stat().st_size for path in paths if path.is_file())
    space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (space + allowed_memory(size) + _ROOM,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (allowed_memory(size),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(_WAITS)


def _child(work: Callable[[], str], answer: int) -> None:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            told = {"answer": work()}
    except BaseException:
        told = {"failure": traceback.format_exc(limit=-6)}
    os.write(answer, json.dumps(told).encode()[: 1 << 15])


def main() -> None:
    """Forks, waits for the child, and prints what it said and cost."""
    door, *names = sys.argv[1:]
    paths = [Path(name) for name in names]
    source, answer = os.pipe()
    child = os.fork()
    if not child:
        _limit(paths)
        _child(lambda: run(door, paths), answer)
        os._exit(0)
    os.close(answer)
    _child_id, status, used = os.wait4(child, 0)
    told = json.loads(os.read(source, 1 << 16) or "{}")
    if not told:
        ended = -os.waitstatus_to_exitcode(status)
        told = {"failure": f"ended by {signal.Signals(ended).name}: it took too much CPU time, or waited for ever"}
    told |= {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}
    print(json.dumps(told))  # noqa: T201 - its only output


if __name__ == "__main__":
    main()
