"""The tap's notifications, and the first chunk that is not as it was sent."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.model.span import ByteSpan
from forensics.protocols.tap.divergence import DivergenceKind, Follower
from forensics.protocols.tap.frames import Fingerprint, Totals, read_frame
from forensics.protocols.tap.observer import TapObserver
from forensics.synth.tap import DeviceTap, sector_crcs
from tests.unit.live.tap_transfers import CHUNK, CHUNKS, SENT, frames_of, observed

HERE = 100


def test_a_frame_of_chunks_is_read_back() -> None:
    tap = DeviceTap(payload=32)
    tap.chunk(0, b"abc")
    tap.chunk(3, b"defg")
    frame = read_frame(next(tap.frames()))
    assert frame is not None
    assert frame.sequence == 0
    assert frame.fingerprints == (
        Fingerprint(index=0, offset=0, length=3, crc32=zlib.crc32(b"abc")),
        Fingerprint(index=1, offset=3, length=4, crc32=zlib.crc32(b"defg")),
    )


def test_totals_and_sectors_are_read_back() -> None:
    tap = DeviceTap(payload=20)
    tap.chunk(0, b"abc")
    totals = read_frame(tap.totals())
    assert totals is not None
    assert totals.totals == Totals(chunks=1, size=3, crc32=zlib.crc32(b"abc"), unrecorded=0)
    frames = [read_frame(value) for value in tap.sectors(SENT)]
    assert dict(one for frame in frames if frame for one in frame.sectors) == dict(enumerate(sector_crcs(SENT)))


@given(st.binary(max_size=64))
def test_any_notification_is_a_frame_or_none(value: bytes) -> None:
    observer = TapObserver(SENT)
    observer.take(value)
    assert observer.unread == (read_frame(value) is None)
    assert len(observer.observation().content) <= len(SENT) + (1 << 20)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 65535)), max_size=8))
def test_absurd_fingerprints_are_survived(records: list[tuple[int, int, int]]) -> None:
    body = b"".join(
        index.to_bytes(4, "little") + offset.to_bytes(4, "little") + length.to_bytes(2, "little") + b"\1\2\3\4"
        for index, offset, length in records
    )
    observer, _ = observed([bytes([0x11, len(records), 0, 0]) + body])
    seen = observer.observation()
    assert len(seen.content) <= len(SENT) + (1 << 20)
    assert seen.chunks <= len(records)


@pytest.mark.parametrize("size", [20, 244, 509])
@pytest.mark.parametrize("payload", [20, 244])
def test_a_good_transfer_has_no_divergence(size: int, payload: int) -> None:
    chunks = [SENT[at : at + size] for at in range(0, len(SENT), size)]
    observer, told = observed(frames_of(chunks, payload=payload))
    assert told == []
    seen = observer.observation()
    assert (seen.content, seen.unseen, seen.changed) == (SENT, (), ())
    assert (seen.chunk_size, seen.chunks, seen.ended, seen.lost_notifications) == (size, len(chunks), True, 0)


def test_a_lost_chunk_is_announced_at_once_and_then_sure() -> None:
    _, told = observed(frames_of([*CHUNKS[:HERE], *CHUNKS[HERE + 1 :]]))
    assert [one.kind for one in told] == [DivergenceKind.AHEAD, DivergenceKind.LOST]
    assert {(one.chunk, one.came, one.index) for one in told} == {(HERE, HERE + 1, HERE)}
    assert told[0].sent == ByteSpan(HERE * CHUNK, (HERE + 1) * CHUNK)


def test_a_place_that_stays_empty_is_a_lost_chunk() -> None:
    chunks = [*CHUNKS[:HERE], *CHUNKS[HERE + 1 :]]
    places = [number * CHUNK for number in range(len(CHUNKS)) if number != HERE]
    observer, told = observed(frames_of(chunks, places=places))
    assert (told[-1].kind, told[-1].chunk) == (DivergenceKind.LOST, HERE)
    assert observer.observation().unseen == (ByteSpan(HERE * CHUNK, (HERE + 1) * CHUNK),)


def test_two_chunks_that_change_places() -> None:
    _, told = observed(frames_of([*CHUNKS[:HERE], CHUNKS[HERE + 1], CHUNKS[HERE], *CHUNKS[HERE + 2 :]]))
    assert [one.kind for one in told] == [DivergenceKind.AHEAD, DivergenceKind.REORDERED]
    assert (told[-1].chunk, told[-1].came) == (HERE, HERE + 1)


def test_a_chunk_that_comes_twice() -> None:
    _, told = observed(frames_of([*CHUNKS[: HERE + 1], *CHUNKS[HERE:]]))
    assert [(one.kind, one.chunk, one.came) for one in told] == [(DivergenceKind.REPEATED, HERE + 1, HERE)]


def test_a_chunk_with_other_bytes() -> None:
    wrong = bytes(byte ^ 0x10 for byte in CHUNKS[HERE])
    observer, told = observed(frames_of([*CHUNKS[:HERE], wrong, *CHUNKS[HERE + 1 :]]))
    assert [(one.kind, one.chunk, one.came) for one in told] == [(DivergenceKind.CHANGED, HERE, None)]
    assert observer.observation().changed == (ByteSpan(HERE * CHUNK, (HERE + 1) * CHUNK),)


def test_a_chunk_without_its_end() -> None:
    _, told = observed(frames_of([*CHUNKS[:HERE], CHUNKS[HERE][:20], *CHUNKS[HERE + 1 :]]))
    assert [(one.kind, one.chunk) for one in told] == [(DivergenceKind.SHORTENED, HERE)]
    assert told[0].sent == ByteSpan(HERE * CHUNK + 20, (HERE + 1) * CHUNK)


def test_bytes_behind_the_end() -> None:
    _, told = observed(frames_of([*CHUNKS, b"more"]))
    assert [(one.kind, one.index) for one in told] == [(DivergenceKind.BEYOND_END, len(CHUNKS))]


def test_only_the_first_divergence_is_announced() -> None:
    kept = [chunk for number, chunk in enumerate(CHUNKS) if number not in (30, 60, 90)]
    _, told = observed(frames_of(kept))
    assert {one.chunk for one in told} == {30}


def test_a_lost_notification_is_a_gap_in_the_evidence() -> None:
    frames = frames_of(CHUNKS)
    observer, told = observed([*frames[:3], *frames[4:]])
    assert told == []
    assert observer.lost_frames == 1
    # The device's own CRC32 over all of it vouches for what was not seen.
    assert observer.observation().unseen == ()
    unended, _ = observed([*frames[:3], *frames[4:-1]])
    per_frame = (244 - 4) // 14
    assert unended.observation().unseen == (ByteSpan(3 * per_frame * CHUNK, 4 * per_frame * CHUNK),)


def test_a_divergence_behind_a_gap_says_so() -> None:
    frames = frames_of([*CHUNKS[:60], *CHUNKS[61:]])
    _, told = observed([*frames[:3], *frames[4:]])
    assert told[0].after_gap
    assert "may have happened earlier" in told[0].words


def test_a_full_ring_is_a_gap_in_the_evidence() -> None:
    observer, told = observed(frames_of(CHUNKS, capacity=50, flushes=False))
    assert told == []
    assert observer.observation().unrecorded == len(CHUNKS) - 50


def test_a_transfer_that_begins_anew_is_followed_from_its_start() -> None:
    broken = frames_of([*CHUNKS[:10], *CHUNKS[11:40]], ended=False)
    observer, told = observed([*broken, *frames_of(CHUNKS)])
    assert [one.chunk for one in told] == [10, 10]
    seen = observer.observation()
    assert (observer.first, observer.restarts, seen.content, seen.lost_notifications) == (None, 1, SENT, 0)


def test_who_begins_to_watch_late_has_not_seen_the_beginning() -> None:
    observer, told = observed(frames_of(CHUNKS, ended=False)[2:])
    assert told == []
    seen = observer.observation()
    assert seen.lost_notifications == 2
    assert seen.unseen[0].start == 0


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, len(CHUNKS) - 3),
    st.sampled_from(("drop", "swap", "repeat", "change")),
    st.sampled_from((20, 64, 244)),
)
def test_the_first_divergence_has_the_number_of_the_chunk(number: int, fault: str, payload: int) -> None:
    chunks = {
        "drop": [*CHUNKS[:number], *CHUNKS[number + 1 :]],
        "swap": [*CHUNKS[:number], CHUNKS[number + 1], CHUNKS[number], *CHUNKS[number + 2 :]],
        "repeat": [*CHUNKS[:number], CHUNKS[number - 1], *CHUNKS[number:]],
        "change": [*CHUNKS[:number], bytes(CHUNK), *CHUNKS[number + 1 :]],
    }[fault]
    if chunks == list(CHUNKS):
        return
    observer, told = observed(frames_of(chunks, payload=payload))
    assert observer.first is not None
    due = observer.first.chunk
    # Equal chunks cannot be told apart, and the first that differs is then a later one.
    assert due == number or CHUNKS[number] == CHUNKS[due]
    assert told[0].index == due


def test_rubbish_takes_no_time() -> None:
    """The search for each chunk is bounded, in bytes that are checked and in how often all of SENT is."""
    follower = Follower(SENT * 16)
    for index in range(400):
        follower.follow(index, index * 500, 500, 12345)
    assert follower.first is not None
    assert follower.first.kind is DivergenceKind.CHANGED
