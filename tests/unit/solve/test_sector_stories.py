"""One fault that gives every sector its checksum."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.model.alignment import EditKind
from forensics.model.solve import Reading
from forensics.solve import map_sectors, sector_stories
from forensics.synth.image import build_image
from forensics.synth.tap import sector_crcs

SENT = build_image(size=96 * 1024, seed=21)
SIZES = (244, 509)


def stories(slot: bytes, *, known: range | None = None, sizes: tuple[int, ...] | None = None) -> tuple[Reading, ...]:
    crcs = dict(enumerate(sector_crcs(slot)))
    if known is not None:
        crcs = {index: crc for index, crc in crcs.items() if index in known}
    return sector_stories(SENT, crcs, map_sectors(SENT, crcs, chunk_sizes=sizes), chunk_sizes=sizes)


def replayed(reading: Reading, slot: bytes) -> None:
    """The edits say of every byte that they cover what stands there."""
    for edit in reading.edits:
        stored = slot[edit.received.start : edit.received.end]
        if edit.source is not None:
            assert stored == SENT[edit.source.start : edit.source.end]
        elif edit.kind in (EditKind.DUPLICATED, EditKind.REORDERED) and edit.sent is not None:
            assert stored == SENT[edit.sent.start : edit.sent.end]
        elif edit.value is not None:
            assert set(stored) <= {edit.value}


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(SIZES),
    st.integers(1, 150),
    st.sampled_from(("drop", "repeat", "swap", "fill", "overwrite")),
)
def test_one_fault_is_found_from_the_checksums(size: int, chunk: int, fault: str) -> None:
    start, middle, end = chunk * size, (chunk + 1) * size, (chunk + 2) * size
    slot, kind = {
        "drop": (SENT[:start] + SENT[middle:], EditKind.DROPPED),
        "repeat": (SENT[:middle] + SENT[start:], EditKind.DUPLICATED),
        "swap": (SENT[:start] + SENT[middle:end] + SENT[start:middle] + SENT[end:], EditKind.REORDERED),
        "fill": (SENT[:start] + bytes(size) + SENT[middle:], EditKind.FILLED),
        "overwrite": (SENT[:start] + SENT[start - size : start] + SENT[middle:], EditKind.REPLACED),
    }[fault]
    if slot == SENT:
        return
    found = stories(slot)
    assert found
    for reading in found:
        replayed(reading, slot)
    assert any(reading.chunk_size == size and reading.edits[0].kind is kind for reading in found)


def test_the_place_is_exact() -> None:
    at = 100 * 244
    (first, *_) = stories(SENT[:at] + SENT[at + 244 :])
    assert first.words == "chunk 100 (bytes 0x5f50 to 0x6043) lost"
    assert (first.edits[0].sent, first.edits[0].chunks) == (first.edits[0].sent, (100, 100))
    assert first.edits[0].sent is not None
    assert (first.edits[0].sent.start, first.edits[0].received.start) == (at, at)


def test_losses_one_after_the_other() -> None:
    slot, at = SENT, (10 * 244, 150 * 244, 300 * 244)
    for place in reversed(at):
        slot = slot[:place] + slot[place + 244 :]
    (only,) = stories(slot)
    assert only.words == "732 bytes lost in 3 places"
    assert [edit.sent.start for edit in only.edits if edit.sent] == list(at)
    assert only.chunk_size == 244


def test_the_same_fault_in_several_places() -> None:
    slot, chunks = SENT, (40, 150, 300)
    for chunk in chunks:
        start, middle, end = chunk * 244, (chunk + 1) * 244, (chunk + 2) * 244
        slot = slot[:start] + slot[middle:end] + slot[start:middle] + slot[end:]
    (only,) = stories(slot)
    assert only.words.startswith("in 3 places: chunks 40 and 41 swapped; ")
    assert [edit.chunks for edit in only.edits] == [(chunk, chunk) for chunk in chunks]
    replayed(only, slot)


def test_different_faults_have_no_common_story() -> None:
    slot = SENT[: 40 * 244] + bytes(244) + SENT[41 * 244 :]
    slot = slot[: 300 * 244] + slot[299 * 244 : 300 * 244] + slot[301 * 244 :]
    assert stories(slot) == ()


def test_an_end_that_is_missing_from_any_byte() -> None:
    (only,) = stories(SENT[:50001].ljust(len(SENT), b"\xff"))
    assert only.edits[0].kind is EditKind.TRUNCATED
    assert only.edits[0].sent is not None
    # The bytes before it may be 0xFF themselves.
    assert only.edits[0].sent.start <= 50001
    assert set(SENT[only.edits[0].sent.start : 50001]) <= {0xFF}


def test_noise_has_no_story() -> None:
    assert stories(SENT[:5000] + b"noise" * 20 + SENT[5100:]) == ()


def test_an_intact_slot_has_no_story() -> None:
    assert stories(SENT) == ()


@pytest.mark.parametrize("known", [range(3, 24), range(0, 24, 3)])
def test_a_map_with_gaps_still_gives_its_sectors(known: range) -> None:
    at = 150 * 244
    slot = SENT[:at] + SENT[at + 244 :]
    for reading in stories(slot, known=known, sizes=(244,)):
        replayed(reading, slot)
