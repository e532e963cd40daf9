"""Every report command takes every format, on standard output and in files."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from forensics.cli.main import run
from forensics.cli.options import OUTPUT_FORMATS
from forensics.model.chunk_plan import ChunkPlan
from forensics.pipeline.inspection import predict_log
from forensics.read import FORMATS
from forensics.report import RENDERERS
from forensics.synth.faults import inject
from forensics.synth.image import build_image

COMMANDS = {
    "compare": ("compare", "sent.bin", "received.bin", "--log", "boot.log"),
    "inspect": ("inspect", "received.bin"),
    "triage": ("triage", "boot.log", "sent.bin"),
    "render": ("render", "saved.json"),
    "demo": ("demo",),
}
FILES = ("json", "html", "markdown", "sarif", "junit")


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    sent = build_image(size=8192)
    received = inject(sent, "drop-one", ChunkPlan(size=244), 1).received
    (tmp_path / "sent.bin").write_bytes(sent)
    (tmp_path / "received.bin").write_bytes(received)
    (tmp_path / "boot.log").write_text("\n".join(predict_log(received).lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["compare", "sent.bin", "received.bin", "--json", "saved.json"]) == 1
    capsys.readouterr()
    return tmp_path


def begins(name: str) -> Callable[[str], bool]:
    """How a text of this format is told from one of another."""
    starts = {
        "terminal": "FAULTY  ",
        "json": '{\n  "schema": "otadiff.report/1"',
        "markdown": "**FAULTY**: ",
        "html": "<!DOCTYPE html>",
        "sarif": '{\n  "$schema": ',
        "junit": "<?xml ",
        "github": "::error ",
        "github-summary": "**FAULTY**: ",
    }
    return lambda text: text.startswith(starts[name]) if name in starts else " [" in text.splitlines()[0]


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_each_format(command: str, name: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMANDS[command], "--format", name]) == (0 if command == "render" else 1)
    assert begins(name)(capsys.readouterr().out)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "demo"])
def test_a_command_writes_every_file(command: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [word for name in FILES for word in (f"--{name}", f"out.{name}")]
    run([*COMMANDS[command], *options])
    assert begins("terminal")(capsys.readouterr().out)
    for name in FILES:
        assert begins(name)((case / f"out.{name}").read_text(encoding="utf-8"))


def test_render_reads_standard_input(
    case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A report is UTF-8 whatever the terminal's encoding is.
    saved = io.BytesIO((case / "saved.json").read_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(saved, encoding="cp1252"))
    assert run(["render", "-", "--format", "json"]) == 0
    assert capsys.readouterr().out == (case / "saved.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b'{"a": ' + b"9" * 5000 + b"}", b"[" * 100_000])
def test_what_is_no_report_is_an_error(content: bytes, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (case / "broken.json").write_bytes(content)
    assert run(["render", "broken.json"]) == 2
    assert capsys.readouterr().err.startswith("otadiff: broken.json: ")


def test_no_excerpts_means_no_image_bytes(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    excerpt = json.loads((case / "saved.json").read_text())["edits"][0]["excerpt"]["sent"]
    spaced = " ".join(excerpt[at : at + 2] for at in range(0, len(excerpt), 2))
    for name in OUTPUT_FORMATS:
        run(["render", "saved.json", "--format", name, "--no-excerpts"])
        text = capsys.readouterr().out
        assert excerpt not in text
        assert spaced not in text
    run(["render", "saved.json", "--format", "json"])
    assert excerpt in capsys.readouterr().out


def test_the_step_summary_is_appended(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = case / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    for _ in range(2):
        assert run(["compare", "sent.bin", "received.bin", "--format", "github", "--step-summary"]) == 1
    assert summary.read_text(encoding="utf-8").count("**FAULTY**") == 2
    summary.write_bytes(b"x" * (1 << 20))
    assert run(["compare", "sent.bin", "received.bin", "--step-summary"]) == 1
    assert summary.stat().st_size <= (1 << 20) + 1
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    capsys.readouterr()
    assert run(["compare", "sent.bin", "received.bin", "--step-summary"]) == 2
    assert "GITHUB_STEP_SUMMARY" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "github", "--format", "sarif"),
        ("--format", "raw", "--format", "slot"),
        ("--format", "raw", "--read-as", "slot"),
        ("--format", "github", "--json", "-"),
        ("--json", "-", "--html", "-"),
        ("--format", "no-such-format"),
    ],
)
def test_what_contradicts_itself_is_refused(options: tuple[str, ...], case: Path) -> None:
    assert run(["compare", "sent.bin", "received.bin", *options]) == 2


def test_a_container_and_an_output_format_go_together(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "sent.bin", "received.bin", "--format", "raw", "--format", "concise"]) == 1
    assert begins("concise")(capsys.readouterr().out)
    assert run(["compare", "sent.bin", "received.bin", "--read-as", "raw", "--format", "concise"]) == 1
    assert begins("concise")(capsys.readouterr().out)


def test_no_name_is_both_a_container_and_an_output_format() -> None:
    assert {renderer.name for renderer in RENDERERS}.isdisjoint(FORMATS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("name", ["terminal", "json"])
def test_a_full_disk_is_told(name: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("/dev/full").open("w") as full, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        status = run(["render", "saved.json", "--format", name])
        patch.undo()
        with suppress(OSError):  # what is still in its buffer has no place either
            full.close()
    assert status == 2
    assert capsys.readouterr().err.startswith("otadiff: standard output: cannot be written: ")
