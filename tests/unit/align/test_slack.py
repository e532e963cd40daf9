"""Slack is what the data leaves open: every slide within it tells the same bytes, and no slide beyond it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.align.aligner import align
from forensics.align.pair import Pair
from forensics.align.proof import spans_of
from forensics.align.slack import same_after, same_before, slack_of, slid
from forensics.model.alignment import Edit, EditKind
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from tests.property.strategies import edited

repetitive = st.lists(st.sampled_from((b"\0" * 30, b"ab" * 9, b"abc", b"xyz123", b"\xff" * 7)), max_size=12).map(b"".join)


def naive_same(left: bytes, right: bytes) -> int:
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    return same


@given(repetitive, st.integers(0, 200), st.integers(0, 200), st.integers(0, 300))
def test_equal_bytes_around_two_places(data: bytes, one: int, other: int, limit: int) -> None:
    one, other = min(one, len(data)), min(other, len(data))
    before, after = min(limit, one, other), min(limit, len(data) - one, len(data) - other)
    assert same_before(data, one, other, before) == min(before, naive_same(data[:one][::-1], data[:other][::-1]))
    assert same_after(data, one, other, after) == min(after, naive_same(data[one:], data[other:]))


@given(repetitive, st.integers(0, 200), st.integers(1, 40), st.sampled_from((EditKind.DROPPED, EditKind.DUPLICATED)))
def test_a_lost_or_repeated_block_slides_exactly_as_far_as_it_says(
    sent: bytes, start: int, size: int, kind: EditKind
) -> None:
    start = min(start, len(sent))
    end = min(start + size, len(sent))
    if start == end:
        return
    if kind is EditKind.DROPPED:
        pair, seam = Pair(sent, sent[:start] + sent[end:]), ByteSpan(start, start)
    else:
        pair, seam = Pair(sent, sent[:end] + sent[start:]), ByteSpan(end, end + end - start)
    edit = Edit(kind=kind, sent=ByteSpan(start, end), received=seam)
    edit = replace(edit, slack=slack_of(pair, edit))
    back, forward = edit.slack
    for move in range(-back, forward + 1):
        assert spans_of(pair, [slid(pair, edit, move)]) is not None
    beyond = ((-back - 1, start - back > 0), (forward + 1, end + forward < len(sent)))
    for move in [move for move, possible in beyond if possible]:
        moved = replace(edit, sent=edit.sent and edit.sent.shifted(move), received=edit.received.shifted(move))
        assert spans_of(pair, [moved]) is None


@pytest.mark.slow
@given(edited())
@settings(max_examples=200)
def test_any_one_edit_can_be_slid(files: tuple[bytes, bytes]) -> None:
    sent, received = files
    pair = Pair(sent, received)
    edits = list(align(sent, received).edits)
    if len(edits) != 1 or edits[0].sent is None:
        return
    back, forward = edits[0].slack
    assert slid(pair, edits[0], 0) == edits[0]
    for move in {-back, -(back // 2), forward // 2, forward}:
        assert spans_of(pair, [slid(pair, edits[0], move)]) is not None


def test_of_a_moved_run_only_the_place_that_it_left_slides() -> None:
    sent = b"\x01" * 256 + b"\x00\x01\x02" + bytes(133) + b"\x01" * 119 + b"\x00"
    received = bytes(16) + sent[:376] + sent[392:]
    pair = Pair(sent, received)
    edit = Edit(kind=EditKind.REORDERED, sent=ByteSpan(376, 392), received=ByteSpan(0, 16))
    edit = replace(edit, slack=slack_of(pair, edit))
    assert edit.slack[0] > 0
    for move in (-edit.slack[0], edit.slack[1]):
        assert spans_of(pair, [slid(pair, edit, move)]) is not None


@pytest.mark.parametrize("fault", ["drop-one", "repeat-one", "swap-one", "move-far", "insert-many", "drop-many"])
@pytest.mark.parametrize("size", [20, 244])
def test_every_edit_of_a_story_can_be_slid_alone(fault: str, size: int) -> None:
    injection = inject(build_image(size=64 * 1024, seed=size), fault, ChunkPlan(size=size), seed=5)
    pair = Pair(injection.sent, injection.received)
    edits = list(align(injection.sent, injection.received).edits)
    for number, edit in enumerate(edits):
        for move in {-1, 1, -edit.slack[0], edit.slack[1]}:
            if not edit.repeat and -edit.slack[0] <= move <= edit.slack[1]:
                others = [*edits[:number], slid(pair, edit, move), *edits[number + 1 :]]
                assert spans_of(pair, others) is not None, (edit, move)
