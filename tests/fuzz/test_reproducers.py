"""Every input that once took the machine gives a report or a refusal, within bounds of CPU time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.fuzz.reproducers import FAILS_TODAY, REPRODUCERS, Files, Reproducer

job = pytest.importorskip("tests.fuzz.job", reason="limits of processes are those of POSIX")


def _marked(row: Reproducer) -> Any:  # noqa: ANN401 - a pytest parameter has no public type
    marks = [pytest.mark.slow] if row.slow else []
    if row.name in FAILS_TODAY:
        marks.append(pytest.mark.xfail(strict=True, reason=FAILS_TODAY[row.name]))
    return pytest.param(row, id=row.name, marks=marks)


def write(files: Files, folder: Path) -> int:
    """Put the files there, and give their size in bytes."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return sum(map(len, files.values()))


def measure(door: str, paths: tuple[Path, ...] = ()) -> Mapping[str, Any]:
    """What the job answers, and its CPU seconds and peak memory in bytes."""
    command = [sys.executable, "-m", "tests.fuzz.job", door, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
    told: Mapping[str, Any] = json.loads(done.stdout)
    return told


@cache
def empty_job() -> int:
    """Peak memory of a job that does nothing."""
    peak: int = measure("empty")["peak"]
    return peak


@pytest.mark.parametrize("row", [_marked(row) for row in REPRODUCERS])
def test_it_gives_a_report_or_a_refusal_within_bounds(row: Reproducer, tmp_path: Path) -> None:
    files = row.build()
    size = write(files, tmp_path)
    told = measure(row.door, tuple(tmp_path / name for name in row.arguments or files))
    assert "failure" not in told, f"{told['failure']}\n{told['cpu']:.1f} CPU s, {told['peak'] >> 20} MiB"
    assert row.answer in (None, told["answer"])
    assert told["cpu"] <= job.CPU_SECONDS
    more = told["peak"] - empty_job()
    assert more <= job.allowed_memory(size), f"{more >> 20} MiB for {size / (1 << 20):.1f} MiB"


def test_the_table_of_what_fails_names_reproducers() -> None:
    assert FAILS_TODAY.keys() <= {row.name for row in REPRODUCERS}
