"""What is one case: a subfolder, a zip file, or loose files whose names say that they belong together."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from forensics.errors import InputError
from forensics.model.text import inert

_ROLES = frozenset(
    (
        *("sent", "original", "orig"),
        *("received", "recv", "dump", "readback", "device", "slot", "flash"),
        *("capture", "btsnoop", "hci"),
        *("log", "serial", "monitor", "boot"),
    )
)
"""Words in the names of loose files that tell the files of one case apart."""

_WORDS = re.compile(r"[-_. ]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One bug: its name in every table, and the files, folders or zip files that it is made of."""

    name: str
    paths: tuple[str, ...]


def find_cases(folders: Sequence[str | Path], is_output: Callable[[str], bool] = lambda path: False) -> tuple[Case, ...]:
    """The cases in ``folders``, by name.

    Each subfolder and each zip file is a case, and so are loose files of one name but for a word such as ``sent``,
    ``received`` or ``log``; when nothing else is left of their names, the folder itself is the case. Hidden entries and
    symbolic links are left alone. A zip file that is named instead of a folder is a case. Cases of one name are numbered.

    Args:
        folders: What the user named.
        is_output: Whether this run writes the file at a path; results beside the cases are none.

    Raises:
        InputError: a folder does not exist or cannot be listed, or nothing is in any of them.
    """
    several = len(folders) > 1
    cases: list[Case] = []
    for folder in map(Path, folders):
        found = _in_folder(folder, is_output) if folder.is_dir() else [_single(folder)]
        prefix = f"{inert(folder.name)}/" if several and folder.is_dir() else ""
        cases += [Case(name=prefix + case.name, paths=case.paths) for case in found]
    if not cases:
        raise InputError(
            "there is no case in it",
            name=inert(Path(folders[0]).name) if folders else "",
            next_step="name the folder that holds the folders of the bugs",
        )
    seen: Counter[str] = Counter(case.name for case in cases)
    again = {name: count(1) for name, number in seen.items() if number > 1}
    return tuple(
        replace(case, name=f"{case.name} ({next(again[case.name])})") if case.name in again else case for case in cases
    )


def _single(path: Path) -> Case:
    if not path.exists():
        raise InputError("no such file or folder", name=inert(path.name), next_step="check the path")
    return Case(name=inert(path.name), paths=(str(path),))


def _in_folder(folder: Path, is_output: Callable[[str], bool]) -> list[Case]:
    cases: dict[str, list[str]] = {}
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"cannot be listed: {error.strerror}", name=inert(folder.name), next_step="check its permissions"
        ) from error
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink() or is_output(entry.path):
            continue
        mode = _mode(entry)
        if stat.S_ISDIR(mode) or entry.name.lower().endswith(".zip"):
            cases.setdefault(entry.name, []).append(entry.path)
        elif stat.S_ISREG(mode):
            cases.setdefault(_stem(entry.name) or folder.resolve().name, []).append(entry.path)
    return [Case(name=inert(name), paths=tuple(cases[name])) for name in sorted(cases)]


def _mode(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_mode
    except OSError:
        return 0


def _stem(name: str) -> str:
    """``bug12`` of ``bug12_sent.bin``, ``bug12.received.hex`` and ``bug12.log``."""
    words = _WORDS.split(name)
    ended = words[:-1] if len(words) > 1 else words
    return "-".join(word for word in ended if word and word.lower() not in _ROLES)
