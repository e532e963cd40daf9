"""The public functions, as the README shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

import forensics
from forensics.errors import InputError, UsageError

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples" / "chunk-reordered"
LOG = ROOT / "samples" / "forum-log" / "device.log"


def test_paths_and_bytes_give_the_same_story() -> None:
    by_path = forensics.compare(SAMPLE / "sent.bin", str(SAMPLE / "received.bin"))
    by_bytes = forensics.compare((SAMPLE / "sent.bin").read_bytes(), bytearray((SAMPLE / "received.bin").read_bytes()))
    assert by_path.edits == by_bytes.edits
    assert by_path.spans == by_bytes.spans


def test_a_given_chunk_size_is_reported_as_given() -> None:
    report = forensics.compare(SAMPLE / "sent.bin", SAMPLE / "received.bin", chunk_size=244)
    assert report.chunking is not None
    assert (report.chunking.size, report.chunking.source, report.chunking.support) == (244, "given", 1)


def test_an_offset_names_where_the_image_begins() -> None:
    sent = (SAMPLE / "sent.bin").read_bytes()
    report = forensics.compare(sent, b"\x55" * 100 + sent, offset=100)
    assert report.verdict == "healthy"
    assert report.received is not None
    assert report.received.region is not None
    assert report.received.region.start == 100


def test_a_log_is_a_path_or_a_text() -> None:
    text = LOG.read_text(encoding="utf-8")
    assert forensics.read_log(LOG) == forensics.read_log(str(LOG)) == forensics.read_log(text)
    assert forensics.read_log("no such file, and no line break").passes == ()
    with pytest.raises(InputError):
        forensics.read_log(Path("no-such-file.log"))


def test_a_log_beside_the_dump_becomes_part_of_the_report() -> None:
    walk = forensics.predict_log((SAMPLE / "received.bin").read_bytes(), idf="v5.1")
    report = forensics.compare(SAMPLE / "sent.bin", SAMPLE / "received.bin", log="\n".join(walk.lines))
    assert report.log is not None
    assert report.log.passes
    assert any(finding.slug == "chunk-reordered" for finding in report.findings)
    assert not any(finding.slug == "dump-of-another-attempt" for finding in report.findings)


def test_options_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError):
        forensics.compare(b"a", b"b", chunk_size=0)
    with pytest.raises(UsageError):
        forensics.compare(b"a", b"b", offset=7)
    with pytest.raises(UsageError):
        forensics.compare("-", "-")


def test_inspecting_and_predicting() -> None:
    assert forensics.inspect_image(SAMPLE / "sent.bin").verdict == "healthy"
    assert forensics.inspect_image(SAMPLE / "received.bin").verdict == "faulty"
    walk = forensics.predict_log(SAMPLE / "sent.bin", idf="v4.4.8", level="info")
    assert walk.err == 0
    assert walk.image_length == (SAMPLE / "sent.bin").stat().st_size
    assert all(line.startswith("I ") for line in walk.lines)


def test_triage_of_the_forum_log() -> None:
    report = forensics.triage(LOG)
    assert report.log is not None
    assert report.log.idf_versions == "v3.0 to v3.1.2"
    assert any(finding.slug == "digest-failed" for finding in report.findings)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError):
        forensics.no_such_name  # noqa: B018
