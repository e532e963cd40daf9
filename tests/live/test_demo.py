"""``otadiff demo --live``: a whole update without hardware, and what it says of it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

pytest.importorskip("bumble", reason="the virtual ESP32 needs bumble: pip install 'otadiff[virtual]'")

from forensics.cli import demo as command
from forensics.cli.main import run
from forensics.live.virtual.demo import demos, run_demo
from forensics.parse.logs import parse_log

NAMES = [one.name for one in demos()]
SHOWN_BY = {"queue-full": "chunk-missing", "disconnected": "tail-missing"}
"""Demos named for what happens instead of for the fault that it leaves in flash."""


def _document(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object], str]:
    status = run(["demo", name, "--live", "--json", "-"])
    said = capsys.readouterr()
    return status, json.loads(said.out), said.err


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_demo_shows_its_fault(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, document, said = _document(name, capsys)
    findings = document["findings"]
    assert isinstance(findings, list)
    serious = [finding["slug"] for finding in findings if not finding["benign"]]
    if name == "healthy":
        assert (status, document["verdict"], serious) == (0, "healthy", [])
    else:
        assert (status, document["verdict"], serious[0]) == (1, "faulty", SHOWN_BY.get(name, name))
    assert "OTA-TEST" in said
    assert "handed to the stack" in said


def test_a_demo_says_the_same_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert _document("chunk-missing", capsys) == _document("chunk-missing", capsys)


def test_the_devices_log_is_one_that_is_understood() -> None:
    demo = next(one for one in demos() if one.name == "chunk-missing")
    log = parse_log(run_demo(demo, lambda line: None).log)
    assert [found.outcome for found in log.passes] == ["failed"]


def test_an_unknown_demo_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "melted", "--live"]) == 2
    assert "queue-full" in capsys.readouterr().err


def test_without_bumble_the_message_has_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "bumble" else importlib.util.find_spec(name))
    assert run(["demo", "--live"]) == 2
    assert "pip install 'otadiff[virtual]'" in capsys.readouterr().err


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(["demo", "healthy", "--live", "--json", "-"])
    assert list(tmp_path.iterdir()) == []
