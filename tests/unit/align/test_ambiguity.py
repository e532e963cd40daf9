"""Where the data leaves a question open, the report gives the range, and never a guess."""

from __future__ import annotations

from random import Random

from forensics.align.aligner import align
from forensics.align.damage import describe_change
from forensics.model.alignment import EditKind
from forensics.model.span import ByteSpan
from forensics.synth.image import build_image
from forensics.synth.variants import other_build

CHUNK = 244
HEAD = build_image(size=24 * 1024, seed=31)
TAIL = build_image(size=16 * 1024, seed=32)
RUN = 6000
WITH_RUN = HEAD + bytes(RUN) + TAIL
"""A run of zeros between two stretches of program; ``HEAD`` ends and ``TAIL`` begins with other bytes."""


def test_the_run_is_as_long_as_it_says() -> None:
    assert HEAD[-1]
    assert TAIL[0]


def test_a_loss_inside_a_run_slides_over_the_whole_run() -> None:
    at = len(HEAD) + 2000
    (edit,) = align(WITH_RUN, WITH_RUN[:at] + WITH_RUN[at + CHUNK :]).edits
    assert edit.kind is EditKind.DROPPED
    assert edit.sent is not None
    assert edit.sent.size == CHUNK
    back, forward = edit.slack
    assert (edit.sent.start - back, edit.sent.end + forward) == (len(HEAD), len(HEAD) + RUN)


def test_two_losses_in_one_run_are_one_of_the_same_total() -> None:
    one, other = len(HEAD) + 500, len(HEAD) + 4000
    received = WITH_RUN[:one] + WITH_RUN[one + CHUNK : other] + WITH_RUN[other + CHUNK :]
    (edit,) = align(WITH_RUN, received).edits
    assert edit.kind is EditKind.DROPPED
    assert edit.sent is not None
    assert edit.sent.size == 2 * CHUNK
    assert sum(edit.slack) == RUN - 2 * CHUNK


def test_a_repeat_inside_a_run_has_a_length_and_a_range() -> None:
    at = len(HEAD) + 2000
    (edit,) = align(WITH_RUN, WITH_RUN[:at] + bytes(CHUNK) + WITH_RUN[at:]).edits
    assert edit.received.size == CHUNK
    assert sum(edit.slack) >= RUN - CHUNK


def test_a_seam_with_equal_bytes_on_both_sides_is_put_on_the_chunk_grid() -> None:
    sent = bytearray(build_image(size=32 * 1024, seed=33))
    lost = ByteSpan(40 * CHUNK, 41 * CHUNK)
    sent[lost.end : lost.end + 5] = sent[lost.start : lost.start + 5]
    others = [20 * CHUNK, 90 * CHUNK]
    received = bytes(sent)
    for at in sorted([lost.start, *others], reverse=True):
        received = received[:at] + received[at + CHUNK :]
    alignment = align(bytes(sent), received)
    assert alignment.chunking.size == CHUNK
    edit = next(edit for edit in alignment.edits if edit.sent == lost)
    assert edit.chunks == (40, 40)
    assert edit.slack[1] >= 5


def test_zeros_written_over_zeros_leave_no_trace() -> None:
    at = len(HEAD) + 1000
    received = WITH_RUN[:at] + bytes(CHUNK) + WITH_RUN[at + CHUNK :]
    alignment = align(WITH_RUN, received)
    assert alignment.edits == ()


def test_a_fill_beside_real_zeros_is_one_fill_that_covers_all_that_changed() -> None:
    start = len(HEAD) - 150
    received = WITH_RUN[:start] + bytes(CHUNK) + WITH_RUN[start + CHUNK :]
    (edit,) = align(WITH_RUN, received).edits
    assert (edit.kind, edit.value) == (EditKind.FILLED, 0)
    assert edit.sent is not None
    assert edit.sent.start >= start
    assert edit.sent.start <= start + 8
    assert len(HEAD) <= edit.sent.end <= len(HEAD) + RUN


def test_a_repeat_of_bytes_that_also_stand_far_away_names_the_copy_just_sent() -> None:
    twin = HEAD[5 * CHUNK : 6 * CHUNK]
    sent = HEAD[: 60 * CHUNK] + twin + HEAD[61 * CHUNK :]
    received = sent[: 61 * CHUNK] + twin + sent[61 * CHUNK :]
    (edit,) = align(sent, received).edits
    assert edit.kind is EditKind.DUPLICATED
    assert edit.sent == ByteSpan(60 * CHUNK, 61 * CHUNK)


def test_cleared_bits_are_named_only_where_bits_tell() -> None:
    random = Random(4)
    sent, old = random.randbytes(CHUNK), random.randbytes(CHUNK)
    mixed = bytes(one & other for one, other in zip(sent, old, strict=True))
    assert describe_change(sent, mixed)[1] == "and"
    assert describe_change(mixed, sent)[1] == "or"
    assert describe_change(sent, old)[1] == "noise"
    assert describe_change(b"\xff" * CHUNK, old)[1] == "noise"
    one_bit = bytes((sent[0] ^ 1,)) + sent[1:]
    assert describe_change(sent, one_bit) == (1, "flips")


def test_swapped_chunks_that_share_bytes_are_still_one_swap() -> None:
    sent = bytearray(HEAD)
    first, second = 50 * CHUNK, 51 * CHUNK
    sent[second + 100 : second + 160] = sent[first + 100 : first + 160]
    data = bytes(sent)
    received = data[:first] + data[second : second + CHUNK] + data[first:second] + data[second + CHUNK :]
    (edit,) = align(data, received).edits
    assert edit.kind is EditKind.REORDERED
    assert edit.sent is not None
    assert edit.sent.size == CHUNK


def test_a_table_with_a_stride_gives_no_more_than_the_one_loss() -> None:
    table = b"".join(number.to_bytes(4, "little") + b"\x10\x27\0\0\x40\0\x0d\x3f" for number in range(1500))
    sent = HEAD + table + TAIL
    at = len(HEAD) // CHUNK * CHUNK + 12 * CHUNK
    (edit,) = align(sent, sent[:at] + sent[at + CHUNK :]).edits
    assert edit.kind is EditKind.DROPPED
    assert edit.sent is not None
    assert edit.sent.size == CHUNK
    assert edit.sent.start - edit.slack[0] <= at <= edit.sent.start + edit.slack[1]


def test_another_build_is_one_edit_for_the_whole() -> None:
    sent = build_image(size=64 * 1024, seed=34)
    alignment = align(sent, other_build(sent, seed=5))
    assert not alignment.related
    assert alignment.similarity is not None
    assert len(alignment.edits) <= 2
    assert alignment.chunking.size is None
