"""SENT as people have it: in an archive, as text, in a dump, in a capture."""

from __future__ import annotations

import gzip
import io
import os
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import forensics
from forensics.model.finding import Verdict
from forensics.synth.image import build_image
from tests.unit.pipeline.test_captures import btsnoop, journal
from tests.unit.protocols import senders
from tests.unit.read.test_evidence import flash

IMAGE = build_image(chip="ESP32", size=40_000)
LACKS_CHUNK_50 = IMAGE[: 50 * 244] + IMAGE[51 * 244 :]


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("build/app.bin", content)
        archive.writestr("build/notes.md", b"release notes")
    return stream.getvalue()


def intel_hex(content: bytes) -> bytes:
    def record(body: bytes) -> str:
        return f":{body.hex()}{-sum(body) & 0xFF:02x}"

    lines = []
    for start in range(0, len(content), 16):
        if start % 0x10000 == 0:
            lines.append(record(b"\2\0\0\4" + (start >> 16).to_bytes(2, "big")))
        piece = content[start : start + 16]
        lines.append(record(bytes([len(piece)]) + (start & 0xFFFF).to_bytes(2, "big") + b"\0" + piece))
    return "\n".join([*lines, ":00000001ff"]).encode()


def log(content: bytes) -> bytes:
    return "\n".join(f"I (10) OTA: {piece.hex(' ')}" for piece in senders.cut(content, 16)).encode()


def capture(content: bytes) -> bytes:
    return btsnoop(senders.control_data(content))


def slot(content: bytes) -> bytes:
    return content.ljust(0x10000, b"\xff")


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "zip": zipped,
    "gzip": gzip.compress,
    "intel-hex": intel_hex,
    "log": log,
    "flash": flash,
    "slot": slot,
    "capture": capture,
    "capture in gzip": lambda content: gzip.compress(capture(content)),
    "journal": journal,
}
RECEIVED: dict[str, Callable[[bytes], bytes]] = {"raw": bytes, "slot": slot, "capture": capture, "log": log}


@pytest.mark.slow
@pytest.mark.parametrize("received", RECEIVED)
@pytest.mark.parametrize("sent", WRAPPED)
def test_sent_may_be_any_evidence(sent: str, received: str) -> None:
    file = WRAPPED[sent](IMAGE)
    assert forensics.compare(file, RECEIVED[received](IMAGE)).verdict is Verdict.HEALTHY
    report = forensics.compare(file, RECEIVED[received](LACKS_CHUNK_50))
    assert report.verdict is Verdict.FAULTY
    assert report.findings[0].slug == "chunk-missing"
    assert report.sent is not None
    assert report.sent.size == len(file)


@pytest.mark.parametrize("sent", ["zip", "gzip", "intel-hex", "flash"])
def test_what_was_sent_as_it_is_by_mistake_is_still_told(sent: str) -> None:
    file = WRAPPED[sent](IMAGE)
    report = forensics.compare(file, file)
    assert report.verdict is Verdict.FAULTY
    assert report.findings[0].slug == ("merged-image" if sent == "flash" else "not-an-app-image")


def test_an_image_that_ends_in_erased_bytes_is_compared_whole_with_one_as_long() -> None:
    padded = slot(IMAGE)
    assert forensics.compare(padded, padded).verdict is Verdict.HEALTHY
    report = forensics.compare(padded, padded[:300] + padded[544:] + bytes(244))
    assert report.sent is not None
    assert report.sent.container == "raw"


def test_where_a_cut_archive_of_the_sent_image_ends_nothing_is_claimed() -> None:
    cut = gzip.compress(IMAGE)[:-2000]
    for report in (forensics.compare(cut, IMAGE), forensics.compare(IMAGE, cut)):
        assert report.verdict is Verdict.INCONCLUSIVE
        assert report.findings[0].slug == "evidence-damaged"
        assert report.findings[0].edits == (0,)
        assert any("is cut" in note for note in report.findings[0].notes)


def test_a_damaged_archive_whose_content_is_right_is_told_and_healthy() -> None:
    data = gzip.compress(IMAGE)
    wrong_crc = data[:-6] + bytes([data[-6] ^ 1]) + data[-5:]
    report = forensics.compare(IMAGE, wrong_crc)
    assert report.verdict is Verdict.HEALTHY
    (finding,) = report.findings
    assert (finding.slug, finding.benign) == ("evidence-damaged", True)


def test_a_capture_in_a_damaged_archive_proves_no_fault_of_the_transfer() -> None:
    data = gzip.compress(btsnoop(senders.control_data(LACKS_CHUNK_50)), compresslevel=0)
    place = data.find(LACKS_CHUNK_50[2000:2016])
    report = forensics.compare(IMAGE, data[:place] + b"\0\0" + data[place + 2 :])
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.findings[0].slug == "evidence-damaged"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_evidence_in_pipes_is_read_once(tmp_path: Path) -> None:
    for name, content in (("sent", zipped(IMAGE)), ("received", LACKS_CHUNK_50)):
        pipe = tmp_path / name
        os.mkfifo(pipe)
        threading.Thread(target=pipe.write_bytes, args=(content,), daemon=True).start()
    report = forensics.compare(tmp_path / "sent", tmp_path / "received")
    assert report.findings[0].slug == "chunk-missing"
