"""No output option of any command destroys evidence, whatever name it has."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from docs.command_pages import every_command
from forensics.cli.main import run
from forensics.pipeline.inspection import predict_log
from tests.conftest import ROOT
from tests.unit.write.test_writer import linked, second_name

READS_FILE = ("--log", "--capture", "--sent", "--partitions", "--sdkconfig")
"""Options with a file that is no output."""


@dataclass(frozen=True)
class Command:
    """A command line that works, its inputs, and what else its outputs need."""

    words: tuple[str, ...]
    inputs: tuple[str, ...]
    beside: tuple[str, ...] = ()


LIVE = ("AA:BB:CC:DD:EE:FF", "--timeout", "0")
COMPARED = ("sent.bin", "received.bin", "--log", "boot.log", "--capture", "capture.btsnoop")
COMMANDS = {
    "compare": Command(("compare", *COMPARED), ("sent.bin", "received.bin", "boot.log", "capture.btsnoop")),
    "inspect": Command(("inspect", "sent.bin"), ("sent.bin",)),
    "triage": Command(("triage", "bug"), ("bug/inside/sent.bin", "bug/inside/boot.log", "bug/attached.zip")),
    "extract": Command(("extract", "capture.btsnoop", "--sent", "sent.bin"), ("capture.btsnoop", "sent.bin")),
    "render": Command(("render", "saved.json"), ("saved.json",)),
    "live send": Command(("live", "send", "sent.bin", *LIVE), ("sent.bin",)),
    "live watch": Command(("live", "watch", "sent.bin", *LIVE), ("sent.bin",)),
    "live capture": Command(
        ("live", "capture", *LIVE, "--notify", "2a00", "--sent", "sent.bin"), ("sent.bin",), ("-o", "new.bin")
    ),
}
"""Those that have inputs."""

WITHOUT_INPUTS = {"demo": Command(("demo",), ()), "live probe": Command(("live", "probe", *LIVE), ())}
NO_FILES = ("explain", "live scan")

ONLY_IN_A_BATCH = ("--jsonl", "--sqlite")


def output_options() -> Iterator[tuple[str, str]]:
    """Every command and every option of it that names a file to write."""
    for words, command, _context in every_command():
        for parameter in command.params:
            name = max(parameter.opts, key=len)
            if parameter.metavar == "FILE" and name.startswith("--") and name not in READS_FILE:
                yield words, name


OPTIONS = sorted(output_options())


def test_every_option_that_writes_is_known() -> None:
    assert {words for words, _name in OPTIONS} | set(NO_FILES) == {words for words, _command, _context in every_command()}
    assert {words for words, _name in OPTIONS} == {*COMMANDS, *WITHOUT_INPUTS}
    assert {"--json", "--bundle", "--jsonl", "--sqlite", "--journal", "--output"} <= {name for _words, name in OPTIONS}


@pytest.fixture
def evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with evidence of every kind, and nothing else."""
    for name in ("sent.bin", "received.bin"):
        shutil.copy(ROOT / "samples" / "chunk-missing" / name, tmp_path)
    shutil.copy(ROOT / "samples" / "capture-incomplete" / "capture.btsnoop", tmp_path)
    received = (tmp_path / "received.bin").read_bytes()
    (tmp_path / "boot.log").write_text("\n".join(predict_log(received).lines), encoding="utf-8")
    inside = tmp_path / "bug" / "inside"
    inside.mkdir(parents=True)
    for name in ("sent.bin", "boot.log"):
        shutil.copy(tmp_path / name, inside)
    shutil.make_archive(str(tmp_path / "bug" / "attached"), "zip", inside)
    monkeypatch.chdir(tmp_path)
    assert run(["compare", "sent.bin", "received.bin", "--json", "saved.json"]) == 1
    capsys.readouterr()
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def line(command: Command, option: str, output: Path | str) -> list[str]:
    batch = ["--batch"] if option in ONLY_IN_A_BATCH else []
    return [*command.words, *batch, *(() if option == "--output" else command.beside), option, str(output)]


@linked
@pytest.mark.parametrize(("words", "option"), [one for one in OPTIONS if one[0] in COMMANDS])
def test_no_option_writes_over_an_input(
    words: str, option: str, link: Callable[[Path, Path], Any], evidence: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = COMMANDS[words]
    for name in command.inputs:
        output = second_name(link, evidence / name)
        before = contents(evidence)
        for force in ((), ("--force",)):
            assert run([*line(command, option, output), *force]) == 2
            shown = capsys.readouterr()
            assert "is an input, and outputs never replace one; name another file" in shown.err
            assert shown.err.count("\n") == 1
            assert shown.out == ""
        assert contents(evidence) == before
        if output.name == "other name":
            output.unlink()


@pytest.mark.parametrize(("words", "option"), OPTIONS)
def test_no_option_writes_over_a_file_of_the_users(
    words: str, option: str, evidence: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (evidence / "notes.txt").write_text("what I found out last night\n")
    before = contents(evidence)
    assert run(line({**COMMANDS, **WITHOUT_INPUTS}[words], option, "notes.txt")) == 2
    assert "notes.txt: exists" in capsys.readouterr().err
    assert contents(evidence) == before


TWICE = [
    ("compare", "--json", "--html"),
    ("compare", "--markdown", "--bundle"),
    ("triage", "--jsonl", "--sqlite"),
    ("live send", "--journal", "--json"),
    ("live watch", "--junit", "--journal"),
    ("live capture", "--output", "--journal"),
    ("live capture", "--output", "--sarif"),
]


@pytest.mark.parametrize(("words", "first", "second"), TWICE)
def test_two_outputs_never_have_one_path(
    words: str, first: str, second: str, evidence: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(evidence)
    other = os.path.join(os.curdir, "bug", os.pardir, "new")  # noqa: PTH118 - another spelling, kept as it is
    assert run([*line(COMMANDS[words], first, "new"), second, other]) == 2
    assert "two outputs go to this file" in capsys.readouterr().err
    assert contents(evidence) == before


MADE = [(words, option) for words, option in OPTIONS if not words.startswith("live")]


@pytest.mark.parametrize(("words", "option"), MADE)
def test_what_otadiff_made_it_makes_again(
    words: str, option: str, evidence: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = {**COMMANDS, **WITHOUT_INPUTS}[words]
    before = contents(evidence)
    status = run(line(command, option, "bug/output"))
    assert "output" not in capsys.readouterr().err
    made = (evidence / "bug" / "output").read_bytes()
    again = run(line(command, option, "bug/output"))
    if option in (
        "--jsonl",
        "--output",
        "--bundle",
    ):  # a record is continued; images and bundles are evidence
        kept = words == "compare" and option == "--bundle"
        assert (again, (evidence / "bug" / "output").read_bytes()) == (status if kept else 2, made)
        if option == "--bundle":
            return
        again = run([*line(command, option, "bug/output"), "--resume" if option == "--jsonl" else "--force"])
    assert (again, (evidence / "bug" / "output").read_bytes()) == (status, made)
    assert contents(evidence) == {**before, os.path.join("bug", "output"): hashlib.sha256(made).hexdigest()}  # noqa: PTH118
