"""A journal in which the device's tap spoke is evidence of what arrived, beside what was sent."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence

import pytest

from forensics.live.journal import ImagePart, JournalWriter, WriteResult
from forensics.model.finding import Verdict, Where
from forensics.model.report import Report
from forensics.pipeline.comparison import Options, compare_sources
from forensics.spec.tap import TAP_CHARACTERISTIC
from tests.unit.live.tap_transfers import CHUNK, CHUNKS, SENT, frames_of

DATA = "23408888-1f40-4cd8-9b89-ca8d45f8a5b0"
HERE = 60
WITHOUT_ONE = (*CHUNKS[:HERE], *CHUNKS[HERE + 1 :])


def journal(arrived: Sequence[bytes], *, left: Sequence[bytes] | None = CHUNKS, slot: bytes | None = None) -> bytes:
    """A session in which ``left`` was written and the tap told of ``arrived``."""
    text = io.StringIO()
    writer = JournalWriter(text, clock=itertools.count().__next__)
    writer.header(name="sent.bin", size=len(SENT))
    writer.event("connected", "ESP32-OTA", outgoing=True, address="AA:BB:CC:DD:EE:01")
    offset = 0
    for chunk in left or ():
        part = ImagePart(offset=offset, start=0, length=len(chunk), altered=True)
        writer.write(DATA, chunk, response=False, result=WriteResult.QUEUED, image=part)
        offset += len(chunk)
    for frame in frames_of(arrived, slot=slot):
        writer.notification(TAP_CHARACTERISTIC, frame)
    return text.getvalue().encode()


def report_of(content: bytes) -> Report:
    report = compare_sources(SENT, content, Options())
    assert Report.from_dict(report.to_dict()) == report
    return report


def test_what_left_right_and_arrived_wrong_was_lost_on_the_way() -> None:
    report = report_of(journal(WITHOUT_ONE))
    (finding,) = [one for one in report.findings if not one.benign]
    assert (report.verdict, finding.slug, finding.where) == (Verdict.FAULTY, "chunk-missing", Where.AIR)
    assert report.edits[finding.edits[0]].chunks == (HERE, HERE)
    assert any("between the sender's Bluetooth stack and the device's write callback" in note for note in finding.notes)


def test_what_left_wrong_is_the_senders() -> None:
    report = report_of(journal(WITHOUT_ONE, left=WITHOUT_ONE))
    (finding,) = [one for one in report.findings if not one.benign]
    assert (finding.slug, finding.where) == ("chunk-missing", Where.SENDER)


def test_what_arrived_right_and_is_stored_wrong_is_the_devices() -> None:
    at = HERE * CHUNK
    report = report_of(journal(CHUNKS, slot=SENT[:at] + SENT[at + CHUNK :]))
    (finding,) = [one for one in report.findings if not one.benign]
    assert (finding.slug, finding.where) == ("chunk-missing", Where.DEVICE)


def test_a_changed_chunk_keeps_its_name_beside_the_writes() -> None:
    altered = (*CHUNKS[:HERE], CHUNKS[HERE][::-1], *CHUNKS[HERE + 1 :])
    report = report_of(journal(altered))
    assert [one.slug for one in report.findings if not one.benign] == ["bytes-altered"]


@pytest.mark.parametrize(("arrived", "verdict"), [(CHUNKS, Verdict.HEALTHY), (WITHOUT_ONE, Verdict.FAULTY)])
def test_a_journal_of_watch_has_no_writes(arrived: Sequence[bytes], verdict: Verdict) -> None:
    report = report_of(journal(arrived, left=None))
    assert report.verdict is verdict
    assert all(one.slug != "capture-incomplete" for one in report.findings)
    assert report.received is not None
    assert report.received.container == "tap"


def test_notifications_that_are_no_frames_change_nothing() -> None:
    text = io.StringIO()
    writer = JournalWriter(text, clock=itertools.count().__next__)
    writer.header()
    for number, chunk in enumerate(CHUNKS):
        part = ImagePart(offset=number * CHUNK, start=0, length=len(chunk), altered=True)
        writer.write(DATA, chunk, response=False, result=WriteResult.QUEUED, image=part)
        writer.notification(TAP_CHARACTERISTIC, b"\xf0" + chunk[:8])
    assert report_of(text.getvalue().encode()).verdict is Verdict.HEALTHY
