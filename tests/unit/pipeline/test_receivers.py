"""What real receivers store is diagnosed by its cause."""

from __future__ import annotations

import pytest

import forensics
from forensics.model.finding import Verdict, Where
from forensics.synth.image import build_image
from tests.receivers import RECEIVERS

IMAGE = build_image(chip="ESP32", size=90_100)


@pytest.mark.parametrize(
    ("receiver", "size", "lost", "slug", "words", "verdict"),
    [
        ("fbiego", 500, (100,), "chunk-overwritten", "two buffers of 16000 bytes", Verdict.FAULTY),
        ("fbiego", 500, (70, 101, 150), "chunk-overwritten", "two buffers of 16000 bytes", Verdict.FAULTY),
        ("fbiego", 500, (7,), "chunk-filled", "fbiego's receiver shows zeros", Verdict.FAULTY),
        ("ble-ota-bluedroid", 460, (8,), "chunk-filled", "for the end of a sector", Verdict.FAULTY),
        ("ble-ota-bluedroid", 460, (50,), "sector-padded", "ble_ota on Bluedroid appends", Verdict.FAULTY),
        ("ble-ota-bluedroid", 460, (50, 120), "sector-padded", "ble_ota on Bluedroid appends", Verdict.FAULTY),
        ("ble-ota-bluedroid", 460, (), "harmless-tail", "writes whole sectors", Verdict.HEALTHY),
        ("control-data", 244, (), "harmless-tail", "its whole buffer for a short last chunk", Verdict.HEALTHY),
        ("control-data-announced", 197, (), "bytes-inserted", "stores 200 bytes, as the sender announced", Verdict.FAULTY),
        ("control-data-announced", 509, (), "bytes-inserted", "stores 512 bytes, as the sender announced", Verdict.FAULTY),
        ("first-short-write-ends", 244, (), "tail-missing", "under 510 bytes for the last one", Verdict.FAULTY),
    ],
)
def test_a_receiver_is_known_by_what_it_stores(
    receiver: str, size: int, lost: tuple[int, ...], slug: str, words: str, verdict: Verdict
) -> None:
    report = forensics.compare(IMAGE, RECEIVERS[receiver](IMAGE, size, lost))
    finding = report.findings[0]
    assert (finding.slug, report.verdict) == (slug, verdict)
    assert any(words in note for note in finding.notes)
    claimed = [index for found in report.findings for index in found.edits]
    assert sorted(claimed) == list(range(len(report.edits)))


def test_a_padded_sector_is_told_once_and_as_the_devices_fault() -> None:
    report = forensics.compare(IMAGE, RECEIVERS["ble-ota-bluedroid"](IMAGE, 460, (50,)))
    assert [finding.slug for finding in report.findings] == ["sector-padded", "harmless-tail"]
    assert report.findings[0].where is Where.DEVICE
    assert "chunk 50" in report.findings[0].summary


@pytest.mark.parametrize(
    ("received", "words"),
    [
        (RECEIVERS["control-data"](IMAGE, 244, (100,)), "its whole buffer for a short last chunk"),
        (IMAGE[: 100 * 244] + IMAGE[101 * 244 :] + IMAGE[-244:], "held the same image before"),
    ],
    ids=["whole buffer", "same image before"],
)
def test_older_bytes_at_the_end_behind_a_loss_did_not_arrive_twice(received: bytes, words: str) -> None:
    report = forensics.compare(IMAGE, received)
    assert [finding.slug for finding in report.findings] == ["chunk-missing", "stale-data"]
    assert "chunk 100" in report.findings[0].summary
    assert any(words in note for note in report.findings[1].notes)
    claimed = [index for found in report.findings for index in found.edits]
    assert sorted(claimed) == list(range(len(report.edits)))


def test_a_lost_chunk_is_told_beside_what_the_announced_size_did() -> None:
    report = forensics.compare(IMAGE, RECEIVERS["control-data-announced"](IMAGE, 197, (100,)))
    assert [finding.slug for finding in report.findings] == ["bytes-inserted", "chunk-missing"]


@pytest.mark.parametrize("receiver", sorted(set(RECEIVERS) - {"control-data-announced"}))
def test_writes_of_510_bytes_that_all_arrive_are_stored_whole(receiver: str) -> None:
    assert RECEIVERS[receiver](IMAGE, 510, ()).startswith(IMAGE)


def test_zeros_alone_are_not_taken_for_a_crc() -> None:
    image = build_image(chip="ESP32", size=16_384)
    (finding,) = forensics.compare(image, image + bytes(4096)).findings
    assert not any("CRC" in note for note in finding.notes)
