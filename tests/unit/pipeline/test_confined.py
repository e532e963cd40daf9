"""Workers of a batch: what they give up, and what a case that never ends costs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from forensics.model.limits import Limits
from forensics.pipeline.batch import runner
from forensics.pipeline.batch.cases import Case, find_cases
from forensics.pipeline.batch.runner import BATCH_OPTIONS, run_case

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are those of POSIX")


def confined(code: str, temporary: Path | None = None) -> str:
    """What the code prints in a process that has given up what it does not need."""
    begin = "from forensics.pipeline.batch.confined import confine\nmissing = confine()\n"
    where = {"TMPDIR": str(temporary)} if temporary else {}
    command = [sys.executable, "-c", begin + code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **where})
    return done.stdout.strip()


def test_a_worker_writes_nowhere_but_in_the_temporary_folder(tmp_path: Path) -> None:
    if "files" in confined("print(missing)"):
        pytest.skip("this kernel has no Landlock")
    temporary, outside = tmp_path / "temporary", tmp_path / "outside"
    temporary.mkdir()
    code = (
        "import tempfile\n"
        "tempfile.TemporaryFile().write(b'x')\n"
        f"try:\n    open({str(outside)!r}, 'wb')\nexcept OSError as error:\n    print(type(error).__name__)\n"
    )
    assert confined(code, temporary) == "PermissionError"
    assert not outside.exists()


def test_a_worker_has_bounded_memory() -> None:
    if "memory" in confined("print(missing)"):
        pytest.skip("this system bounds no address space")
    assert confined("try:\n    bytes(5 << 30)\nexcept MemoryError:\n    print('refused')\n") == "refused"


def test_a_case_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never_ends(*_arguments: object) -> None:
        while True:
            pass

    monkeypatch.setattr(runner, "triage_bug", never_ends)
    (tmp_path / "a.log").write_bytes(b"x")
    limits = Limits(case_seconds=0.1)
    result = run_case(Case(name="a", paths=(str(tmp_path),)), replace(BATCH_OPTIONS, limits=limits))
    assert result is not None
    assert (result.error or "").startswith("stopped after the CPU time of one case")


def test_cases_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folders = [tmp_path / one / "bugs" for one in ("a", "b")]
    for folder in folders:
        (folder / "first").mkdir(parents=True)
    assert [case.name for case in find_cases(folders)] == ["bugs/first (1)", "bugs/first (2)"]
