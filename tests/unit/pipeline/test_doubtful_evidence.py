"""What people paste and pack in a hurry: nothing that was not read counts as healthy, and no slip of a dump as a fault."""

from __future__ import annotations

import base64
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

import forensics
from forensics.errors import InputError
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.finding import Certainty, Verdict
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from tests.unit.pipeline.test_bug_folder import zipped

SENT = build_image(size=40960)
LOST = inject(SENT, "drop-one", ChunkPlan(size=244), 1).received
SEVERAL = zipped({"a.bin": SENT, "z.bin": LOST})
ROWS = [f"{at:08x}: {SENT[at : at + 16].hex(' ')}" for at in range(0, len(SENT), 16)]


def text(lines: list[str]) -> bytes:
    return "\n".join(lines).encode() + b"\n"


@pytest.mark.parametrize(
    "rows",
    [[*ROWS[:500], ROWS[501], ROWS[500], *ROWS[502:]], [*ROWS[:501], *ROWS[500:]], [*ROWS[1200:], *ROWS[:1200]]],
    ids=["two lines swapped", "one line twice", "the second half first"],
)
def test_rows_of_a_dump_have_addresses_whatever_their_order(rows: list[str]) -> None:
    assert forensics.compare(SENT, text(rows)).verdict is Verdict.HEALTHY


def test_a_star_without_addresses_stands_for_nobody_knows_how_many_rows() -> None:
    rows: list[str] = []
    for at in range(0, len(SENT), 16):
        row = SENT[at : at + 16].hex(" ")
        if at and SENT[at : at + 16] == SENT[at - 16 : at]:
            rows += ["*"] if rows[-1] != "*" else []
        else:
            rows.append(row)
    assert "*" in rows
    report = forensics.compare(SENT, text(rows))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert [finding.slug for finding in report.findings] == ["evidence-damaged"]


def test_a_part_of_a_dump_is_a_part() -> None:
    report = forensics.compare(SENT, text(ROWS[256:768]))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "begins 0x1000 bytes behind the start" in report.summary


@pytest.mark.parametrize(
    "evidence",
    [
        gzip.compress(SENT)[:12000],
        text([f"peer {Random(n).randbytes(6).hex()} handle {n}" for n in range(500)]),
        b" ".join(b"%d" % (n * 7 % 256) for n in range(3000)) + b"\n",
        text(ROWS[256:512]),
        text(ROWS[:1000]),
    ],
    ids=["cut gzip", "a log of another device", "numbers", "a sector of a dump", "half a dump"],
)
def test_what_shows_no_whole_image_alone_proves_nothing(evidence: bytes) -> None:
    report = forensics.triage(evidence)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert all(finding.certainty is Certainty.POSSIBLE for finding in report.findings)


def test_a_text_as_sent_that_lacks_a_line_is_no_wrong_file() -> None:
    report = forensics.compare(text([*ROWS[:500], *ROWS[501:]]), SENT)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert [finding.slug for finding in report.findings] == ["evidence-damaged"]


@pytest.mark.parametrize(
    "files",
    [
        {"sent.bin": SENT, "dump.txt": text(ROWS)},
        {"a.bin": SENT, "r.bin.gz": gzip.compress(LOST)},
        {"sent.bin": SENT, "r.dump": LOST},
    ],
    ids=" ".join,
)
def test_a_zip_of_several_files_is_not_guessed_at(files: dict[str, bytes]) -> None:
    with pytest.raises(InputError, match="holds 2 candidates"):
        forensics.compare(SENT, zipped(files))


def test_what_is_there_for_people_or_empty_is_no_candidate() -> None:
    files = {"received.bin": LOST, "__MACOSX/._received.bin": b"\0\5\x16\7" * 30, "README.txt": b"words", "z.bin": b""}
    assert forensics.compare(SENT, zipped(files)).findings[0].slug == "chunk-missing"


@pytest.mark.parametrize(
    "broken",
    [
        lambda: SEVERAL[: SEVERAL.rindex(b"PK\3\4") + 20],
        lambda: gzip.compress(SENT) + b"XX",
    ],
    ids=["zip without its list", "bytes behind the end of gzip"],
)
def test_an_archive_that_was_not_read_in_full_is_never_healthy(broken: Callable[[], bytes]) -> None:
    report = forensics.compare(SENT, broken())
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "the archive is" in report.summary
    assert forensics.compare(SENT, gzip.compress(SENT) + bytes(512)).verdict is Verdict.HEALTHY  # padding


def test_an_archive_that_nothing_opens_is_never_healthy(tmp_path: Path) -> None:
    for name, data in {"sent.bin": SENT, "received.bin": SENT, "again.bin.xz": lzma.compress(LOST)}.items():
        (tmp_path / name).write_bytes(data)
    report = forensics.triage(tmp_path)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.summary.startswith("again.bin.xz could not be read in full: an xz file, which is not opened")


def test_a_bug_report_without_a_snoop_log_is_a_text_and_may_be_a_log() -> None:
    report_of_phone = b"=" * 56 + b"\n== dumpstate: 2025-10-09 08:53:20\n"
    for more, role in ((b"words\n" * 50, "left-out"), (b"I (30) boot: ESP-IDF v5.4 2nd stage bootloader\n" * 3, "log")):
        files = {"sent.bin": SENT, "received.bin": SENT, "bugreport.txt": report_of_phone + more}
        report = forensics.triage(zipped(files))
        assert report.verdict is Verdict.HEALTHY
        assert {one.name: one.role.value for one in report.inputs}["bugreport.txt"] == role


def test_two_transfers_in_one_text_are_two_readings() -> None:
    lines = [f"TX {n}: {SENT[at : at + 244].hex()}" for n, at in enumerate(range(0, len(SENT), 244))]
    lines += [f"RX {n}: {LOST[at : at + 244].hex()}" for n, at in enumerate(range(0, len(LOST), 244))]
    report = forensics.compare(SENT, text(lines))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "TX 0" in report.summary
    assert "RX 0" in report.summary


def test_extract_decodes_one_line_of_base64_and_never_copies_it() -> None:
    assert extract_source(base64.b64encode(SENT), ExtractOptions()).content == SENT
    with pytest.raises(InputError, match="no image was found in it"):
        extract_source(base64.b64encode(Random(1).randbytes(3000)), ExtractOptions())


def test_two_dumps_in_one_text_are_two_dumps() -> None:
    other = [f"{at:08x}: {LOST[at : at + 16].hex(' ')}" for at in range(0, len(LOST), 16)]
    for rows in ([*ROWS, "second", *other], [*other, "second", *ROWS]):
        report = forensics.compare(SENT, text(rows))
        assert report.verdict is Verdict.INCONCLUSIVE
        assert "another dump follows" in " ".join(report.findings[0].notes)
