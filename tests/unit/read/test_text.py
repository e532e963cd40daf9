"""Text forms are recognised by content and give the bytes back."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics.errors import InputError
from forensics.model.span import ByteSpan
from forensics.read import read_evidence
from tests.unit.read import text_forms

IMAGE = b"\xe9\x06\x02\x20" + random.Random(5).randbytes(5000) + bytes(100) + b"\xff" * 64 + b'tail\'s "end" \\ here'

FORMS: list[tuple[str, Callable[[bytes], str]]] = [
    ("hexdump", text_forms.xxd),
    ("hexdump", text_forms.hexdump_canonical),
    ("esp-log", text_forms.esp_log_hex),
    ("esp-log", text_forms.esp_log_hexdump),
    ("byte-list", text_forms.zero_x_list),
    ("byte-list", text_forms.decimal_list),
    ("byte-list", text_forms.signed_list),
    ("python-bytes", text_forms.bleak_log),
    ("node-buffer", text_forms.node_json),
    ("nrf-connect", text_forms.nrf_connect),
    ("write-log", text_forms.write_log),
    ("intel-hex", text_forms.intel_hex),
    ("s-record", text_forms.s_record),
]


@pytest.mark.parametrize(("container", "write"), FORMS, ids=[write.__name__ for _name, write in FORMS])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_form_gives_the_bytes_back(container: str, write: Callable[[bytes], str], encoding: str) -> None:
    evidence = read_evidence(write(IMAGE).replace("\n", "\r\n").encode(encoding))
    assert evidence.container == container
    assert evidence.content == IMAGE
    assert evidence.damaged == ()


@pytest.mark.parametrize(
    "command",
    [
        ["xxd"],
        ["xxd", "-u", "-g1"],
        ["xxd", "-a"],
        ["hexdump"],
        ["hexdump", "-C"],
        ["od"],
        ["od", "-x"],
        ["od", "-t", "x1"],
        ["od", "-A", "x", "-t", "x1z"],
        ["od", "-A", "d", "-t", "x1"],
        ["od", "-b"],
        ["od", "-t", "x4"],
        ["od", "-t", "u1"],
        ["od", "-t", "d1"],
    ],
    ids=" ".join,
)
def test_dump_of_the_real_program(command: list[str], tmp_path: Path) -> None:
    program = shutil.which(command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    image = tmp_path / "image.bin"
    image.write_bytes(IMAGE + bytes(-len(IMAGE) % 4))
    text = subprocess.run([program, *command[1:], str(image)], capture_output=True, check=True).stdout
    evidence = read_evidence(text)
    assert (evidence.container, evidence.content) == ("hexdump", image.read_bytes())
    assert evidence.damaged == ()


def test_node_says_what_it_cut() -> None:
    evidence = read_evidence(text_forms.node_inspected(IMAGE[:488]).encode())
    assert evidence.container == "node-buffer"
    assert len(evidence.content) == 488
    assert evidence.content[:50] == IMAGE[:50]
    assert evidence.damaged == (ByteSpan(50, 244), ByteSpan(294, 488))
    assert "50 bytes" in evidence.notes[0]


@pytest.mark.parametrize("write", [text_forms.esp_log_hex, text_forms.esp_log_hexdump, text_forms.xxd])
def test_row_that_lost_characters_is_damaged_evidence(write: Callable[[bytes], str]) -> None:
    lines = write(IMAGE[:2048]).splitlines()
    wanted = IMAGE[320:324].hex()
    row = next(index for index, line in enumerate(lines) if wanted in line.replace(" ", ""))
    position = lines[row].rindex(IMAGE[322:323].hex())
    lines[row] = lines[row][:position] + lines[row][position + 1 :]
    evidence = read_evidence("\n".join(lines).encode())
    assert len(evidence.content) == 2048
    (span,) = evidence.damaged
    assert span.start <= 322 < span.end
    assert evidence.content[: span.start] == IMAGE[: span.start]
    assert evidence.content[span.end :] == IMAGE[span.end : 2048]


def test_missing_line_of_a_counted_log_is_damaged_evidence() -> None:
    lines = text_forms.write_log(IMAGE[:2440]).splitlines()
    del lines[4]
    lines[6] = lines[6][:-3]
    evidence = read_evidence("\n".join(lines).encode())
    assert evidence.damaged == (ByteSpan(4 * 244, 5 * 244), ByteSpan(7 * 244, 8 * 244))
    assert evidence.content[: 4 * 244] == IMAGE[: 4 * 244]
    assert evidence.content[5 * 244 : 7 * 244] == IMAGE[5 * 244 : 7 * 244]
    assert evidence.content[8 * 244 :] == IMAGE[8 * 244 : 2440]


def test_bare_text_is_what_the_device_stored_unless_the_format_says_otherwise() -> None:
    hexadecimal = IMAGE.hex().encode()
    assert read_evidence(hexadecimal).container == "raw"
    assert read_evidence(hexadecimal, format="hex").content == IMAGE


def test_damaged_record_keeps_its_place() -> None:
    lines = text_forms.intel_hex(IMAGE[:64]).splitlines()
    lines[2] = lines[2][:20] + ("0" if lines[2][20] != "0" else "1") + lines[2][21:]
    evidence = read_evidence("\n".join(lines).encode())
    assert evidence.damaged == (ByteSpan(16, 32),)
    assert evidence.content[32:] == IMAGE[32:64]


@pytest.mark.parametrize("format", ["intel-hex", "hex", "hexdump", "esp-log", "write-log", "zip", "flash"])
def test_wrong_format_is_a_clear_error(format: str) -> None:
    with pytest.raises(InputError):
        read_evidence(b"neither this nor that\n", format=format)


def test_serial_logs_and_prose_are_no_dumps() -> None:
    folder = Path(__file__).resolve().parents[4] / "shared"
    if not folder.is_dir():
        pytest.skip("the shared logs are not beside the repository")
    texts = [*sorted((folder / "logs").glob("*.txt")), *sorted(folder.glob("*/*.md"))]
    assert texts
    for path in texts:
        assert read_evidence(path).container == "raw", path.name


def test_received_writes_of_an_arduino_log_are_taken() -> None:
    lines = []
    for index, piece in enumerate(text_forms.pieces(IMAGE, 20)):
        lines.append(f"12:00:{index % 60:02d}.123 -> RX  {piece.hex(' ').upper()}")
        if index % 10 == 9:
            lines.append("12:00:00.456 -> TX  F1 00 01 02 03")
    evidence = read_evidence("\n".join(lines).encode())
    assert (evidence.container, evidence.content) == ("write-log", IMAGE)
    assert len(evidence.pieces) == -(-len(IMAGE) // 20)
