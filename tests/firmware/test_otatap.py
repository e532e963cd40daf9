"""The C header on the host: its bytes and lines are those that otadiff reads."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from forensics.parse.logs import parse_log
from forensics.spec.tap import CHUNK_RECORD, FRAME_HEADER, TOTALS_RECORD, line_check
from forensics.synth.tap import DeviceTap, map_lines, sector_crcs

HERE = Path(__file__).resolve().parent
HEADER = HERE.parents[1] / "samples" / "firmware"
GCC, GXX = shutil.which("gcc"), shutil.which("g++")
STRICT = ("-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{HEADER}", f"-I{HERE / 'esp_stubs'}")

needs_gcc = pytest.mark.skipif(GCC is None, reason="gcc is not installed")
needs_gxx = pytest.mark.skipif(GXX is None, reason="g++ is not installed")

DATA = Random(5).randbytes(9000)


def _compiled(compiler: str | None, source: str, place: Path, *options: str) -> Path:
    assert compiler is not None
    program = place / "program"
    subprocess.run([compiler, *options, *STRICT, str(HERE / source), "-o", str(program)], check=True)
    return program


@pytest.fixture(scope="module")
def tap_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _compiled(GCC, "tap_main.c", tmp_path_factory.mktemp("tap"), "-std=c99", "-O1", "-fsanitize=undefined")


@dataclass(frozen=True)
class Printed:
    frames: tuple[bytes, ...]
    lines: tuple[str, ...]
    map_result: int


def _run(
    program: Path, chunks: Sequence[tuple[int, bytes]], slot: bytes, *, mtu: int, refuse: int = 0, readable: int = 0
) -> Printed:
    records = b"".join(at.to_bytes(4, "little") + len(data).to_bytes(2, "little") + data for at, data in chunks)
    given = records + bytes(4) + b"\xff\xff" + slot
    arguments = [str(program), str(mtu), str(refuse), str(readable)]
    output = subprocess.run(arguments, input=given, capture_output=True, check=True).stdout.decode().splitlines()
    return Printed(
        frames=tuple(bytes.fromhex(line[6:]) for line in output if line.startswith("frame ")),
        lines=tuple(line[5:] for line in output if line.startswith("line ")),
        map_result=next(int(line[4:]) for line in output if line.startswith("map ")),
    )


def _chunks(size: int) -> list[tuple[int, bytes]]:
    return [(at, DATA[at : at + size]) for at in range(0, len(DATA), size)]


@needs_gcc
@pytest.mark.parametrize("mtu", [23, 100, 247, 517])
@pytest.mark.parametrize("size", [20, 244, 509])
def test_the_frames_are_those_of_the_tap_in_python(tap_program: Path, mtu: int, size: int) -> None:
    printed = _run(tap_program, _chunks(size), DATA, mtu=mtu)
    model = DeviceTap(payload=min(244, mtu - 3))
    expected: list[bytes] = []
    for at, data in _chunks(size):
        model.chunk(at, data)
        if model.full:
            expected += model.frames()
    expected += [*model.frames(), model.totals(), *model.sectors(DATA)]
    assert list(printed.frames) == expected
    assert all(len(frame) <= mtu - 3 for frame in printed.frames)


@needs_gcc
def test_the_records_and_the_lines_hold_the_checksums_of_zlib(tap_program: Path) -> None:
    printed = _run(tap_program, _chunks(244), DATA, mtu=247)
    size = FRAME_HEADER.sizeof()
    records = [one for frame in printed.frames if frame[0] == 0x11 for one in CHUNK_RECORD[frame[1]].parse(frame[size:])]
    found = [(one.index, one.offset, one.length, one.crc32) for one in records]
    assert found == [(number, at, len(data), zlib.crc32(data)) for number, (at, data) in enumerate(_chunks(244))]
    totals = next(TOTALS_RECORD.parse(frame[size:]) for frame in printed.frames if frame[0] == 0x13)
    assert (totals.chunks, totals.size, totals.crc32, totals.unrecorded) == (37, 9000, zlib.crc32(DATA), 0)
    padded = DATA.ljust(3 * 4096, b"\xff")
    crcs = [zlib.crc32(padded[at : at + 4096]) for at in range(0, len(padded), 4096)]
    words = " ".join(f"{crc:08x}" for crc in crcs)
    assert printed.lines == (f"OTAMAP 0000 3 {words} ={line_check(0, crcs):08x}",)
    assert printed.lines == map_lines(DATA)


@needs_gcc
def test_refused_notifications_are_made_up_for(tap_program: Path) -> None:
    whole = _run(tap_program, _chunks(244), DATA, mtu=23)
    hindered = _run(tap_program, _chunks(244), DATA, mtu=23, refuse=6)
    assert hindered.frames == whole.frames


@needs_gcc
def test_a_full_ring_counts_what_it_cannot_hold(tap_program: Path) -> None:
    # Ten of ten are refused: nothing leaves the ring, and nothing is notified at all.
    silent = _run(tap_program, _chunks(20), DATA, mtu=23, refuse=10)
    assert silent.frames == ()
    model = DeviceTap(payload=20, capacity=64)
    for at, data in _chunks(20):
        model.chunk(at, data)
    totals = TOTALS_RECORD.parse(model.totals()[FRAME_HEADER.sizeof() :])
    assert (totals.chunks, totals.unrecorded) == (450, 450 - 64)


@needs_gcc
def test_a_map_that_cannot_be_read_says_so(tap_program: Path) -> None:
    slot = DATA * 4
    printed = _run(tap_program, _chunks(244), slot, mtu=247, readable=5 * 4096)
    assert printed.map_result == -1
    assert printed.lines == map_lines(slot)[:1]


@needs_gcc
def test_the_printed_lines_are_read_from_a_log(tap_program: Path) -> None:
    slot = DATA * 4
    printed = _run(tap_program, _chunks(244), slot, mtu=247)
    events = parse_log("\n".join(f"I (48200) otatap: {line}" for line in printed.lines)).events
    crcs = [int(word, 16) for event in events for word in str(event.fields["crcs"]).split()]
    assert tuple(crcs) == sector_crcs(slot)


@needs_gcc
@pytest.mark.parametrize("sectors", [1, 16])
def test_other_line_lengths(tmp_path: Path, sectors: int) -> None:
    program = _compiled(GCC, "tap_main.c", tmp_path, "-std=c99", f"-DOTATAP_LINE_SECTORS={sectors}")
    printed = _run(program, [], DATA * 8, mtu=23)
    assert len(printed.lines) == -(-18 // sectors)
    events = parse_log("\n".join(printed.lines)).events
    assert sum(int(event.fields["count"]) for event in events) == 18
    assert all("damaged" not in event.fields for event in events)


@needs_gcc
def test_the_glue_for_esp_idf_compiles_and_runs(tmp_path: Path) -> None:
    program = _compiled(GCC, "glue_main.c", tmp_path, "-std=c99")
    printed = subprocess.run([str(program)], capture_output=True, check=True).stdout.decode().splitlines()
    assert printed == [f"I (1) otatap: {line}" for line in map_lines(b"\xff" * 8192)]


@needs_gxx
def test_it_is_cpp_as_well_and_the_glue_for_arduino_runs(tmp_path: Path) -> None:
    subprocess.run([str(_compiled(GXX, "arduino_main.cpp", tmp_path, "-std=c++11"))], check=True)
