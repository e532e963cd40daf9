"""Commands to paste into a shell, whatever the names of the files in them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence

_SAFE_ON_WINDOWS = re.compile(r"[\w@+=:,./\\-]+", re.ASCII)


def command_line(arguments: Sequence[str], *, windows: bool = False) -> str:
    """``arguments`` as one line that a shell splits into exactly these; plain where nothing needs quotes.

    Args:
        arguments: The program and what it is given.
        windows: Quote as programs on Windows split their command line, and no POSIX shell does.
    """
    return " ".join(_on_windows(one) for one in arguments) if windows else shlex.join(arguments)


def command_here(arguments: Sequence[str]) -> str:
    """``command_line`` for the system that otadiff runs on."""
    return command_line(arguments, windows=os.name == "nt")


def _on_windows(argument: str) -> str:
    if _SAFE_ON_WINDOWS.fullmatch(argument):
        return argument
    quoted = subprocess.list2cmdline([argument])
    return quoted if quoted.startswith('"') else f'"{quoted}"'
