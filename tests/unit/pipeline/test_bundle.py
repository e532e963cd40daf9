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
from forensics.pipeline.bundle import BundledLog, make_bundle
from forensics.pipeline.sharing import Pseudonyms, shareable
from forensics.pipeline.triage import TriageOptions, sort_sources, triage_bug
from forensics.read.table import Known, readings
from tests.conftest import ROOT
from tests.unit.pipeline.test_bug_folder import BUG, LOST, SENT, fill, log_of

SAMPLES = ROOT / "samples"
DIGEST = "a62c4d60cfab37953fd76124fa93ea5bafa3e2962fd75ad933b2a75b4d941d12"


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
    assert shown.startswith(b"I (0) ota: [bytes left out by otadiff]\n")
    assert holds_bytes_of(LOST, shown) == []


SHOWN = SENT[4096:8192]
"""Bytes of the image that logs show."""


def rows(size: int) -> list[bytes]:
    return [SHOWN[at : at + size] for at in range(0, len(SHOWN), size)]


def s_record(row: bytes) -> str:
    body = bytes((len(row) + 3, 0x12, 0x34)) + row
    return f"S1{body.hex().upper()}{~sum(body) & 0xFF:02X}"


def wrapped(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


NOTATIONS: dict[str, list[str]] = {
    **{f"hex of {size} bytes": [row.hex() for row in rows(size)] for size in (32, 15, 8, 7, 4)},
    **{f"base64 at {width}": wrapped(base64.b64encode(SHOWN).decode(), width) for width in (76, 64, 100)},
    "base64url": wrapped(base64.urlsafe_b64encode(SHOWN).decode(), 76),
    "JVM list": [str([byte - 256 if byte > 127 else byte for byte in row]) for row in rows(20)],
    "Python": [repr(row) for row in rows(20)],
    "short hex": [",".join(f"{byte:#x}" for byte in row) for row in rows(16)],
    "C": ["{" + ", ".join(f"0x{byte:02X}" for byte in row) + "}," for row in rows(8)],
    "decimal": [" ".join(map(str, row)) for row in rows(16)],
    "octal": [" ".join(f"{byte:03o}" for byte in row) for row in rows(16)],
    "binary": [" ".join(f"{byte:08b}" for byte in row) for row in rows(8)],
    "dots": [row.hex(".") for row in rows(16)],
    "underscores": [row.hex("_") for row in rows(16)],
    "sum": [" + ".join(f"0x{byte:02x}" for byte in row) for row in rows(16)],
    "hexdump -x": ["    ".join(f"{byte:04x}" for byte in memoryview(row).cast("H")) for row in rows(16)],
    "od": [" ".join(f"{byte:06o}" for byte in memoryview(row).cast("H")) for row in rows(16)],
    "S-records": [s_record(row) for row in rows(8)],
    "JSON": [f"{byte}," for byte in SHOWN],
    "percent": ["".join(f"%{byte:02X}" for byte in row) for row in rows(20)],
    "quoted-printable": ["".join(f"={byte:02X}" for byte in row) for row in rows(20)],
    "escapes": ["".join(f"\\u00{byte:02x}" for byte in row) for row in rows(20)],
    "base32": [base64.b32encode(row).decode() for row in rows(20)],
    "base85": [base64.b85encode(row).decode() for row in rows(20)],
    "words": [f"I ({at}) ota: word {row.hex()}" for at, row in enumerate(rows(4))],
    "numbers": [f"I ({at}) ota: word {int.from_bytes(row, 'little')}" for at, row in enumerate(rows(4))],
}


@pytest.mark.parametrize("name", NOTATIONS)
@pytest.mark.parametrize("image", [SENT, b""], ids=["with the image", "alone"])
def test_no_notation_of_bytes_stays(name: str, image: bytes) -> None:
    text = "\n".join(NOTATIONS[name])
    shown, cut = shareable(text.encode(), image, (), Pseudonyms())
    assert cut
    assert shown.count("\n") == text.count("\n")
    left = sum(len(reading.data) for reading in readings(shown.encode(), Known(SENT))[:1])
    assert left <= (0 if image else len(SHOWN) // 8)


def test_single_bytes_with_words_go_when_the_image_is_at_hand() -> None:
    text = "\n".join(f"I ({at}) ota: byte[{at}] = {byte}" for at, byte in enumerate(SHOWN))
    shown, _cut = shareable(text.encode(), SENT, (), None)
    assert not readings(shown.encode(), Known(SENT))


KEPT = (
    "I (5) esp_image: Calculated hash: " + DIGEST,
    "ELF file SHA256:  " + DIGEST,
    "I (47245) esp_image: segment 2: paddr=0011ac94 vaddr=40022000 size=05384h ( 21380) load",
    "service uuid 23408888-1f40-4cd8-9b89-ca8d45f8a5b0",
    "Backtrace: 0x40081f5d:0x3ffb5e70 0x400d1234:0x3ffb5e90",
    "D (55) NimBLE: GATT procedure initiated: write; att_handle=42 len=244",
    "ble_ota: received chunk 17 of 4096 bytes, offset 69632, crc 0x1234",
    "Speicherfehler: zu wenig Speicher frei (12345 Bytes)",
    "固件更新失败 错误码 0x1503 请重试",
)


@pytest.mark.parametrize("line", KEPT)
def test_what_is_understood_and_what_are_words_stays(line: str) -> None:
    assert shareable(f"{line}\r\nnext\n".encode(), SENT, (), Pseudonyms()) == (f"{line}\r\nnext\n", 0)


PERSONAL = {
    "alice@laptop:~/fw$ idf.py monitor": "[user 1]:~/fw$ idf.py monitor",
    "peer AA:BB:CC:DD:EE:FF connected, aa:bb:cc:dd:ee:ff left": "peer [address 1] connected, [address 1] left",
    "I (812) wifi:connected with My Home, aid = 1, channel 6": "I (812) wifi:connected with [network 1], aid = 1, channel 6",
    "connected to ap SSID:MyHome password:hunter22": "connected to ap SSID:[network 1] password:[secret 1]",
    "E (123) app: /home/alice/esp/main/ota.c:123 failed": "E (123) app: .../ota.c:123 failed",
    r"C:\Users\alice\fw\main.c:12: error in ota": r"...\main.c:12: error in ota",
    "GET https://user:pw@fw.example.com:8443/v1/fw.bin?token=abcdef0123": "GET https://[host 1]/v1/fw.bin?[token 1]",
}


@pytest.mark.parametrize("line", PERSONAL)
def test_who_and_where_is_told_by_pseudonyms(line: str) -> None:
    assert Pseudonyms().put_into(line) == PERSONAL[line]


def test_the_report_has_the_pseudonyms_of_the_logs(tmp_path: Path) -> None:
    log = b"I (1) ble: peer AA:BB:CC:DD:EE:FF connected\n" + log_of(LOST)
    name = "AA-BB-CC-DD-EE-FF.log"
    report, files = bundle_of(fill(tmp_path, {name: log, "app.bin": SENT}))
    assert any("AA-BB-CC-DD-EE-FF" in one.name for one in report.inputs)
    for member, content in files.items():
        assert b"AA-BB-CC" not in member.encode() + content, member


@given(st.binary(max_size=2000))
def test_any_log_is_bundled(text: bytes) -> None:
    shown, _cut = shareable(text, b"", (), Pseudonyms())
    assert len(shown) <= 3 * len(text) + 40 * (text.count(b"\n") + text.count(b"\r") + 2)


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
