"""The zip for a bug report: everything to talk about, nothing of the firmware."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.cli.bundling import logs_of
from forensics.cli.output import render
from forensics.model.report import Report
from forensics.pipeline.bundle import BundledLog, make_bundle, without_bytes
from forensics.pipeline.triage import TriageOptions, sort_sources, triage_bug
from tests.conftest import ROOT
from tests.unit.pipeline.test_bug_folder import BUG, LOST, SENT, fill, log_of

SAMPLES = ROOT / "samples"
DIGEST = b"a62c4d60cfab37953fd76124fa93ea5bafa3e2962fd75ad933b2a75b4d941d12"


def rendered(report: Report, format: str) -> str:
    return render(report, format, excerpts=False)


def bundle_of(folder: Path) -> tuple[Report, dict[str, bytes]]:
    found = triage_bug(sort_sources([folder]), TriageOptions(solve_seconds=None, solve_hypotheses=50_000))
    return found.report, unpacked(make_bundle(found.report, logs_of(found.files), rendered))


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def holds_bytes_of(image: bytes, content: bytes) -> list[str]:
    """Pieces of ``image`` that stand in ``content`` as they are, as hex or as base64."""
    found = []
    for at in range(0, len(image) - 8, 8):
        piece = image[at : at + 8]
        if len(set(piece)) < 5 or piece.isascii():
            continue
        plain = piece in content
        hexed = piece.hex().encode() in content or piece.hex(" ").encode() in content
        if plain or hexed or base64.b64encode(piece[:6]) in content:
            found.append(piece.hex())
    return found


def test_what_is_in_it(tmp_path: Path) -> None:
    report, files = bundle_of(fill(tmp_path, BUG))
    assert list(files) == ["README.txt", "inputs.json", "logs/boot.log", "report.html", "report.json", "report.md"]
    saved = Report.from_dict(json.loads(files["report.json"]))
    assert (saved.summary, saved.verdict) == (report.summary, report.verdict)
    assert all(edit.excerpt is None for edit in saved.edits)
    document = json.loads(files["inputs.json"])
    assert [one["name"] for one in document["inputs"]][:2] == ["app.bin", "dump.bin"]
    segments = document["images"]["sent"]["segments"]
    assert report.sent is not None
    assert report.sent.image is not None
    assert [one["data_len"] for one in segments] == [segment.data_len for segment in report.sent.image.segments]
    assert files["logs/boot.log"] == BUG["logs/boot.log"]
    assert "no excerpt" in files["README.txt"].decode()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chunk-missing", "mixed", "forum-case", "bytes-inserted", "unacknowledged"])
def test_no_byte_of_an_image_is_in_it(name: str) -> None:
    folder = SAMPLES / name
    _report, files = bundle_of(folder)
    for path in folder.glob("*.bin"):
        image = path.read_bytes()
        assert holds_bytes_of(image[:20_000], image) != []
        for member, content in files.items():
            told = [one for one in holds_bytes_of(image[0x200:], content) if one not in files["inputs.json"].decode()]
            assert told == [], member


def test_a_log_full_of_hex_keeps_its_lines_and_loses_the_bytes(tmp_path: Path) -> None:
    rows = (f"I ({at}) ota: {at:04x}: {LOST[at : at + 16].hex(' ')}  |{'.' * 16}|" for at in range(0, len(LOST), 16))
    monitor = ("\n".join(rows) + "\n").encode() + log_of(LOST)
    _report, files = bundle_of(fill(tmp_path, {"monitor.log": monitor, "app.bin": SENT}))
    shown = files["logs/monitor.log"]
    assert shown.count(b"\n") == monitor.count(b"\n")
    assert shown.endswith(log_of(LOST))
    assert shown.startswith(b"I (0) ota: 0000: [bytes left out by otadiff]\n")
    assert holds_bytes_of(LOST, shown) == []


LINES = [
    (b"I (5) esp_image: Calculated hash: " + DIGEST, False),
    (b"ELF file SHA256:  " + DIGEST, False),
    (b"I (47245) esp_image: segment 2: paddr=0011ac94 vaddr=40022000 size=05384h ( 21380) load", False),
    (b"MAC aa:bb:cc:dd:ee:ff, uuid 23408888-1f40-4cd8-9b89-ca8d45f8a5b0", False),
    (b"2026-11-22 10:11:12.345 I (1) x: 1, 2, 3", False),
    (b"0000: e9 07 02 20 c0 04 08 40", True),
    (b"rx e9-07-02-20-c0-04-08-40", True),
    (b"{0xe9, 0x07, 0x02, 0x20, 0xc0, 0x04, 0x08, 0x40}", True),
    (b"value: e9070220c0040840ee00000000000000e9070220", True),
    (b"00000000: e907 0220 c004 0840 ee00 0000", True),
    (b"3ffb0000: 400804c0 200207e9 00000000 000000ee", True),
    (rb"b'\xe9\x07\x02\x20\xc0\x04\x08\x40'", True),
    (b"[233, 7, 2, 32, 192, 4, 8, 64, 238, 0, 0, 0, 0, 0, 0, 0]", True),
    (base64.b64encode(SENT[:300]), True),
]


@pytest.mark.parametrize(("line", "shows_bytes"), LINES, ids=range(len(LINES)))
def test_notations_of_bytes_are_recognised(line: bytes, shows_bytes: bool) -> None:
    kept, replaced = without_bytes(line + b"\r\nnext\n")
    assert replaced == shows_bytes
    assert kept.endswith(b"\r\nnext\n")
    assert kept.startswith(line) is not shows_bytes


@given(st.binary(min_size=16, max_size=64), st.sampled_from([" ", ", ", "-", ":", ""]))
def test_no_row_of_bytes_stays(content: bytes, separator: str) -> None:
    row = separator.join(f"{byte:02x}" for byte in content)
    if separator or len(row) != 64:
        assert row.encode() not in without_bytes(f"I (1) ble: {row}\n".encode())[0]


@given(st.binary(max_size=2000))
def test_any_log_is_bundled(text: bytes) -> None:
    kept, _replaced = without_bytes(text)
    assert len(kept) <= 3 * len(text) + 40 * (text.count(b"\n") + text.count(b"\r") + 2)


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    fill(tmp_path, BUG)
    found = triage_bug(sort_sources([tmp_path]))
    first, second = (make_bundle(found.report, logs_of(found.files), rendered) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_names_of_logs_are_safe_to_unpack() -> None:
    report = triage_bug(sort_sources([SAMPLES / "forum-log"])).report
    names = ["../../etc/passwd", "a\x1b[31m\x00.log", "C:\\x.log", "x.log", "x.log", "\udc80", "n" * 300]
    files = unpacked(make_bundle(report, [BundledLog(name=name, text=b"x") for name in names], rendered))
    logs = [name for name in files if name.startswith("logs/")]
    assert len(logs) == len(names)
    for name in logs:
        assert name.isascii()
        assert name.isprintable()
        assert ".." not in name
        assert name.count("/") == 1
        assert len(name) < 100
    assert "\x1b" not in files["README.txt"].decode()
