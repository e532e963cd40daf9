"""``otadiff triage`` as people type it: one bug, its bundle, and a batch."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from forensics.cli import triage
from forensics.cli.batch_table import render_result, render_tally
from forensics.cli.main import run
from forensics.pipeline.batch import CaseFinding, CaseResult
from forensics.pipeline.batch.tally import Tally
from tests.conftest import ROOT
from tests.unit.pipeline.test_bug_folder import BUG, LOST, SENT, fill, zipped

SAMPLES = ROOT / "samples"


@pytest.fixture
def bug(tmp_path: Path) -> Path:
    return fill(tmp_path / "bug", BUG)


@pytest.fixture
def bugs(tmp_path: Path) -> Path:
    files = {"one/app.bin": SENT, "one/dump.bin": LOST, "two/app.bin": SENT, "two/received.bin": SENT}
    return fill(tmp_path / "bugs", {**files, "three.zip": zipped({"a.md": b"nothing\n"})})


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def test_a_folder_gives_one_report(bug: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["triage", str(bug)]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("FAULTY  chunk 40 never arrived")
    assert "sent: app.bin" in shown
    assert "logs/boot.log" in shown
    assert run(["triage", str(bug), "--json", "-"]) == 1
    assert {one["role"] for one in json.loads(capsys.readouterr().out)["inputs"]} == {"sent", "received", "log", "left-out"}


def test_one_image_is_inspected_and_a_pair_compared(bug: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["triage", str(bug / "app.bin")]) == 0
    assert run(["triage", str(bug / "dump.bin"), str(bug / "app.bin"), "--format", "concise"]) == 1
    assert "OTA202" in capsys.readouterr().out


def test_a_zip_on_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(zipped(BUG))))
    assert run(["triage", "-"]) == 1
    assert "chunk 40 never arrived" in capsys.readouterr().out


def test_a_bundle_of_a_folder_and_of_a_comparison(bug: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["triage", str(bug), "--bundle", str(tmp_path / "b.zip")]) == 1
    log = str(bug / "logs" / "boot.log")
    pair = [str(bug / "app.bin"), str(bug / "dump.bin")]
    assert run(["compare", *pair, "--log", log, "--bundle", str(tmp_path / "c.zip")]) == 1
    for name, inputs in (("b.zip", 5), ("c.zip", 3)):
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert "logs/boot.log" in archive.namelist()
            assert len(json.loads(archive.read("inputs.json"))["inputs"]) == inputs
    three = [str(SAMPLES / "unacknowledged" / name) for name in ("sent.bin", "sent.bin", "capture.btsnoop")]
    run(["compare", *three[:2], "--capture", three[2], "--bundle", str(tmp_path / "d.zip")])
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        inputs_told = json.loads(archive.read("inputs.json"))["inputs"]
        assert [one["role"] for one in inputs_told] == ["sent", "received", "capture"]
        assert inputs_told[2]["name"] == "capture.btsnoop"
        assert not any(str(ROOT).encode() in archive.read(name) for name in archive.namelist())
    assert run(["triage", str(bug), "--bundle", "-"]) == 2
    assert "standard output" in capsys.readouterr().err


def test_a_batch_with_everything(bugs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jsonl, database = tmp_path / "b.jsonl", tmp_path / "b.sqlite"
    words = ["triage", "--batch", str(bugs), "--jobs", "2", "--jsonl", str(jsonl)]
    assert run([*words, "--sqlite", str(database), "-v"]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("one  FAULTY  chunk 40 never arrived")
    assert "FAULTY  3 cases: 1 healthy, 1 faulty, 1 without a result" in shown
    assert [(line["case"], line["verdict"]) for line in lines_of(jsonl)] == [
        ("one", "faulty"),
        ("three.zip", None),
        ("two", "healthy"),
    ]
    first = jsonl.read_bytes()
    (bugs / "two" / "received.bin").write_bytes(LOST)
    assert run([*words, "--resume"]) == 1
    assert "2 faulty" in capsys.readouterr().out
    assert [line["verdict"] for line in lines_of(jsonl)] == ["faulty", None, "faulty"]
    (bugs / "two" / "received.bin").write_bytes(SENT)
    assert run([*words, "--resume"]) == 1
    assert jsonl.read_bytes() == first


def test_the_help_s_questions_are_answered(bugs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = tmp_path / "bugs.sqlite"
    assert run(["triage", "--batch", str(bugs), "--jobs", "1", "--sqlite", str(database)]) == 1
    capsys.readouterr()
    assert triage.command.__doc__ is not None
    questions = [shlex.split(line)[2] for line in triage.command.__doc__.splitlines() if "sqlite3 " in line]
    assert len(questions) == 3
    connection = sqlite3.connect(database)
    answers = [connection.execute(question).fetchall() for question in questions]
    connection.close()
    assert answers[0] == [("chunk-missing", 1)]
    assert [row[0] for row in answers[1]] == ["one"]
    assert answers[2][0][1] == 2


def test_json_lines_on_standard_output_are_all_there_is(bugs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["triage", "--batch", str(bugs), "--jobs", "1", "--jsonl", "-"]) == 1
    assert [json.loads(line)["case"] for line in capsys.readouterr().out.splitlines()] == ["one", "three.zip", "two"]


@pytest.mark.parametrize(
    ("kept", "status"), [({"two"}, 0), ({"one", "two"}, 1), ({"two", "three.zip"}, 2), ({"three.zip"}, 2)]
)
def test_the_exit_status_of_a_batch(kept: set[str], status: int, bugs: Path) -> None:
    for place in list(bugs.iterdir()):
        if place.name not in kept:
            place.rename(bugs.parent / place.name)
    assert run(["triage", "--batch", str(bugs), "--jobs", "1"]) == status


@pytest.mark.parametrize(
    "words",
    [
        ["--batch", "--json", "x.json"],
        ["--batch", "--bundle", "x.zip"],
        ["--batch", "--resume"],
        ["--batch", "--resume", "--jsonl", "-"],
        ["--batch", "--jobs", "2", "--dask", "tcp://192.0.2.1:1"],
        ["--jobs", "2"],
        ["--sqlite", "x.sqlite"],
        ["--resume"],
    ],
)
def test_options_that_make_no_sense_together(words: list[str], bugs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["triage", str(bugs), *words]) == 2
    assert capsys.readouterr().err.startswith("otadiff: ")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="this system has no process groups")
def test_an_interrupted_batch_says_so_in_one_line_and_goes_on_where_it_was(tmp_path: Path) -> None:
    for number in range(60):
        received = LOST[: 30_000 + number]
        fill(tmp_path / "bugs" / f"{number:02}", {"sent.bin": SENT, "received.bin": received})
    jsonl, whole = tmp_path / "parts.jsonl", tmp_path / "whole.jsonl"
    words = [sys.executable, "-m", "forensics", "triage", "--batch", str(tmp_path / "bugs"), "--jobs", "1", "--jsonl"]
    process = subprocess.Popen(
        [*words, str(jsonl)], start_new_session=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    while process.poll() is None and not (jsonl.exists() and jsonl.stat().st_size):
        time.sleep(0.02)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    _, complaint = process.communicate()
    assert process.returncode in (130, 1)
    assert complaint.count(b"\n") == (1 if process.returncode == 130 else 0), complaint
    assert [line["case"] for line in lines_of(jsonl)] == [f"{number:02}" for number in range(len(lines_of(jsonl)))]
    for path in (jsonl, whole):
        subprocess.run([*words, str(path), "--resume"], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    assert jsonl.read_bytes() == whole.read_bytes()
    assert len(lines_of(whole)) == 60


def result(case: str, *slugs: str, **more: Any) -> CaseResult:  # noqa: ANN401 - any field of a result
    findings = tuple(
        CaseFinding(code=f"OTA{200 + len(slug)}", slug=slug, certainty="proven", place="air", benign=False, summary=slug)
        for slug in slugs
    )
    codes = tuple(dict.fromkeys(finding.code for finding in findings))
    return CaseResult(case=case, verdict="faulty" if slugs else "healthy", findings=findings, codes=codes, **more)


def hostile_tally() -> Tally:
    tally = Tally()
    for number in range(60):
        name = f"\x1b[31m[bold]{number}\u202e\n" + "n" * 90
        version = f"v{number}\x07<script>"
        tally.add(result(name, f"slug{'x' * number}", project="p", firmware_version=version, protocol="espressif-ble-ota"))
        tally.add(CaseResult(case=name, error="\x1b]0;title\x07" + "e" * 200))
    return tally


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_table_fits_and_steers_no_terminal(width: int) -> None:
    for unicode in (True, False):
        text = render_tally(hostile_tally(), width=width, unicode=unicode)
        assert all(len(line) <= width for line in text.splitlines())
        assert all(character == "\n" or character.isprintable() for character in text)
        assert unicode or text.isascii()
        assert "40 more" in text
    line = render_result(CaseResult(case="\x1b[31m", verdict="faulty", summary="\x1b[0m"))
    assert line == "\\x1b[31m  FAULTY  \\x1b[0m\n"


def test_the_table_of_a_pipe_is_not_cut() -> None:
    tally = Tally()
    tally.add(result("bug", "slug", protocol="control-data", project="blink", firmware_version="v1"))
    assert render_tally(tally, width=None) == (
        "FAULTY  1 case: 1 faulty\n"
        "\n"
        "fault        cases  certainty  for example\n"
        "OTA204 slug      1  1 proven   bug\n"
        "\n"
        "protocol      cases  faulty  most frequent\n"
        "control-data      1       1  OTA204 1\n"
        "\n"
        "firmware  cases  faulty  most frequent\n"
        "blink v1      1       1  OTA204 1\n"
    )
