"""However a run ends, files are whole, nothing of it stays behind, and one line says what happened."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.unit.pipeline.test_bug_folder import LOST, SENT, fill

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows ends a process in one way only")

OTADIFF = [sys.executable, "-m", "forensics"]
EXIT_STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}
WORDS = {signal.SIGINT: b"interrupted", signal.SIGTERM: b"terminated", signal.SIGHUP: b"hung up"}


def started(*words: object, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [*OTADIFF, *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **options,
    )


def processes_of(session: int) -> list[int]:
    """The processes of a session that are still there, as Linux lists them."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def assert_said(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    _, complaint = process.communicate(timeout=60)
    if process.returncode in (0, 1):  # it was faster
        assert complaint == b""
        return
    assert process.returncode == EXIT_STATUS[number]
    if number is not signal.SIGKILL:
        assert complaint.startswith(b"otadiff: " + WORDS[number] + b"; ")
        assert complaint.count(b"\n") == 1


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A saved report that takes some time to write."""
    (tmp_path / "sent.bin").write_bytes(SENT * 40)
    (tmp_path / "received.bin").write_bytes(b"".join(SENT[244 * one :] for one in range(40)))
    path = tmp_path / "saved" / "report.json"
    path.parent.mkdir()
    subprocess.run(
        [*OTADIFF, tmp_path / "sent.bin", tmp_path / "received.bin", "--json", path],
        cwd=ROOT, stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return path


@pytest.mark.slow
@pytest.mark.parametrize("number", EXIT_STATUS)
def test_a_document_is_the_old_or_the_new_one(number: signal.Signals, report: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    outputs = {folder / "report.json": "--json", folder / "report.html": "--html", folder / "report.xml": "--junit"}
    options = [word for path, option in outputs.items() for word in (option, path)]
    began = time.monotonic()
    process = started("render", report, *options)
    assert (process.communicate()[1], process.returncode) == (b"", 0)
    duration = time.monotonic() - began
    whole = {path: path.read_bytes() for path in outputs}
    chance = random.Random(number)
    for _ in range(12):
        process = started("render", report, *options)
        time.sleep(chance.uniform(0.3, 1.1) * duration)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=60)
        assert process.returncode in (0, EXIT_STATUS[number], -number), complaint
        assert {path: path.read_bytes() for path in outputs} == whole
        left = set(folder.iterdir()) - set(outputs)
        if process.returncode == EXIT_STATUS[number] and number is not signal.SIGKILL:
            assert complaint.startswith(b"otadiff: " + WORDS[number] + b"; ")
            assert complaint.count(b"\n") == 1
            assert not left
        for path in left:  # only what ends at once leaves anything
            path.unlink()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux lists processes in /proc")
@pytest.mark.parametrize("number", EXIT_STATUS)
def test_a_batch_leaves_whole_lines_and_no_worker(number: signal.Signals, tmp_path: Path) -> None:
    for case in range(150):
        fill(tmp_path / "bugs" / f"{case:03}", {"sent.bin": SENT, "received.bin": LOST[: 30_000 + case]})
    chance = random.Random(number)
    for attempt in range(4):
        jsonl, database = tmp_path / f"{attempt}.jsonl", tmp_path / f"{attempt}.sqlite"
        process = started("triage", "--batch", tmp_path / "bugs", "--jobs", "2", "--jsonl", jsonl, "--sqlite", database)
        while process.poll() is None and not (jsonl.exists() and jsonl.stat().st_size):
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.3))
        if number is signal.SIGINT:  # the keyboard's goes to all of them
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        assert_said(process, number)
        deadline = time.monotonic() + 20
        while processes_of(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not processes_of(process.pid), "workers are still there"
        content = jsonl.read_bytes()
        assert content.endswith(b"\n")
        assert all(json.loads(line) for line in content.splitlines())
        if process.returncode not in (0, 1):
            assert not database.exists()
        if number is not signal.SIGKILL:
            assert not list(tmp_path.glob(".otadiff-*"))


def ended(words: Sequence[object], redirections: str = "") -> tuple[int, str]:
    """Exit status and standard error of a command line that a shell starts."""
    done = subprocess.run(
        ["sh", "-c", f'"$@" {redirections}', "sh", *OTADIFF, *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


SAMPLE = ("samples/chunk-missing/sent.bin", "samples/chunk-missing/received.bin")
PRINTING = [
    SAMPLE,
    (*SAMPLE, "--json", "-"),
    ("inspect", SAMPLE[0]),
    ("inspect", SAMPLE[0], "--as-log"),
    ("extract", SAMPLE[0], "-o", "-"),
    ("explain", "OTA202"),
    ("triage", "samples/forum-log"),
    ("--help",),
    ("triage", "--help"),
    ("--version",),
    ("--show-completion", "bash"),
]


@pytest.mark.slow
@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_standard_output_that_takes_nothing(words: tuple[str, ...]) -> None:
    for redirection, reason in ((">/dev/full", "No space left on device"), (">&-", "closed")):
        if redirection == ">/dev/full" and not Path("/dev/full").exists():
            continue
        status, complaint = ended(words, redirection)
        assert status == 2, complaint
        assert complaint.startswith("otadiff: ")
        assert reason in complaint
        assert complaint.rstrip().count("\n") == 0
        assert "; " in complaint, "there is no next step"


@pytest.mark.parametrize("words", [("-", SAMPLE[1]), ("inspect", "-"), ("triage", "-"), ("render", "-")], ids=" ".join)
def test_standard_input_that_is_closed(words: tuple[str, ...]) -> None:
    assert ended(words, "<&-") == (2, "otadiff: stdin: is closed; name a file\n")


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    assert ended((*SAMPLE, "--color", "never"), "| head -1 >/dev/null")[1] == ""
    assert ended(SAMPLE, "| head -1 >/dev/null")[1] == ""


def test_results_beside_the_cases_are_no_case(tmp_path: Path) -> None:
    fill(tmp_path / "bugs" / "one", {"sent.bin": SENT, "received.bin": LOST})
    results = tmp_path / "bugs" / "results.jsonl"
    for resume in ([], ["--resume"]):
        words = ("triage", "--batch", tmp_path / "bugs", "--jsonl", results, *resume)
        assert ended(words, ">/dev/null") == (1, "")
        assert len(results.read_bytes().splitlines()) == 1


@pytest.mark.parametrize("words", [SAMPLE, ("triage", "samples/forum-log"), ("extract", SAMPLE[0], "-o", "-")], ids=" ".join)
def test_standard_error_that_is_closed_fails_nothing(words: tuple[str, ...]) -> None:
    assert ended(words, ">/dev/null 2>&-")[0] == ended(words, ">/dev/null")[0] != 2
