"""What a file means is tested against SENT, and a guess is never called proof."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zipfile
from pathlib import Path
from random import Random

import pytest

import forensics
from forensics.errors import InputError
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.finding import Certainty, Verdict
from forensics.model.report import Report
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.pipeline.inspection import predict_log
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from tests.bench.evidence_forms import FORMS, chunks_of
from tests.conftest import ROOT
from tests.unit.pipeline.test_bug_folder import zipped
from tests.unit.read.test_evidence import flash

SENT = build_image(size=16384)
LOST = inject(SENT, "drop-one", ChunkPlan(size=244), 1).received
OTHER = build_image(size=20480, seed=9)
ROWS = [SENT[at : at + 16] for at in range(0, len(SENT), 16)]


def serious(report: Report) -> set[str]:
    return {finding.slug for finding in report.findings if not finding.benign}


def test_a_reading_says_how_and_how_much() -> None:
    report = forensics.compare(SENT, "\n".join(row.hex() for row in ROWS).encode())
    assert report.verdict is Verdict.HEALTHY
    assert report.received is not None
    assert report.received.reading is not None
    assert report.received.reading.how.startswith("hex in 1024 lines")
    assert report.received.reading.share == 1.0
    assert report.to_dict()["received"]["reading"]["rivals"] == []
    assert Report.from_dict(report.to_dict()) == report


def test_bytes_as_they_are_have_no_reading() -> None:
    report = forensics.compare(SENT, LOST)
    assert report.received is not None
    assert report.received.reading is None
    assert report.findings[0].certainty is Certainty.PROVEN


@pytest.mark.parametrize("text", [SENT.hex().encode(), base64.b64encode(SENT)], ids=["hex", "base64"])
def test_unbroken_text_is_a_print_out_or_what_was_stored(text: bytes, tmp_path: Path) -> None:
    report = forensics.compare(SENT, text)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert [(finding.slug, finding.certainty) for finding in report.findings] == [("text-encoded", Certainty.POSSIBLE)]
    assert "--read-as raw" in report.summary
    stored = forensics.compare(SENT, text + b"\xff" * (4096 + -len(text) % 4096))  # flash surrounds it
    assert stored.verdict is Verdict.FAULTY
    assert stored.findings[0].certainty is Certainty.PROVEN
    assert forensics.compare(SENT, text, format="raw").findings[0].certainty is Certainty.PROVEN


def test_unbroken_text_of_a_faulty_transfer_is_faulty_either_way() -> None:
    report = forensics.compare(SENT, LOST.hex().encode())
    assert report.verdict is Verdict.FAULTY
    assert {finding.slug: finding.certainty for finding in report.findings} == {
        "text-encoded": Certainty.POSSIBLE,
        "chunk-missing": Certainty.LIKELY,
    }


@pytest.mark.parametrize(
    "text",
    [
        "\n".join((*predict_log(SENT).lines, "Expected hash: " + SENT[-32:].hex(), SENT[-32:-16].hex(" "))).encode(),
        b"I (300) main: hello\nI (301) wifi: connected\n",
        b"I (300) main: hello\n" * 400,
        "".join(f"write {number}\n" for number in range(500)).encode(),
        base64.encodebytes(hashlib.sha256(b"x").digest() * 40),
        b"\n".join(hashlib.sha256(bytes([n])).hexdigest().encode() for n in range(200)),
    ],
)
def test_a_text_that_shows_nothing_of_the_image_proves_nothing(text: bytes) -> None:
    report = forensics.compare(SENT, text)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert all(finding.certainty is Certainty.POSSIBLE for finding in report.findings)


def test_another_image_shows_by_itself_that_it_is_one() -> None:
    for received in (OTHER, "\n".join(OTHER[at : at + 16].hex(" ") for at in range(0, len(OTHER), 16)).encode()):
        report = forensics.compare(SENT, received)
        assert (report.verdict, serious(report)) == (Verdict.FAULTY, {"wrong-image"})
    unknown = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(256)) * 2
    assert forensics.compare(SENT, unknown).verdict is Verdict.INCONCLUSIVE


def test_values_that_the_tool_shortened_are_no_fault() -> None:
    lines = [f"write <Buffer {SENT[at : at + 50].hex(' ')} ... 194 more bytes>" for at in range(0, len(SENT), 244)]
    report = forensics.compare(SENT, "\n".join(lines).encode())
    assert report.verdict is Verdict.INCONCLUSIVE
    assert serious(report) == {"evidence-damaged"}
    assert "save the values in full" in report.summary


def test_a_number_that_comes_late_is_a_swap_and_one_that_never_comes_is_open() -> None:
    chunks = [(n, SENT[at : at + 244]) for n, at in enumerate(range(0, len(SENT), 244))]
    swapped = [*chunks[:20], chunks[21], chunks[20], *chunks[22:]]
    late = forensics.compare(SENT, "".join(f"recv seq={n} data={data.hex()}\n" for n, data in swapped).encode())
    assert (late.verdict, serious(late)) == (Verdict.FAULTY, {"chunk-reordered"})
    missing = [*chunks[:20], *chunks[21:]]
    never = forensics.compare(SENT, "".join(f"recv seq={n} data={data.hex()}\n" for n, data in missing).encode())
    assert (never.verdict, serious(never)) == (Verdict.INCONCLUSIVE, {"evidence-damaged"})
    assert never.summary == (
        "bytes: number 20 of its count never comes: the line is missing in the text, or the chunk never came"
    )


def test_a_printed_hash_is_not_the_received_image(tmp_path: Path) -> None:
    lines = list(predict_log(LOST).lines)
    digest = hashlib.sha256(LOST).digest()
    lines += ["I (700) esp_image: Calculated hash:", *(f"I (701) ota: {row.hex(' ')}" for row in (digest[:16], digest[16:]))]
    (tmp_path / "boot.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "sent.bin").write_bytes(SENT)
    report = forensics.triage(tmp_path / "boot.log", tmp_path / "sent.bin")
    assert "bytes never arrived" not in report.summary
    assert {file.name: file.role.value for file in report.inputs} == {"boot.log": "log", "sent.bin": "sent"}


def test_what_could_not_be_read_is_never_healthy(tmp_path: Path) -> None:
    (tmp_path / "sent.bin").write_bytes(SENT)
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        archive.writestr("received.bin", SENT)
    whole = (tmp_path / "whole.zip").read_bytes()
    assert forensics.triage(tmp_path / "sent.bin", tmp_path / "whole.zip").verdict is Verdict.HEALTHY
    for name, content in {"cut.zip": whole[:9000], "broken.zip": whole[:200] + b"\0" * 50 + whole[250:]}.items():
        (tmp_path / name).write_bytes(content)
        report = forensics.triage(tmp_path / "sent.bin", tmp_path / name)
        assert report.verdict is not Verdict.HEALTHY
        (tmp_path / name).unlink()
    bug = tmp_path / "bug"
    bug.mkdir()
    (bug / "sent.bin").write_bytes(SENT)
    (bug / "screen.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    assert forensics.triage(bug).verdict is Verdict.HEALTHY  # a picture is no evidence
    (bug / "slot.bin.gz").write_bytes(b"\x1f\x8b\x08\0" + b"\0" * 40)
    assert forensics.triage(bug).verdict is not Verdict.HEALTHY


EARLY = "the image begins at 0x1000 of the dump, which ends 0x1000 bytes before the image does"
LATE = "the dump begins 0x1000 bytes behind the start of the image"


@pytest.mark.parametrize(
    ("received", "slugs", "note"),
    [
        (b"\xff" * 4096 + SENT[:-4096], {"evidence-damaged"}, EARLY),
        (SENT[4096:], {"evidence-damaged"}, LATE),
        (LOST[4096:], {"evidence-damaged", "chunk-missing"}, LATE),
    ],
)
def test_a_dump_of_the_wrong_place_is_no_fault_of_the_transfer(received: bytes, slugs: set[str], note: str) -> None:
    report = forensics.compare(SENT, received)
    assert serious(report) == slugs
    assert (report.verdict is Verdict.FAULTY) == ("chunk-missing" in slugs)
    assert note in " ".join(words for finding in report.findings for words in (finding.summary, *finding.notes))


def test_a_dump_that_begins_too_early_and_holds_the_whole_image_is_healthy() -> None:
    assert forensics.compare(SENT, b"\xff" * 4096 + SENT + b"\xff" * 4096).verdict is Verdict.HEALTHY


def test_an_archive_in_flash_is_what_the_device_stored() -> None:
    packed = gzip.compress(SENT, mtime=0)
    assert forensics.compare(SENT, packed).verdict is Verdict.HEALTHY
    stored = forensics.compare(SENT, packed + b"\xff" * (8192 + -len(packed) % 4096))
    assert (stored.verdict, serious(stored)) == (Verdict.FAULTY, {"wrong-image"})
    assert "gzip" in stored.summary


def test_ciphertext_with_erased_gaps_is_inconclusive() -> None:
    chance = Random(1)
    flash = chance.randbytes(0x3000) + b"\xff" * 0x5000 + chance.randbytes(len(SENT))
    report = forensics.compare(SENT, flash)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "encrypted" in report.summary


def test_a_capture_without_the_sent_file_proves_nothing() -> None:
    report = forensics.triage(ROOT / "samples" / "capture-incomplete" / "capture.btsnoop")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "btsnoop capture" in report.summary


def test_extract_takes_the_image_out_of_any_text_or_says_why_not() -> None:
    lines = "\n".join(row.hex() for row in ROWS).encode()
    labelled = "\n".join(f"chunk {n}: {row.hex(' ')}" for n, row in enumerate(ROWS)).encode()
    assert extract_source(lines, ExtractOptions()).content == SENT
    assert extract_source(base64.encodebytes(SENT), ExtractOptions()).content == SENT
    assert extract_source(labelled, ExtractOptions(sent=SENT)).content == SENT
    for text in (b"I (300) main: hello\n" * 40, lines[len(lines) // 2 :]):
        with pytest.raises(InputError, match=r"no image was found in it; name the image that was sent with --sent"):
            extract_source(text, ExtractOptions())
    assert extract_source(lines, ExtractOptions(format="raw")).content == lines
    half = extract_source(lines[: len(lines) // 2], ExtractOptions())
    assert half.content == SENT[: len(SENT) // 2]
    assert any("only its header" in note for note in half.notes)


@pytest.mark.parametrize("form", ["PEM", "CSV", "flutter_blue_plus", "Wireshark text", "Rust"])
def test_triage_finds_the_text_that_shows_the_image(form: str, tmp_path: Path) -> None:
    chunks = chunks_of(SENT, 180)
    (tmp_path / "sent.bin").write_bytes(SENT)
    (tmp_path / "evidence.txt").write_text(
        FORMS[form]([*chunks[:20], chunks[21], chunks[20], *chunks[22:]]), encoding="utf-8"
    )
    report = forensics.triage(tmp_path)
    assert (report.verdict, serious(report)) == (Verdict.FAULTY, {"chunk-reordered"})


def test_of_two_merged_images_the_apps_are_compared() -> None:
    report = forensics.compare(flash(SENT), flash(LOST))
    assert report.findings[0].slug == "chunk-missing"
    assert report.sent is not None
    assert report.sent.container == "flash"
    assert forensics.compare(flash(SENT), flash(OTHER)).findings[0].slug == "wrong-image"
    same = forensics.compare(flash(SENT), flash(SENT))
    assert [finding.slug for finding in same.findings] == ["merged-image"]


def test_a_dump_that_lost_rows_or_digits_says_nothing_of_them() -> None:
    rows = [f"{at:08x}: {SENT[at : at + 16].hex(' ')}" for at in range(0, len(SENT), 16)]
    short = rows[50][:-20] + "z" + rows[50][-20:]
    for damaged in ([*rows[:50], *rows[53:]], [*rows[:50], short, *rows[51:]]):
        report = forensics.compare(SENT, "\n".join(damaged).encode())
        assert report.verdict is Verdict.INCONCLUSIVE
        assert serious(report) == {"evidence-damaged"}


def test_an_archive_says_how_it_was_read() -> None:
    for received, how in (
        (gzip.compress(LOST), "unpacked from the gzip file"),
        (zipped({"a.bin": LOST}), "taken from a.bin"),
    ):
        report = forensics.compare(SENT, received)
        assert report.received is not None
        assert report.received.reading is not None
        assert report.received.reading.how.startswith(how)
        assert report.findings[0].certainty is Certainty.PROVEN
