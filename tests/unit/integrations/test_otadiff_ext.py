"""``idf.py otadiff``, loaded from its entry point and called as idf.py calls extensions, over a build folder made here."""

from __future__ import annotations

import importlib.metadata
import json
import re
import runpy
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from forensics.errors import InputError
from forensics.integrations.idf_build import read_build
from forensics.integrations.otadiff_ext import action_extensions
from forensics.spec.partition_table import PARTITION_ENTRY, PARTITION_MAGIC
from forensics.synth.samples import image

ROOT = Path(__file__).resolve().parents[3]
LOST = ROOT / "samples" / "chunk-missing"


def _entry(label: str, subtype: int, offset: int, size: int, kind: int = 0) -> bytes:
    fields = {"magic": PARTITION_MAGIC, "type": kind, "subtype": subtype, "offset": offset, "size": size, "flags": 0}
    return bytes(PARTITION_ENTRY.build({**fields, "label": label.encode().ljust(16, b"\0")}))


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build folder with the files that ESP-IDF's build leaves in it."""
    folder = tmp_path / "build"
    (folder / "partition_table").mkdir(parents=True)
    (folder / "blink.bin").write_bytes(image())
    (folder / "partition_table" / "partition-table.bin").write_bytes(
        _entry("nvs", 2, 0x9000, 0x6000, kind=1)
        + _entry("ota_0", 0x10, 0x20000, 0x150000)
        + _entry("ota_1", 0x11, 0x170000, 0x140000)
        + b"\xff" * 0x1000
    )
    description = {"app_bin": "blink.bin", "target": "esp32", "git_revision": "v5.1.2-dirty", "project_name": "blink"}
    (folder / "project_description.json").write_text(json.dumps(description))
    flasher = {"partition-table": {"offset": "0x8000", "file": "partition_table/partition-table.bin"}}
    (folder / "flasher_args.json").write_text(json.dumps(flasher))
    return folder


def idf_py(build: Path, *arguments: str) -> int:
    """What idf.py v6.0 does with an entry point: load it, merge its actions, let click parse a chain of commands, and call
    the task of each with the rest.

    Source: ESP-IDF tools/idf.py, ``load_cli_extensions_from_entry_points``, ``CLI`` and ``Task.__call__``.
    """
    click = pytest.importorskip("click")
    (entry,) = [one for one in importlib.metadata.entry_points(group="idf_extension") if one.name == "otadiff"]
    extension: dict[str, Any] = entry.load()({}, str(build.parent))
    assert extension["version"] == "1"
    action = extension["actions"]["otadiff"]
    run = action.pop("callback")
    parameters = [click.Argument(one.pop("names"), **one) for one in action.pop("arguments")]
    parameters += [click.Option(param_decls=one.pop("names"), **one) for one in action.pop("options")]
    options = SimpleNamespace(build_dir=str(build), project_dir=str(build.parent))
    program = click.Group(chain=True, result_callback=lambda tasks: [task() for task in tasks])
    program.add_command(
        click.Command("otadiff", params=parameters, callback=lambda **given: partial(_task, given), **action)
    )
    program.add_command(click.Command("monitor", callback=lambda: partial(print, "monitor runs")))

    def _task(given: dict[str, Any]) -> None:
        run("otadiff", click.get_current_context(), options, **given)

    try:
        program.main(list(arguments), prog_name="idf.py", standalone_mode=False)
    except SystemExit as stop:
        return int(str(stop.code))
    return 0


def test_a_dump_is_compared_with_the_image_of_the_build(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = build.parent / "report.html"
    assert idf_py(build, "otadiff", "--html", str(page), str(LOST / "received.bin"), "monitor") == 1
    screen = capsys.readouterr().out
    assert screen.startswith("FAULTY  chunk 52 never arrived")
    assert "--> blink.bin" in screen
    assert "monitor runs" not in screen
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_a_healthy_dump_lets_the_next_command_run(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert idf_py(build, "otadiff", "--chunk", "244", str(build / "blink.bin"), "monitor") == 0
    assert capsys.readouterr().out.endswith("monitor runs\n")


def test_a_log_alone_is_read_with_the_image(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert idf_py(build, "otadiff", "--log", str(ROOT / "samples" / "forum-log" / "device.log")) in (1, 2)
    assert "device.log" in capsys.readouterr().out


def test_alone_it_walks_the_image_on_the_projects_own_device(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert idf_py(build, "otadiff") == 0
    screen = capsys.readouterr().out
    assert screen.startswith("HEALTHY")
    assert "  esptool.py read_flash 0x20000 0x150000 received.bin    (ota_0)" in screen
    assert "  esptool.py read_flash 0x170000 0x140000 received.bin    (ota_1)" in screen


def test_an_image_that_outgrew_the_smallest_slot_is_found(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = _entry("ota_0", 0x10, 0x20000, 0x10000) + _entry("ota_1", 0x11, 0x30000, 0x1000)
    (build / "partition_table" / "partition-table.bin").write_bytes(small)
    assert idf_py(build, "otadiff") == 1
    assert "OTA308" in capsys.readouterr().out


def test_a_folder_without_a_build_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert idf_py(tmp_path / "build", "otadiff", "received.bin") == 2
    assert "run idf.py build" in capsys.readouterr().err


def test_an_unreadable_dump_is_no_fault(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert idf_py(build, "otadiff", "nowhere.bin") == 2
    assert "nowhere.bin" in capsys.readouterr().err


def test_the_build_is_read_as_it_is(build: Path) -> None:
    found = read_build(build)
    assert (found.image.name, found.idf, found.chip) == ("blink.bin", "v5.1.2", "esp32")
    assert [part.label for part in found.slots] == ["ota_0", "ota_1"]


@pytest.mark.parametrize("content", ["", "[]", "{}", "{", '{"app_bin": 7}', '{"app_bin": "../gone.bin"}', "[" * 100_000])
def test_a_damaged_description_is_an_error_with_a_next_step(build: Path, content: str) -> None:
    (build / "project_description.json").write_text(content)
    with pytest.raises(InputError, match=r"idf\.py build"):
        read_build(build)


@pytest.mark.parametrize("content", ["[]", '{"partition-table": 3}', '{"partition-table": {"file": "a\\u0000b"}}', "{"])
def test_without_a_readable_table_there_are_no_slots(build: Path, content: str) -> None:
    (build / "flasher_args.json").write_text(content)
    (build / "partition_table" / "partition-table.bin").write_bytes(b"\xff" * 64)
    assert read_build(build).slots == ()


def test_a_target_that_is_no_chip_and_a_bare_commit_are_left_out(build: Path) -> None:
    (build / "project_description.json").write_text('{"app_bin": "blink.bin", "target": "linux", "git_revision": "38eeba2"}')
    found = read_build(build)
    assert (found.idf, found.chip) == (None, None)


def test_idf_py_starts_without_the_rest_of_otadiff_and_without_click() -> None:
    program = (
        "import sys; sys.modules['click'] = None\n"
        "from forensics.integrations.otadiff_ext import action_extensions; action_extensions({}, '.')\n"
        "print(*(name for name in sys.modules if name.startswith(('forensics.', 'typer', 'rich', 'construct'))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    allowed = {"errors", "model", "model.error", "integrations", "integrations.otadiff_ext"}
    assert {name.removeprefix("forensics.") for name in done.stdout.split()} == allowed


def test_every_idf_py_start_gets_its_own_actions() -> None:
    """idf.py takes the dictionary apart as it reads it."""
    assert action_extensions({}, ".") is not action_extensions({}, ".")


def test_the_line_for_older_releases_makes_the_project_file_an_extension(tmp_path: Path) -> None:
    """idf.py before v6.0 imports ``idf_ext.py`` of the project and asks it for ``action_extensions``."""
    page = (ROOT / "docs" / "pages" / "integrations" / "idf.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"```python\n(.+)\n```", page)
    (tmp_path / "idf_ext.py").write_text(line, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "idf_ext.py"))
    assert set(names["action_extensions"]({}, str(tmp_path))["actions"]) == {"otadiff"}
