"""Whatever fails at whichever moment: what was there is still there, and nothing half is left."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from forensics.errors import OtadiffError, OutputError
from forensics.pipeline.batch.database import open_database
from forensics.pipeline.batch.json_lines import JsonLines, line_of
from forensics.pipeline.batch.results import CaseResult
from forensics.write import Writer

RESULTS = [CaseResult(case=f"case {number}", verdict="healthy", fingerprint=str(number)) for number in range(3)]
OLD = "".join(map(line_of, RESULTS[:2])).encode()
LARGE = b"x" * 100_000


def write_document(path: Path) -> None:
    Writer(force=True).document(path).write(LARGE)


def write_database(path: Path) -> None:
    with open_database(Writer(force=True).document(path)) as database:
        for number in range(2000):
            database.add(CaseResult(case=f"case {number}", verdict="healthy", summary="long " * 20))


def write_lines(path: Path) -> None:
    with Writer().record(path, resume=True) as record:
        lines = JsonLines(record, resume=True)
        for number in range(200):
            lines.add(CaseResult(case=f"case {number}", verdict="healthy", summary="long " * 20))
        lines.tidy()


WRITERS: dict[str, Callable[[Path], None]] = {
    "document": write_document,
    "database": write_database,
    "JSON Lines": write_lines,
}
writers = pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)


@contextmanager
def failing(number: int, kind: int) -> Iterator[list[str]]:
    """The system refuses the call of this number among those that make or change a file; yields the calls so far."""
    calls: list[str] = []

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - any call of the system
            calls.append(name)
            if len(calls) == number:
                raise OSError(kind, os.strerror(kind))
            return call(*arguments, **options)

        return counting

    with pytest.MonkeyPatch.context() as patch:
        for name in ("open", "write", "fsync"):
            patch.setattr(os, name, counted(name, getattr(os, name)))
        for name in ("open", "chmod", "replace"):
            patch.setattr(Path, name, counted(f"Path.{name}", getattr(Path, name)))
        yield calls


def outcome(writer: Callable[[Path], None], path: Path) -> OtadiffError | None:
    """The error that the writer raised."""
    try:
        writer(path)
    except OtadiffError as error:
        return error
    return None


def assert_whole(path: Path, writer: Callable[[Path], None]) -> None:
    """Only the old file is there, or more lines behind it."""
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    content = path.read_bytes()
    if writer is write_lines:
        assert content.startswith(OLD)
        assert content.endswith(b"\n")
    else:
        assert content == OLD


@writers
@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_every_call_that_fails_leaves_the_old_file(writer: Callable[[Path], None], kind: int, tmp_path: Path) -> None:
    path = tmp_path / "output"
    failures = 0
    for number in range(1, 1000):
        path.write_bytes(OLD)
        with failing(number, kind) as calls:
            error = outcome(writer, path)
        if error is None:
            assert len(calls) < number, "a call that failed was not noticed"
            break
        failures += 1
        assert os.strerror(kind) in str(error)
        assert error.next_step
        assert_whole(path, writer)
    assert failures >= 4


def test_a_file_that_cannot_be_replaced_is_written_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(part: Path, target: Path) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(Path, "replace", busy)
    path = tmp_path / "output"
    path.write_bytes(OLD + LARGE)
    inode = path.stat().st_ino
    write_document(path)
    assert (path.read_bytes(), path.stat().st_ino) == (LARGE, inode)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_vanishes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    writer = Writer()
    document, record = writer.document(folder / "report"), writer.record(folder / "lines")
    folder.rmdir()
    with pytest.raises(OutputError, match="No such file"):
        document.write(b"new")
    with pytest.raises(OutputError, match="No such file"):
        record.write("new\n")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for the old file and little else."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root on a Unix mounts a disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=64k", "otadiff-test", disk], check=False, capture_output=True
    ).returncode:
        pytest.skip("this root may not mount a tmpfs")
    yield disk
    subprocess.run([unmount, disk], check=True)


@writers
def test_a_full_disk(writer: Callable[[Path], None], small_disk: Path) -> None:
    path = small_disk / "output"
    path.write_bytes(OLD)
    with pytest.raises(OutputError, match=r"cannot be written: .*(No space left|full)"):
        writer(path)
    assert_whole(path, writer)
    last = path.read_bytes().splitlines()[-1]
    assert last.startswith(b"{")
    assert last.endswith(b"}")
