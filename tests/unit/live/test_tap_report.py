"""The report at the end of a watched transfer."""

from __future__ import annotations

import pytest

from forensics.cli.output import render
from forensics.model.alignment import EditKind
from forensics.model.finding import Verdict, Where
from forensics.pipeline.links import observed_report
from forensics.protocols.tap.divergence import DivergenceKind
from forensics.protocols.tap.echo import EchoObserver
from forensics.read import read_evidence
from forensics.report import RENDERERS
from tests.unit.live.tap_transfers import CHUNK, CHUNKS, SENT, frames_of, observed, reported

HERE = 77


def slugs(frames: list[bytes], sent: bytes = SENT) -> tuple[Verdict, list[str]]:
    observer, _ = observed(frames, sent)
    report = reported(observer, sent)
    assert type(report).from_dict(report.to_dict()) == report
    return report.verdict, [one.slug for one in report.findings]


def test_a_good_transfer_is_healthy() -> None:
    assert slugs(frames_of(CHUNKS)) == (Verdict.HEALTHY, [])
    assert slugs(frames_of(CHUNKS, slot=SENT)) == (Verdict.HEALTHY, [])


@pytest.mark.parametrize(
    ("chunks", "slug"),
    [
        ([*CHUNKS[:HERE], *CHUNKS[HERE + 1 :]], "chunk-missing"),
        ([*CHUNKS[:HERE], CHUNKS[HERE + 1], CHUNKS[HERE], *CHUNKS[HERE + 2 :]], "chunk-reordered"),
        ([*CHUNKS[: HERE + 1], *CHUNKS[HERE:]], "chunk-duplicated"),
        ([*CHUNKS[:HERE], CHUNKS[HERE][:20], *CHUNKS[HERE + 1 :]], "chunk-shortened"),
        ([*CHUNKS[:HERE], CHUNKS[HERE][::-1], *CHUNKS[HERE + 1 :]], "bytes-altered"),
        (list(CHUNKS[:HERE]), "tail-missing"),
    ],
)
def test_each_fault_has_its_name(chunks: list[bytes], slug: str) -> None:
    assert slugs(frames_of(chunks)) == (Verdict.FAULTY, [slug])


def test_a_chunk_of_which_only_the_checksum_is_known_shows_no_bytes() -> None:
    observer, _ = observed(frames_of([*CHUNKS[:HERE], CHUNKS[HERE][::-1], *CHUNKS[HERE + 1 :]]))
    report = reported(observer)
    assert [(edit.chunks, edit.excerpt, edit.bits) for edit in report.edits] == [((HERE, HERE), None, None)]
    assert report.summary == f"chunk {HERE} came with other bytes than were sent"


def test_bytes_behind_the_end_are_told_and_not_shown() -> None:
    observer, _ = observed(frames_of([*CHUNKS, b"more" * 8]))
    report = reported(observer)
    assert [(edit.kind, edit.content, edit.value, edit.excerpt) for edit in report.edits] == [
        (EditKind.TRAILING, "unknown", None, None)
    ]
    assert [span.value for span in report.spans] == [None, None]
    assert report.verdict is Verdict.HEALTHY


@pytest.mark.slow
@pytest.mark.parametrize("at", [HERE, 0, len(CHUNKS) - 1])
def test_every_format_can_tell_it(at: int) -> None:
    for chunks in ([*CHUNKS[:at], *CHUNKS[at + 1 :]], [*CHUNKS[:at], CHUNKS[at][::-1], *CHUNKS[at + 1 :]]):
        observer, _ = observed(frames_of(chunks, slot=b"".join(chunks)))
        for renderer in RENDERERS:
            assert render(reported(observer), renderer.name)


def test_lost_notifications_say_nothing_against_the_transfer() -> None:
    frames = frames_of(CHUNKS, ended=False)
    assert slugs([*frames[:3], *frames[5:]]) == (Verdict.INCONCLUSIVE, ["notifications-lost"])
    # The map of the slot vouches for what was not seen.
    mapped = frames_of(CHUNKS, slot=SENT, ended=False)
    assert slugs([*mapped[:3], *mapped[5:]]) == (Verdict.HEALTHY, ["notifications-lost"])


def test_a_full_ring_says_nothing_against_the_transfer() -> None:
    altered = [*CHUNKS[:150], CHUNKS[150][::-1], *CHUNKS[151:]]
    verdict, found = slugs(frames_of(altered, capacity=50, flushes=False))
    assert (verdict, found) == (Verdict.INCONCLUSIVE, ["capture-incomplete"])


def test_a_transfer_that_was_not_watched_to_its_end_is_open() -> None:
    assert slugs(frames_of(CHUNKS[:HERE], ended=False)) == (Verdict.INCONCLUSIVE, ["capture-incomplete"])


def test_a_slot_that_differs_behind_right_chunks_is_the_devices_fault() -> None:
    at = 12 * CHUNK
    observer, told = observed(frames_of(CHUNKS, slot=SENT[:at] + SENT[at + CHUNK :]))
    report = reported(observer)
    assert told == []
    assert (report.verdict, report.findings[0].slug) == (Verdict.FAULTY, "chunk-missing")
    assert report.findings[0].where is Where.DEVICE
    assert "write callback" in report.findings[0].notes[0]


def test_nothing_seen_is_inconclusive() -> None:
    observer, _ = observed([])
    report = reported(observer)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "no transfer was seen" in report.summary


def test_an_echo_has_the_bytes_themselves() -> None:
    observer = EchoObserver(SENT)
    wrong = bytes(byte ^ 1 for byte in CHUNKS[HERE])
    told = [one for chunk in (*CHUNKS[:HERE], wrong, *CHUNKS[HERE + 1 :]) for one in observer.take(chunk)]
    assert [(one.kind, one.chunk) for one in told] == [(DivergenceKind.CHANGED, HERE)]
    assert observer.complete
    report = observed_report(read_evidence(SENT, name="sent.bin", format="raw"), observer.observation(), name="echo")
    assert [one.slug for one in report.findings] == ["bytes-altered"]
    assert report.edits[0].bits == CHUNK


def test_an_echo_with_a_header_before_each_chunk() -> None:
    observer = EchoObserver(SENT, skip=2)
    assert not [one for chunk in CHUNKS for one in observer.take(b"\xfb\x01" + chunk)]
    assert observer.observation().content == SENT
