"""An image is found in any text that shows one, SENT unknown, by its header and its checksum."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics.errors import InputError
from forensics.model.evidence import Evidence
from forensics.model.span import ByteSpan
from forensics.read import read_evidence
from forensics.read.weighing import is_print_out, shown_image, weighed
from forensics.synth.image import build_image
from tests.bench.evidence_forms import chunks_of, forms
from tests.conftest import SHARED
from tests.unit.read import text_forms

IMAGE = build_image(size=16384)

WRITERS = [
    text_forms.xxd,
    text_forms.hexdump_canonical,
    text_forms.esp_log_hex,
    text_forms.esp_log_hexdump,
    text_forms.zero_x_list,
    text_forms.decimal_list,
    text_forms.signed_list,
    text_forms.bleak_log,
    text_forms.node_json,
    text_forms.nrf_connect,
    text_forms.write_log,
]


def shown(text: str | bytes) -> Evidence:
    found = shown_image(read_evidence(text.encode() if isinstance(text, str) else text))
    assert found is not None
    return found


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_form_gives_the_bytes_back(write: Callable[[bytes], str], encoding: str) -> None:
    evidence = shown(write(IMAGE).replace("\n", "\r\n").encode(encoding))
    assert (evidence.container, evidence.content, evidence.damaged) == ("text", IMAGE, ())
    assert evidence.reading is not None
    assert evidence.reading.is_certain


@pytest.mark.slow
@pytest.mark.parametrize(("name", "write"), list(forms()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_form_of_the_bench_shows_the_image_by_itself(name: str, write: Callable[..., str]) -> None:
    if name in ("wrapped list", "counter before, length behind"):
        pytest.skip("only SENT tells the counter from the bytes, or where the lines were broken")
    assert shown(write(chunks_of(IMAGE, 244)).encode("utf-8", "surrogateescape")).content == IMAGE


@pytest.mark.parametrize("write", [text_forms.intel_hex, text_forms.s_record])
def test_records_have_addresses(write: Callable[[bytes], str]) -> None:
    assert read_evidence(write(IMAGE).encode()).content == IMAGE


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
    image.write_bytes(IMAGE)
    text = subprocess.run([program, *command[1:], str(image)], capture_output=True, check=True).stdout
    assert shown(text).content == IMAGE


def test_what_a_tool_cut_is_known_with_and_without_sent() -> None:
    text = text_forms.node_inspected(IMAGE[: 244 * 8]).encode()
    for evidence in (shown(text), weighed(read_evidence(text), IMAGE)):
        assert evidence.content[:50] == IMAGE[:50]
        assert evidence.damaged == tuple(ByteSpan(at, at) for at in range(50, 401, 50))
        assert "the tool cut the value" in evidence.notes[0]


@pytest.mark.parametrize("write", [text_forms.esp_log_hex, text_forms.esp_log_hexdump, text_forms.xxd])
def test_row_that_lost_characters_is_damaged_evidence(write: Callable[[bytes], str]) -> None:
    lines = write(IMAGE[:2048]).splitlines()
    wanted = IMAGE[320:324].hex()
    row = next(index for index, line in enumerate(lines) if wanted in line.replace(" ", ""))
    position = lines[row].rindex(IMAGE[322:323].hex())
    lines[row] = lines[row][:position] + lines[row][position + 1 :]
    evidence = weighed(read_evidence("\n".join(lines).encode()), IMAGE)
    (span,) = evidence.damaged
    assert 320 <= span.start <= 322
    assert evidence.content[: span.start] == IMAGE[: span.start]
    assert evidence.content.endswith(IMAGE[336:2048])


def test_missing_line_of_a_counted_log_is_damaged_evidence() -> None:
    lines = text_forms.write_log(IMAGE[:2440]).splitlines()
    del lines[4]
    evidence = weighed(read_evidence("\n".join(lines).encode()), IMAGE)
    assert evidence.damaged == (ByteSpan(4 * 244, 4 * 244),)
    assert evidence.content == IMAGE[: 4 * 244] + IMAGE[5 * 244 : 2440]


def test_a_name_says_in_which_notation_the_bytes_are() -> None:
    hexadecimal = IMAGE.hex().encode()
    assert not is_print_out(read_evidence(hexadecimal))  # a device may have stored it
    assert read_evidence(hexadecimal, format="hex").content == IMAGE
    words = b"65 66 67 68 69 70 71 72\n73 74 75 76 77 78 79 80\n"
    assert read_evidence(words, format="hex").content == bytes.fromhex(words.decode())
    with pytest.raises(InputError, match="shows no bytes as python-bytes"):
        read_evidence(hexadecimal, format="python-bytes")


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


def test_serial_logs_and_prose_show_no_image() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared logs are not beside the repository")
    texts = [*sorted((SHARED / "logs").glob("*.txt")), *sorted(SHARED.glob("*/*.md"))]
    assert texts
    for path in texts:
        found = shown_image(read_evidence(path))
        assert found is None or found.reading is None or not found.reading.is_certain, path.name


def test_received_writes_of_an_arduino_log_are_taken() -> None:
    lines = []
    for index, piece in enumerate(text_forms.pieces(IMAGE, 20)):
        lines.append(f"12:00:{index % 60:02d}.123 -> RX  {piece.hex(' ').upper()}")
        if index % 10 == 9:
            lines.append("12:00:00.456 -> TX  F1 00 01 02 03")
    evidence = shown("\n".join(lines))
    assert evidence.content == IMAGE
    assert len(evidence.pieces) == -(-len(IMAGE) // 20)
