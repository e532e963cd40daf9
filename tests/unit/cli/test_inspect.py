"""``otadiff inspect``: options in, text and exit status out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from forensics.cli.main import run
from forensics.model.device import DeviceSettings
from forensics.pipeline.inspection import inspect_source
from forensics.report.terminal import render_terminal
from forensics.report.words import display_width
from forensics.synth.image import build_image
from forensics.verify.predict import predict_log
from tests.unit.pipeline.test_inspection import flash_dump
from tests.unit.report.goldens import REFRESH

GOLDEN = Path(__file__).parent / "golden"

APP = build_image(chip="ESP32", size=8192)
ELF = b"\x7fELF\x01\x01\x01" + bytes(57)
FILES = {"app.bin": APP, "flash.bin": flash_dump(), "app.elf": ELF, "cut.bin": APP[:4000]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def assert_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get(REFRESH):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{name} is missing; set {REFRESH}=1 to write it"
    assert text == path.read_text(encoding="utf-8"), f"{name} differs; set {REFRESH}=1 to accept the new text"


@pytest.mark.parametrize("name", FILES)
def test_golden_at_80_columns_in_ascii(name: str, folder: Path) -> None:
    text = render_terminal(inspect_source(folder / name), width=80, unicode=False)
    assert text.isascii()
    assert all(display_width(line) <= 80 for line in text.splitlines())
    assert_golden(f"{name}.80.txt", text)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("app", ["app.bin", "--partition-offset", "0x10000"]),
        ("app-verbose", ["app.bin", "-v"]),
        ("flash", ["flash.bin"]),
        ("slot", ["flash.bin", "--slot", "ota_0"]),
        ("elf", ["app.elf"]),
    ],
)
def test_golden_in_a_pipe(name: str, arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["inspect", *arguments])
    text = capsys.readouterr().out
    assert status == {"HEALTHY": 0, "FAULTY": 1, "INCONCLUSIVE": 2}[text.split()[0]]
    assert_golden(f"{name}.pipe.txt", text)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["app.bin"], 0),
        (["cut.bin"], 1),
        (["app.elf"], 2),
        (["app.bin", "--chip", "esp32c3"], 1),
        (["app.bin", "--partition-size", "4096"], 1),
        (["app.bin", "--chip-revision", "3.1", "--efuse-block-revision", "v1.3", "--free-pages", "0x3e"], 0),
        (["missing.bin"], 2),
        (["app.bin", "--idf", "nonsense"], 2),
        (["app.bin", "--level", "loud"], 2),
        (["app.bin", "--chip-revision", "3"], 2),
        (["app.bin", "--partition-size", "big"], 2),
        (["app.bin", "--slot", "ota_0"], 2),
        (["app.bin", "--table-offset", "0x8000"], 2),
        (["flash.bin", "--slot", "one", "--table-offset", "32768"], 0),
        (["flash.bin"], 0),
        ([], 2),
    ],
)
@pytest.mark.usefixtures("folder")
def test_exit_status(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", *arguments]) == status
    printed = capsys.readouterr()
    assert bool(printed.out) == (status != 2 or arguments == ["app.elf"])
    assert bool(printed.err) != bool(printed.out)


@pytest.mark.usefixtures("folder")
def test_as_log_prints_the_lines_of_the_device_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--idf", "v4.4.8", "--partition-offset", "0x20000", "--partition-size", "0x1000", "--free-pages", "60"]
    status = run(["inspect", "app.bin", "--as-log", *options])
    settings = DeviceSettings(idf="v4.4.8", partition_offset=0x20000, partition_size=0x1000, free_pages=60)
    assert capsys.readouterr().out.splitlines() == list(predict_log(APP, settings).lines)
    assert status == 1


@pytest.mark.usefixtures("folder")
def test_as_log_at_a_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "app.bin", "--as-log", "--level", "error"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("folder")
def test_as_log_of_one_slot_is_at_its_own_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "flash.bin", "--as-log", "--slot", "ota_1"]) == 0
    assert capsys.readouterr().out.startswith("D (0) esp_image: reading image header @ 0x30000\n")


def test_json_holds_everything(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["inspect", "flash.bin", "--json", "-"])
    document = json.loads(capsys.readouterr().out)
    assert document == inspect_source(folder / "flash.bin").to_dict()
    assert document["inspection"]["flash"]["boots"] == "two"
    assert document["findings"][0]["slug"] == "merged-image"


@pytest.mark.parametrize("form", ["html", "markdown"])
@pytest.mark.parametrize("name", FILES)
def test_other_formats_take_an_inspection(name: str, form: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["inspect", name, f"--{form}", "report"])
    assert (folder / "report").stat().st_size > 0
    assert capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_saved_inspection_shows_its_image_again(capsys: pytest.CaptureFixture[str]) -> None:
    run(["inspect", "app.bin", "--json", "saved.json"])
    first = capsys.readouterr().out.splitlines()
    assert run(["render", "saved.json"]) == 0
    again = capsys.readouterr().out.splitlines()
    assert [line for line in first if line.startswith(("HEALTHY", "project", "checksum", "header"))] == [
        line for line in again if line.startswith(("HEALTHY", "project", "checksum", "header"))
    ]


@pytest.mark.usefixtures("folder")
def test_one_line_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "app.elf", "--format", "concise"]) == 2
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "OTA101 not-an-app-image" in out
