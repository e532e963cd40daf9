"""The pre-commit hooks as ``.pre-commit-hooks.yaml`` calls them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from forensics.integrations.pre_commit import HOOKS, main
from forensics.model.chunk_plan import ChunkPlan
from forensics.synth.faults import inject
from forensics.synth.samples import SAMPLES, image

ROOT = Path(__file__).resolve().parents[3]
IMAGES = ROOT.parent / "shared" / "images"


def _sent(name: str) -> bytes:
    return next(sample for sample in SAMPLES if sample.name == name).build()[0]


def _write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_whole_images_pass_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [_write(tmp_path, f"{name}.bin", _sent(name)) for name in ("healthy", "merged-image", "not-an-app-image")]
    assert main(["images", *paths]) == 0
    assert capsys.readouterr() == ("", "")


def test_every_real_image_passes(capsys: pytest.CaptureFixture[str]) -> None:
    if not IMAGES.is_dir():
        pytest.skip("the real images lie in ../shared, which is not there")
    assert main(["images", *map(str, sorted(IMAGES.glob("*.bin")))]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("fault", ["drop-one", "swap-one", "zero-one", "tail-mid-chunk"])
def test_an_image_that_lost_something_fails_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    broken = _write(tmp_path, "fw.bin", inject(image(), fault, ChunkPlan(size=244), 1).received)
    whole = _write(tmp_path, "ok.bin", image())
    assert main(["images", whole, broken]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{broken}: fw.bin does not hold together")


def test_a_merged_image_whose_app_is_damaged_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = bytearray(_sent("merged-image"))
    content[0x10000 + 5000] ^= 1
    assert main(["images", _write(tmp_path, "merged.bin", bytes(content))]) == 1
    assert "factory does not hold together" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"\0asm....", b"\xff" * 4096, b"\x89PNG\r\n" * 99, bytes(range(256)) * 40])
def test_other_binary_files_are_left_alone(tmp_path: Path, content: bytes) -> None:
    assert main(["images", _write(tmp_path, "font.bin", content)]) == 0


def test_what_only_begins_like_an_image_fails(tmp_path: Path) -> None:
    assert main(["images", _write(tmp_path, "fw.bin", b"\xe9" + b"\x5a\xa5" * 2000)]) == 1


def test_a_saved_report_passes_and_a_damaged_one_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import forensics

    document = forensics.compare(image(), inject(image(), "drop-one", ChunkPlan(size=244), 1).received).to_dict()
    whole = _write(tmp_path, "report.json", json.dumps(document).encode())
    other = _write(tmp_path, "package.json", b"{}")
    schema = ROOT / "forensics" / "report" / "schema" / "otadiff.report-1.schema.json"
    assert main(["reports", whole, other, str(schema)]) == 0
    del document["verdict"]
    assert main(["reports", _write(tmp_path, "cut.json", json.dumps(document).encode())]) == 1
    assert main(["reports", _write(tmp_path, "half.json", Path(whole).read_bytes()[:400])]) == 1
    assert main(["reports", _write(tmp_path, "new.json", b'{"schema": "otadiff.report/999"}')]) == 1
    assert capsys.readouterr().out.count("\n") == 3


def test_a_name_with_an_escape_sequence_stays_inert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["images", str(tmp_path / "\x1b[31mgone.bin")]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_a_name_that_the_console_cannot_show_is_written_out() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "forensics.integrations.pre_commit", "images", "\N{SNOWMAN}.bin"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.startswith(rb"\u2603.bin: ")


def test_wrong_usage_is_2() -> None:
    assert main([]) == main(["everything"]) == 2


def test_the_hooks_of_the_file_run(tmp_path: Path) -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"^  entry: python (.+)$", hooks, re.MULTILINE)
    assert [entry.split()[-1] for entry in entries] == list(HOOKS)
    whole = _write(tmp_path, "fw.bin", image())
    for entry in entries:
        done = subprocess.run([sys.executable, *shlex.split(entry), whole], cwd=ROOT, capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
