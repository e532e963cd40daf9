"""Inputs are opened, recognised and unwrapped; what cannot be opened is a clear error."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics.errors import InputError, UsageError
from forensics.model.evidence import TEXT_NAMES
from forensics.model.span import ByteSpan
from forensics.open import content as source_module
from forensics.read import ARCHIVES, FORMATS, READERS, choose_slot, read_evidence
from forensics.spec.partition_table import PARTITION_ENTRY

IMAGE = b"\xe9\x05\x02\x20" + os.urandom(20000)


def table(*rows: tuple[str, int, int, int]) -> bytes:
    entries = [
        PARTITION_ENTRY.build(
            {
                "magic": 0x50AA,
                "type": kind,
                "subtype": 0x10,
                "offset": offset,
                "size": size,
                "label": label.encode().ljust(16, b"\0"),
                "flags": 0,
            }
        )
        for label, kind, offset, size in rows
    ]
    return b"".join(entries).ljust(0xC00, b"\xff")


def flash(image: bytes) -> bytes:
    rows = (("nvs", 1, 0x9000, 0x5000), ("ota_0", 0, 0x10000, 0x10000), ("ota_1", 0, 0x20000, 0x10000))
    content = bytearray(b"\xff" * 0x30000)
    content[0x8000:0x8C00] = table(*rows)
    content[0x20000 : 0x20000 + len(image)] = image
    return bytes(content)


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return stream.getvalue()


def test_plain_file_is_raw(tmp_path: Path) -> None:
    path = tmp_path / "app.bin"
    path.write_bytes(IMAGE)
    for source in (path, str(path), IMAGE, bytearray(IMAGE), memoryview(IMAGE)):
        evidence = read_evidence(source)
        assert (evidence.container, evidence.content, evidence.region) == (
            "raw",
            IMAGE,
            ByteSpan(0, len(IMAGE)),
        )
        assert evidence.raw_sha256 == hashlib.sha256(IMAGE).hexdigest()
    assert read_evidence(path).name == "app.bin"
    assert read_evidence(IMAGE).name == "bytes"


def test_empty_input_is_empty_evidence() -> None:
    evidence = read_evidence(b"")
    assert (evidence.container, evidence.content, evidence.raw_size) == ("raw", b"", 0)


def test_plain_file_imports_no_reader(tmp_path: Path) -> None:
    path = tmp_path / "app.bin"
    path.write_bytes(IMAGE)
    program = (
        "import sys; from forensics.read import read_evidence; read_evidence(sys.argv[1]);"
        "print(*sorted(m for m in sys.modules if m == 'construct' or m.startswith('forensics.read.')))"
    )
    root = Path(__file__).resolve().parents[3]
    shown = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, check=True, text=True, cwd=root
    ).stdout.split()
    assert shown == ["forensics.read.prefilter", "forensics.read.reader"]


@pytest.mark.parametrize("name", ["missing.bin", ".", "nul\0byte"])
def test_what_cannot_be_opened_is_an_input_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_evidence(str(tmp_path / name))


def test_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(IMAGE,))
    writer.start()
    assert read_evidence(path).content == IMAGE
    writer.join()


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(IMAGE)))
    evidence = read_evidence("-")
    assert (evidence.name, evidence.content) == ("stdin", IMAGE)


def test_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "MAX_INPUT_SIZE", 1000)
    path = tmp_path / "large.bin"
    path.write_bytes(IMAGE)
    with pytest.raises(InputError, match="larger than"):
        read_evidence(path)
    with pytest.raises(InputError, match="larger than"):
        read_evidence(IMAGE)


def test_slot_dump_is_taken_without_its_erased_end() -> None:
    data = IMAGE + b"\xff" * (0x10000 - len(IMAGE))
    evidence = read_evidence(data)
    assert evidence.container == "slot"
    content = IMAGE.rstrip(b"\xff")
    assert evidence.content == content
    assert evidence.region == ByteSpan(0, len(content))
    assert evidence.erased_tail == 0x10000 - len(content)
    assert read_evidence(data, format="raw").content == data


@pytest.mark.parametrize("size", [len(IMAGE) + 100, len(IMAGE) + 5000])
def test_file_that_is_no_whole_number_of_sectors_is_no_slot(size: int) -> None:
    data = IMAGE.ljust(size, b"\xff")
    assert read_evidence(data).container == "raw"
    assert read_evidence(data).content == data


def test_whole_flash_lists_its_slots_and_gives_the_chosen_one() -> None:
    data = flash(IMAGE)
    evidence = read_evidence(data)
    assert (evidence.container, evidence.content) == ("flash", data)
    assert [slot.label for slot in evidence.slots] == ["ota_0", "ota_1"]
    chosen = choose_slot(evidence, evidence.slots[1])
    content = IMAGE.rstrip(b"\xff")
    for taken in (chosen, read_evidence(data, slot="ota_1")):
        assert taken.container == "flash"
        assert taken.content == content
        assert taken.region == ByteSpan(0x20000, 0x20000 + len(content))
        assert taken.raw_sha256 == hashlib.sha256(data).hexdigest()
    with pytest.raises(UsageError, match="ota_7"):
        read_evidence(data, slot="ota_7")
    with pytest.raises(UsageError):
        read_evidence(IMAGE, slot="ota_1")
    with pytest.raises(InputError):
        read_evidence(data[:0x18000], slot="ota_1")


@pytest.mark.parametrize(
    "wrap",
    [
        gzip.compress,
        lambda data: zipped(app__bin=data),
        lambda data: zipped(readme__md=b"words", app__bin=data),
        lambda data: gzip.compress(zipped(app__bin=data)),
    ],
    ids=["gzip", "zip", "zip of several", "zip in gzip"],
)
def test_archives_hold_evidence(wrap: object) -> None:
    data = wrap(IMAGE)  # type: ignore[operator]
    evidence = read_evidence(data, name="given.zip")
    assert (evidence.name, evidence.container, evidence.content) == ("given.zip", "raw", IMAGE)
    assert evidence.raw_sha256 == hashlib.sha256(data).hexdigest()
    assert evidence.notes


def test_archives_that_hold_no_evidence_are_clear_errors() -> None:
    bad = [
        zipped(),
        zipped(a__bin=IMAGE, b__bin=IMAGE),
        zipped(a__png=IMAGE, b__doc=IMAGE),
        zipped(a__bin=IMAGE)[:40],
        gzip.compress(IMAGE)[:12],
        gzip.compress(IMAGE)[:11] + b"\xff" * 20,
    ]
    for data in bad:
        with pytest.raises(InputError):
            read_evidence(data)


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]


@pytest.mark.parametrize("wrap", [gzip.compress, lambda data: zipped(app__bin=data)], ids=["gzip", "zip"])
def test_a_cut_archive_gives_what_it_holds_and_says_so(wrap: Callable[[bytes], bytes]) -> None:
    data = wrap(IMAGE)
    for size in (len(data) // 2, len(data) - 400):
        evidence = read_evidence(data[:size])
        end = len(evidence.content)
        assert 0 < end < len(IMAGE)
        assert evidence.content == IMAGE[:end]
        assert evidence.damaged == (ByteSpan(end, end),)
        assert any("is cut" in note for note in evidence.notes)


@pytest.mark.parametrize("wrap", [gzip.compress, lambda data: zipped(app__bin=data)], ids=["gzip", "zip"])
def test_no_byte_of_a_damaged_archive_is_trusted(wrap: Callable[[bytes], bytes]) -> None:
    data = wrap(IMAGE)
    whole = read_evidence(data)
    assert whole.damaged == ()
    for place in (len(data) // 3, len(data) // 2):
        evidence = read_evidence(flipped(data, place))
        assert evidence.damaged == (ByteSpan(0, len(evidence.content)),)
        assert any("is damaged" in note for note in evidence.notes)


def test_an_archive_without_its_list_of_members_is_walked() -> None:
    data = zipped(readme__md=b"words", app__bin=IMAGE)
    cut = data[: data.rindex(b"PK\x01\x02")]
    evidence = read_evidence(cut)
    assert (evidence.content, evidence.damaged) == (IMAGE, (ByteSpan(len(IMAGE), len(IMAGE)),))  # it may have held more
    assert "app.bin" in evidence.notes[0]


def test_bombs_are_refused() -> None:
    zeros = bytes(80 * 1024 * 1024)
    with pytest.raises(InputError, match="unpacks to more than"):
        read_evidence(gzip.compress(zeros))
    with pytest.raises(InputError, match="unpacks to more than"):
        read_evidence(zipped(a__bin=zeros))
    nested = IMAGE
    for _layer in range(6):
        nested = gzip.compress(nested)
    with pytest.raises(InputError, match="archives inside archives"):
        read_evidence(nested)


def test_formats() -> None:
    assert {reader.container for reader in READERS} | set(TEXT_NAMES) | set(ARCHIVES) == set(FORMATS)
    assert len(set(FORMATS)) == len(FORMATS)
    assert FORMATS[-1] == "raw"
    with pytest.raises(UsageError, match="no such format"):
        read_evidence(IMAGE, format="vhs")
