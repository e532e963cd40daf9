"""Which outputs a run may write: checked against all its inputs before any work begins."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from itertools import count
from pathlib import Path

from forensics.errors import OutputError, UsageError
from forensics.write.document import Document
from forensics.write.failures import refusals
from forensics.write.marks import are_our_results, is_our_document, is_our_report_file
from forensics.write.record import Opening, Record

_STREAM = "-"


class Writer:
    """The outputs of one run.

    A file counts as an input whatever it is called: behind a symbolic link, as a hard link, as standard input, or in a
    folder that the user named.

    Args:
        inputs: What the run reads, as the user named it; ``-`` is standard input, None is left out.
        force: Replace files that otadiff did not make. Inputs are never replaced.

    Raises:
        UsageError: standard output is appended to an input.
    """

    def __init__(self, inputs: Iterable[str | Path | None] = (), *, force: bool = False) -> None:
        self._named = [str(one) for one in inputs if one is not None]
        self._force = force
        self._taken: dict[Hashable, str] = {}
        for stream, name in ((sys.stdout, "standard output"), (sys.stderr, "standard error")):
            status = _status_of_stream(stream)
            if status is None or not stat.S_ISREG(status.st_mode):
                continue
            key = _identity(status)
            # A shell that redirects without appending has emptied the file.
            if stream is sys.stdout and status.st_size and (key in self._named_inputs or key in self._found_inputs):
                raise UsageError("standard output is appended to an input", next_step="redirect it to another file")
            self._taken[key] = name

    def document(self, path: str | Path, *, only_new: bool = False) -> Document:
        """A document at ``path``, to be written later.

        Args:
            path: As the user gave it.
            only_new: Refuse every file that holds something, even one that otadiff made: nobody can tell an extracted
                image from evidence.

        Raises:
            OutputError: it cannot be written there.
            UsageError: it would destroy an input, another output, or a file that otadiff did not make.
        """
        name, target, status, ours = self._claimed(path, is_our_document, is_our_report_file)
        if _holds_something(status) and not self._force and (only_new or not ours):
            reason = "exists already" if only_new else "exists, and otadiff did not make it"
            raise UsageError(reason, name=name, next_step="name another file, or replace it with --force")
        return Document(name, target, status)

    def record(self, path: str | Path, *, resume: bool = False, private: bool = False) -> Record:
        """A record at ``path``, to be written later.

        Args:
            path: As the user gave it.
            resume: Go on behind the lines of an earlier run.
            private: Only the user may read it.

        Raises:
            OutputError: it cannot be written there.
            UsageError: there is an earlier one that is not to be continued, or as ``document``.
        """
        kept = _never if private else are_our_results  # nobody can make a journal again
        name, target, status, ours = self._claimed(path, kept, kept)
        if resume and status is not None and not stat.S_ISREG(status.st_mode):
            raise UsageError("is no file that could be continued", name=name, next_step="name a file, or leave --resume out")
        if not _holds_something(status):
            return Record(name, target, Opening.NEW if status is None else Opening.CONTINUE, private=private)
        if resume and not ours:
            raise UsageError("is no record of otadiff that could be continued", name=name, next_step="name another file")
        if not resume and not self._force:
            step = "name another file, continue it with --resume where the command has that, or replace it with --force"
            raise UsageError("exists already, and a record never replaces a file by itself", name=name, next_step=step)
        return Record(name, target, Opening.CONTINUE if resume else Opening.REPLACE, private=private)

    def journal(self, path: str | None, *, beside: str | None = None) -> Record:
        """The journal of a live session: at ``path``, else a new one named after the image ``beside``, else nowhere.

        Raises:
            OutputError: it cannot be written there.
            UsageError: as ``record``.
        """
        if path is None and beside is None:
            return Record(os.devnull, Path(os.devnull), Opening.CONTINUE)
        names = (f"{Path(beside or '').name}.journal{f'-{number}' if number > 1 else ''}.jsonl" for number in count(1))
        return self.record(path or next(name for name in names if not os.path.lexists(name)), private=True)

    def appended(self, path: str | Path) -> Record:
        """A record behind what others wrote to ``path``, such as the summary of a CI step.

        Raises:
            OutputError: it cannot be written there.
            UsageError: it is an input or another output.
        """
        name, target, status, _ours = self._claimed(path, _never, _never)
        return Record(name, target, Opening.NEW if status is None else Opening.CONTINUE)

    def takes(self, path: str) -> bool:
        """The file at ``path`` is an output of this run."""
        status = _status(path)
        return status is not None and _identity(status) in self._taken

    def _claimed(
        self, path: str | Path, is_ours: Callable[[Path], bool], is_no_input: Callable[[Path], bool]
    ) -> tuple[str, Path, os.stat_result | None, bool]:
        """Name, real path and status of an output that is neither an input nor claimed already, and whether it is ours."""
        name = str(path)
        if name == _STREAM:
            raise UsageError("this output cannot go to standard output", next_step="name a file")
        with refusals(name or "the empty name"):
            status = _status_or_none(name)
            regular = status is None or stat.S_ISREG(status.st_mode)
            target = Path(os.path.realpath(name)) if regular else Path(name)
            if status is None:
                key: Hashable = (*_identity(target.parent.stat()), target.name)
            elif stat.S_ISDIR(status.st_mode):
                raise UsageError("is a folder", name=name, next_step="name a file in it")
            elif not os.access(target, os.W_OK):
                raise OutputError("is read-only", name=name, next_step="name another file")
            elif stat.S_ISCHR(status.st_mode):  # a terminal takes any number of outputs
                return name, target, status, False
            else:
                key = _identity(status)
            there = regular and status is not None
            ours = there and is_ours(target)
            found = key in self._found_inputs and not (there and is_no_input(target))
        # What an earlier run left in a folder is no evidence.
        if key in self._named_inputs or found:
            raise UsageError("is an input, and outputs never replace one", name=name, next_step="name another file")
        if key in self._taken:
            reason = f"two outputs go to this file: {self._taken[key]} does as well"
            raise UsageError(reason, name=name, next_step="name another file")
        self._taken[key] = name
        return name, target, status, ours

    @cached_property
    def _named_inputs(self) -> set[Hashable]:
        """Device and inode of what the user named."""
        found = (_status_of_stream(sys.stdin) if named == _STREAM else _status(named) for named in self._named)
        return {_identity(status) for status in found if status is not None}

    @cached_property
    def _found_inputs(self) -> set[Hashable]:
        """The same of every file in the folders that the user named."""
        found = (_status(path) for named in self._named if named != _STREAM for path in _files_below(named))
        return {_identity(status) for status in found if status is not None}


def _holds_something(status: os.stat_result | None) -> bool:
    """Writing there destroys something: a file with content, or a disk, whose size the system does not give."""
    return status is not None and (stat.S_ISBLK(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_size > 0))


def _identity(status: os.stat_result) -> tuple[int, int]:
    """Device and inode; of a disk the number that all its nodes have."""
    return (status.st_rdev, -1) if stat.S_ISBLK(status.st_mode) else (status.st_dev, status.st_ino)


def _never(path: Path) -> bool:
    return False


def _status_or_none(name: str) -> os.stat_result | None:
    """Status of an output, None when a new file of this name can be made.

    The system follows ``..`` and the end of the name as they are; to tidy them up before would lead elsewhere.

    Raises:
        OSError: no file can have this name.
    """
    try:
        return os.stat(name)  # noqa: PTH116 - the name as the user gave it
    except FileNotFoundError:
        folder, last = os.path.split(name)
        if last in ("", os.curdir, os.pardir):
            raise
        os.stat(folder or os.curdir)  # noqa: PTH116 - as above
        return None


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - a path as text, of any folder of thousands
    except (OSError, ValueError):
        return None


def _status_of_stream(stream: object) -> os.stat_result | None:
    """Status of a standard stream; None where it is closed or no file of the system."""
    try:
        return os.fstat(stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None


def _files_below(folder: str) -> Iterator[str]:
    for place, _folders, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in names)  # noqa: PTH118 - as above
