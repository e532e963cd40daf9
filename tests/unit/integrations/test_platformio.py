"""The PlatformIO recipe, run as PlatformIO's builder runs it: with ``Import`` and ``env`` in its names."""

from __future__ import annotations

import configparser
import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
RECIPE = ROOT / "samples" / "platformio"
LOST = ROOT / "samples" / "chunk-missing"


class BuilderEnvironment:
    """The part of PlatformIO's SCons environment that the recipe uses.

    Source: platformio-core platformio/builder/tools/piotarget.py (``AddCustomTarget``) and pioproject.py
    (``GetProjectOption``), 6.2.
    """

    def __init__(self, project: Path, options: dict[str, str]) -> None:
        self._variables = {"$BUILD_DIR": str(project), "${PROGNAME}": "firmware", "$PROJECT_DIR": str(project)}
        self._options = options
        self.targets: dict[str, dict[str, Any]] = {}

    def subst(self, text: str) -> str:
        for name, value in self._variables.items():
            text = text.replace(name, value)
        return text

    def GetProjectOption(self, name: str, default: str) -> str:  # noqa: N802 - PlatformIO's name
        return self._options.get(name, default)

    def AddCustomTarget(  # noqa: N802 - PlatformIO's name
        self, name: str, dependencies: object, actions: list[Callable[..., int]], title: str, description: str
    ) -> None:
        self.targets[name] = {"dependencies": dependencies, "actions": actions}


def _run_target(project: Path, options: dict[str, str]) -> int:
    environment = BuilderEnvironment(project, options)
    imported: list[str] = []
    runpy.run_path(str(RECIPE / "otadiff_target.py"), {"Import": imported.append, "env": environment})
    assert imported == ["env"]
    assert environment.targets["otadiff"]["dependencies"] is None
    (action,) = environment.targets["otadiff"]["actions"]
    return int(action([], [], environment))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with its image built, and otadiff on PATH."""
    (tmp_path / "firmware.bin").write_bytes((LOST / "sent.bin").read_bytes())
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    return tmp_path


def test_the_target_compares_the_image_with_what_arrived(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "slot.bin").write_bytes((LOST / "received.bin").read_bytes())
    assert _run_target(project, {"custom_otadiff_received": "slot.bin"}) == 1
    assert capfd.readouterr().out.startswith("FAULTY  chunk 52 never arrived")


def test_the_file_is_called_received_unless_it_is_named(project: Path) -> None:
    (project / "received.bin").write_bytes((LOST / "sent.bin").read_bytes())
    assert _run_target(project, {}) == 0


def test_without_otadiff_on_the_path_it_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(project))
    assert _run_target(project, {}) == 2
    assert "otadiff is not on PATH" in capfd.readouterr().err


def test_the_settings_name_the_script() -> None:
    settings = configparser.ConfigParser()
    settings.read(RECIPE / "platformio.ini", encoding="utf-8")
    assert (RECIPE / settings["env:esp32dev"]["extra_scripts"]).is_file()
