"""The bytes behind an invalid segment length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.judge.logs.lengths import locate_length
from tests.unit.solve.damage import geometry, sample

SENT = sample(21)
HEADERS = geometry(SENT)[1]


def length_read(received: bytes, at: int) -> int:
    return int.from_bytes(received[at : at + 4], "little")


@pytest.mark.parametrize("header", range(3, len(HEADERS)))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_lost_chunks_are_counted(header: int, count: int) -> None:
    at = HEADERS[header].start + 4
    lost = count * 182
    start = HEADERS[header].start - 60
    received = SENT[:start] + SENT[start + lost :]
    value = length_read(received, at)
    if value in (0, 0xFFFFFFFF):
        pytest.skip("this loss reads a blank length")
    hits = locate_length(SENT, value, at, chunk_sizes=(182,))
    assert (lost, 182, count) in {(hit.lost, hit.chunk_size, hit.chunks) for hit in hits}
    assert not hits[0].unique or (hits[0].lost, hits[0].chunks) == (lost, count)


@settings(max_examples=100)
@given(lost=st.integers(1, 2000), header=st.integers(3, len(HEADERS) - 1))
def test_the_true_distance_is_always_among_the_hits(lost: int, header: int) -> None:
    at = HEADERS[header].start + 4
    value = length_read(SENT, at + lost)
    hits = locate_length(SENT, value, at)
    blank = value in (0, 0xFFFFFFFF)
    assert blank == (hits == ())
    assert blank or lost in {hit.lost for hit in hits} or len(hits) == 256
    assert all(length_read(SENT, hit.found) == value and hit.found == at + hit.lost for hit in hits)
    assert sum(hit.unique for hit in hits) <= 1


def test_gained_bytes_are_negative() -> None:
    at = HEADERS[-1].start + 4
    value = length_read(SENT, at - 488)
    hits = [hit for hit in locate_length(SENT, value, at, chunk_sizes=(244,)) if hit.lost == -488]
    assert [(hit.chunk_size, hit.chunks) for hit in hits] == [(244, -2)]


def test_whole_chunks_come_before_nearer_places() -> None:
    sent = bytearray(4096)
    for place in (1007, 1488):
        sent[place : place + 4] = b"\x11\x22\x33\x44"
    hits = locate_length(bytes(sent), 0x44332211, 1000, chunk_sizes=(244,))
    assert [(hit.lost, hit.chunks, hit.unique) for hit in hits] == [(488, 2, True), (7, None, False)]


def test_equal_claims_are_not_unique() -> None:
    sent = bytearray(4096)
    for place in (1244, 1488):
        sent[place : place + 4] = b"\x11\x22\x33\x44"
    hits = locate_length(bytes(sent), 0x44332211, 1000, chunk_sizes=(244,))
    assert [(hit.lost, hit.unique) for hit in hits] == [(244, False), (488, False)]


def test_a_length_that_sent_holds_itself_is_told_first() -> None:
    hit = locate_length(SENT, length_read(SENT, 5000), 5000)[0]
    assert (hit.lost, hit.unique) == (0, True)


def test_nothing_is_looked_up_for_unwritten_slot_or_outside_the_file() -> None:
    assert locate_length(SENT, 0xFFFFFFFF, 100) == ()
    assert locate_length(b"", 0x12345678, 0) == ()
    assert locate_length(SENT, 0x12345678, 10**9) == ()


@pytest.mark.parametrize(("value", "at", "sizes"), [(-1, 0, None), (1 << 32, 0, None), (1, -1, None), (1, 0, (0,))])
def test_impossible_questions_are_refused(value: int, at: int, sizes: tuple[int, ...] | None) -> None:
    with pytest.raises(UsageError):
        locate_length(SENT, value, at, chunk_sizes=sizes)
