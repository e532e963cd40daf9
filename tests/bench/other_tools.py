"""The tools that people use instead: how each is run on a pair of files, and whether it is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Command = tuple[str | Path, ...]


class Tool(NamedTuple):
    """One tool.

    ``steps`` gives its commands from an interpreter, sent, received and a folder for what it writes.
    ``slower_than`` names what has to be faster: ``process`` is the whole otadiff command, ``alone`` is ``compare()``.
    ``module`` is the Python package that it needs, else it is a program of its own name.
    """

    name: str
    steps: Callable[[str, Path, Path, Path], list[Command]]
    slower_than: tuple[str, ...] = ()
    module: str | None = None
    slow: bool = False


def _with_module(code: str) -> Callable[[str, Path, Path, Path], list[Command]]:
    """``code`` finds the paths of sent, received and the patch in ``sys.argv``."""

    def steps(python: str, sent: Path, received: Path, folder: Path) -> list[Command]:
        return [(python, "-c", f"import sys; {code}", sent, received, folder / "patch")]

    return steps


def _cmp(python: str, sent: Path, received: Path, folder: Path) -> list[Command]:
    return [("cmp", "-l", sent, received)]


def _rdiff(python: str, sent: Path, received: Path, folder: Path) -> list[Command]:
    signature = folder / "signature"
    return [
        ("rdiff", "--force", "signature", sent, signature),
        ("rdiff", "--force", "delta", signature, received, folder / "patch"),
    ]


def _xdelta(python: str, sent: Path, received: Path, folder: Path) -> list[Command]:
    return [("xdelta3", "-e", "-f", "-s", sent, received, folder / "patch")]


def _zstd(python: str, sent: Path, received: Path, folder: Path) -> list[Command]:
    return [("zstd", "-q", "-f", f"--patch-from={sent}", "--long=27", received, "-o", folder / "patch")]


def _diffoscope(python: str, sent: Path, received: Path, folder: Path) -> list[Command]:
    return [("diffoscope", "--text", folder / "text", sent, received)]


_WITH_BYTES = "open(sys.argv[3], 'wb').write({}(open(sys.argv[1], 'rb').read(), open(sys.argv[2], 'rb').read()))"
_DETOOLS = "import detools; detools.create_patch(open(sys.argv[1], 'rb'), open(sys.argv[2], 'rb'), open(sys.argv[3], 'wb'))"

OTHER_TOOLS = (
    Tool("cmp", _cmp),
    Tool("rdiff", _rdiff, ("alone",)),
    Tool("xdelta3", _xdelta, ("alone",)),
    Tool("zstd", _zstd, ("alone",)),
    Tool("bsdiff4", _with_module("import bsdiff4; bsdiff4.file_diff(*sys.argv[1:4])"), ("process",), "bsdiff4", slow=True),
    Tool(
        "hdiffpatch",
        _with_module("import hdiffpatch; " + _WITH_BYTES.format("hdiffpatch.diff")),
        ("process",),
        "hdiffpatch",
        slow=True,
    ),
    Tool("detools", _with_module(_DETOOLS), ("process",), "detools", slow=True),
    Tool("diffoscope", _diffoscope, ("process",), slow=True),
)
"""Every tool that is measured."""


def is_installed(tool: Tool, python: str) -> bool:
    """The program is on PATH, or ``python`` can import the package."""
    if tool.module is None:
        return shutil.which(tool.name) is not None
    probe = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({tool.module!r}) is None)"
    return subprocess.run([python, "-c", probe], check=False).returncode == 0
