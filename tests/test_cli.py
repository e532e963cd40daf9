"""The command line as a shell runs it. Each run costs a process, so one run is asked several questions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from forensics.cli.main import COMMANDS, run
from forensics.model.chunk_plan import ChunkPlan
from forensics.pipeline import comparison
from forensics.synth.faults import inject
from forensics.synth.samples import image

ROOT = Path(__file__).resolve().parents[1]
BARE = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING")}
UTF8 = {"PYTHONUTF8": "1"}
ESCAPE = "\x1b["

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX pipes and permissions")


@dataclass(frozen=True)
class Outcome:
    """What one run gave."""

    status: int
    stdout: str
    stderr: str


def otadiff(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **environment: str) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "forensics", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**BARE, **UTF8, "PYTHONPATH": str(ROOT), **environment},
        timeout=60,
        check=False,
    )
    outcome = Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in outcome.stderr
    return outcome


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A folder with sent.bin, same.bin and received.bin, which lacks one chunk of 244."""
    sent = image()
    (tmp_path / "sent.bin").write_bytes(sent)
    (tmp_path / "same.bin").write_bytes(sent)
    (tmp_path / "received.bin").write_bytes(inject(sent, "drop-one", ChunkPlan(size=244), 1).received)
    return tmp_path


def refused(outcome: Outcome, *words: str) -> None:
    """No answer: status 2, nothing on stdout, one clear line on stderr."""
    assert outcome.status == 2
    assert outcome.stdout == ""
    assert all(word in outcome.stderr for word in words), outcome.stderr


def test_healthy_is_0(pair: Path) -> None:
    outcome = otadiff("sent.bin", "same.bin", cwd=pair)
    assert (outcome.status, outcome.stderr) == (0, "")
    assert "same.bin" in outcome.stdout


def test_faulty_is_1_and_the_long_name_says_the_same(pair: Path) -> None:
    short = otadiff("sent.bin", "received.bin", cwd=pair)
    assert (short.status, short.stderr) == (1, "")
    assert otadiff("compare", "sent.bin", "received.bin", cwd=pair) == short
    assert "OTA202" in short.stdout
    assert ESCAPE not in short.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sent.bin", "nowhere.bin"), ("nowhere.bin",)),
        (("nowhere.bin", "received.bin"), ("nowhere.bin",)),
        (("sent.bin", "."), ("folder",)),
        (("-", "-"), ("standard input",)),
        (("sent.bin", "received.bin", "--chunk", "0"), ("chunk size",)),
        (("sent.bin", "received.bin", "--chunk", "many"), ("many",)),
        (("sent.bin", "received.bin", "--offset", "0x7fffffff"), ("received.bin", "0x7fffffff")),
        (("sent.bin", "received.bin", "--format", "floppy"), ("floppy",)),
        (("sent.bin", "received.bin", "--json", "no/such/folder.json"), ("no/such/folder.json",)),
        (("sent.bin", "received.bin", "--json", "-", "--markdown", "-"), ("standard output",)),
        (("sent.bin", "received.bin", "--no-such-option"), ("--no-such-option",)),
        (("sent.bin",), ("RECEIVED",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_done_is_2_with_a_reason(
    pair: Path, arguments: tuple[str, ...], words: tuple[str, ...], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(pair)
    status = run(list(arguments))
    captured = capsys.readouterr()
    refused(Outcome(status, captured.out, captured.err), *words)


def test_a_missing_file_in_a_process_of_its_own(pair: Path) -> None:
    refused(otadiff("sent.bin", "nowhere.bin", cwd=pair), "otadiff: nowhere.bin: ")


def test_an_unknown_option_in_a_process_of_its_own(pair: Path) -> None:
    refused(otadiff("--no-such-option", "sent.bin", "received.bin", cwd=pair), "--no-such-option")


@needs_posix
def test_an_unreadable_file(pair: Path) -> None:
    (pair / "received.bin").chmod(0)
    if os.access(pair / "received.bin", os.R_OK):
        pytest.skip("this user reads every file")
    refused(otadiff("sent.bin", "received.bin", cwd=pair), "received.bin")


@pytest.mark.parametrize(("sent", "received"), [("empty.bin", "received.bin"), ("sent.bin", "empty.bin")])
def test_an_empty_file_is_an_answer_or_a_clear_error(pair: Path, sent: str, received: str) -> None:
    (pair / "empty.bin").write_bytes(b"")
    outcome = otadiff(sent, received, cwd=pair)
    assert outcome.status in (1, 2)
    assert "empty" in outcome.stdout + outcome.stderr


def test_standard_input_on_either_side(pair: Path) -> None:
    received = (pair / "received.bin").read_bytes()
    from_stdin = otadiff("sent.bin", "-", "--json", "-", cwd=pair, stdin=received)
    from_file = otadiff("sent.bin", "received.bin", "--json", "-", cwd=pair)
    assert from_stdin.status == from_file.status == 1
    for key in ("spans", "edits", "chunking", "device"):
        assert json.loads(from_stdin.stdout)[key] == json.loads(from_file.stdout)[key]
    assert otadiff("-", "same.bin", cwd=pair, stdin=(pair / "sent.bin").read_bytes()).status == 0


@needs_posix
def test_a_fifo_is_read(pair: Path) -> None:
    fifo = pair / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=((pair / "same.bin").read_bytes(),), daemon=True)
    writer.start()
    assert otadiff("sent.bin", "fifo", cwd=pair).status == 0
    writer.join(10)


def test_json_on_stdout_is_all_there_is(pair: Path) -> None:
    outcome = otadiff("sent.bin", "received.bin", "--json", "-", cwd=pair)
    assert (outcome.status, outcome.stderr) == (1, "")
    document = json.loads(outcome.stdout)
    assert document["verdict"] == "faulty"
    assert str(pair) not in outcome.stdout


def test_a_saved_report_says_what_the_comparison_said(pair: Path) -> None:
    shown = otadiff("sent.bin", "received.bin", "--json", "report.json", "--markdown", "report.md", cwd=pair)
    rendered = otadiff("render", "report.json", "--markdown", "again.md", cwd=pair)
    assert (shown.status, rendered.status) == (1, 0)
    assert rendered.stdout == shown.stdout
    assert (pair / "again.md").read_text("utf-8") == (pair / "report.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "environment", "colored"),
    [
        ((), {}, False),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(
    pair: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    environment: dict[str, str],
    colored: bool,
) -> None:
    monkeypatch.chdir(pair)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    run(["sent.bin", "received.bin", "--color", "never"])
    plain = capsys.readouterr().out
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run(["sent.bin", "received.bin", *options]) == 1
    shown = capsys.readouterr().out
    assert (ESCAPE in shown) == colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain


def test_colour_in_a_pipe_is_only_for_those_who_ask(pair: Path) -> None:
    assert ESCAPE in otadiff("sent.bin", "received.bin", "--color", "always", cwd=pair, NO_COLOR="1").stdout


def test_a_stream_that_takes_only_ascii_gets_only_ascii(pair: Path) -> None:
    outcome = otadiff("sent.bin", "received.bin", cwd=pair, PYTHONIOENCODING="ascii")
    assert outcome.status == 1
    assert outcome.stdout.isascii()
    assert "\\u" not in outcome.stdout


def test_odd_names_do_not_reach_the_terminal_as_they_are(pair: Path) -> None:
    name = "re\x1b[31mceived\n.bin"
    try:
        (pair / "received.bin").rename(pair / name)
    except OSError:
        pytest.skip("this file system takes no such name")
    outcome = otadiff("sent.bin", name, cwd=pair)
    assert outcome.status == 1
    assert ESCAPE not in outcome.stdout
    missing = otadiff("sent.bin", name + "x", cwd=pair)
    refused(missing, "no such file")
    assert ESCAPE not in missing.stderr


@needs_posix
def test_a_reader_that_goes_away_leaves_no_trace_on_stderr(pair: Path) -> None:
    command = [sys.executable, "-m", "forensics", "sent.bin", "received.bin", "-v"]
    environment = {**BARE, **UTF8, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=pair, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode not in (0, None)


@pytest.mark.parametrize("arguments", [["sent.bin", "received.bin"], ["compare", "sent.bin", "received.bin", "-v"]])
def test_a_defect_of_our_own_is_2_and_no_traceback(
    pair: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise RuntimeError("no such\x1b[31m thing")

    monkeypatch.chdir(pair)
    monkeypatch.setattr(comparison, "align", broken)
    status = run(arguments)
    captured = capsys.readouterr()
    refused(Outcome(status, captured.out, captured.err), "internal error", "RuntimeError")
    assert "Traceback" not in captured.err
    assert ESCAPE not in captured.err
    with pytest.raises(RuntimeError):
        run(arguments, debug=True)


def test_control_c_is_130(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(pair)
    monkeypatch.setattr(comparison, "align", interrupted)
    assert run(["sent.bin", "received.bin"]) == 130


def test_a_file_named_like_a_command(
    pair: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(pair)
    (pair / "sent.bin").rename(pair / "demo")
    assert run(["./demo", "same.bin"]) == 0
    assert run(["compare", "demo", "same.bin"]) == 0
    assert "demo" in capsys.readouterr().out


def test_inputs_are_left_as_they_were(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in pair.iterdir()}
    monkeypatch.chdir(pair)
    run(["sent.bin", "received.bin"])
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in pair.iterdir()} == before


def test_a_plain_run_loads_no_radio_and_no_other_renderer(pair: Path) -> None:
    script = (
        "import sys\n"
        "from forensics.cli.main import run\n"
        "run(['sent.bin', 'received.bin'])\n"
        "print(' '.join(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=pair,
        env={**BARE, **UTF8, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())
    unwanted = {
        "typer",
        "rich",
        "bleak",
        "jinja2",
        "asyncio",
        "forensics.parse.app_names",
        "forensics.parse.trailing",
        "forensics.report.html",
        "forensics.report.svg_map",
        "forensics.synth.image",
    }
    assert loaded & unwanted == set()
    assert "forensics.align.aligner" in loaded


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert re.fullmatch(r"otadiff \d+\.\d+\.\d+\S*\n", capsys.readouterr().out)
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(command in text for command in ("compare", "explain", "render", "demo"))
    assert "Exit status" in text


@pytest.mark.parametrize("command", ["compare", "explain", "render", "demo"])
def test_help_of_a_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command in COMMANDS
    assert run([command, "--help"]) == 0
    assert "Usage: otadiff" in capsys.readouterr().out
