"""Commands that a report prints are taken by a shell as they were meant, whatever the files are called."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import forensics
from forensics.model.report import Report
from forensics.open.content import open_content
from forensics.report.commands import command_line
from forensics.report.terminal import render_terminal

NAMES = ("sent.bin", "$(touch x).bin", "a;b #.bin", "-rf.bin", "it's.bin", "two  blanks.bin", "`id`&|<>*.bin", "a\nb.bin")
SAMPLE = Path(__file__).parents[3] / "samples" / "forum-case"


def report_about(name: str) -> Report:
    sent = open_content((SAMPLE / "sent.bin").read_bytes(), name=name)
    log = open_content((SAMPLE / "device.log").read_bytes(), name=f"{name}.log")
    return forensics.triage(sent, log, solve_seconds=0.01)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [80, None])
def test_a_printed_command_is_split_by_a_shell_as_it_was_meant(name: str, width: int | None) -> None:
    report = report_about(name)
    meant = {command for finding in report.findings for command in finding.commands}
    assert meant
    screen = render_terminal(report, width=width)
    printed = {tuple(shlex.split(line.partition("= run: ")[2])) for line in screen.splitlines() if "= run: " in line}
    assert printed == meant
    assert not any(argument.startswith("-rf") for command in meant for argument in command)


@pytest.mark.parametrize("name", NAMES)
def test_on_windows_an_argument_stays_one_argument(name: str) -> None:
    line = command_line(("otadiff", name, "received.bin"), windows=True)
    assert line.startswith("otadiff ")
    assert line.endswith(" received.bin")
    middle = line.removeprefix("otadiff ").removesuffix(" received.bin")
    assert middle == (name if name in ("sent.bin", "-rf.bin") else f'"{name}"')
