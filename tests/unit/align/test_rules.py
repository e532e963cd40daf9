"""A fault that befell every chunk alike is one edit that recurs, however many chunks there are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forensics.align.aligner import align
from forensics.model.alignment import Alignment, Edit, EditKind, Relation
from forensics.model.chunk_plan import ChunkPlan
from forensics.synth.faults import inject
from forensics.synth.image import build_image

IMAGE = build_image(size=128 * 1024, seed=21)


def chunked(size: int, change: Callable[[int, bytes], bytes], data: bytes = IMAGE) -> bytes:
    """The image with every chunk changed: ``change`` takes its number and its bytes."""
    return b"".join(change(at // size, data[at : at + size]) for at in range(0, len(data), size))


def occurrences(alignment: Alignment, kind: EditKind) -> int:
    return sum(edit.repeat.count if edit.repeat else 1 for edit in alignment.edits if edit.kind is kind)


def most_repeated(alignment: Alignment) -> Edit:
    return max(alignment.edits, key=lambda edit: edit.repeat.count if edit.repeat else 1)


@pytest.mark.parametrize("size", [18, 128, 241, 244, 509])
@pytest.mark.parametrize("header", [1, 2, 3, 4, 8])
def test_a_header_before_every_chunk(size: int, header: int) -> None:
    received = chunked(size, lambda number, chunk: (b"\xfb" + number.to_bytes(8, "little"))[:header] + chunk)
    alignment = align(IMAGE, received)
    assert alignment.chunking.size == size
    assert {edit.kind for edit in alignment.edits} == {EditKind.INSERTED}
    assert len(alignment.edits) <= 3
    assert most_repeated(alignment).received.size == header
    assert occurrences(alignment, EditKind.INSERTED) == -(-len(IMAGE) // size)


@pytest.mark.parametrize(("size", "kept"), [(244, 20), (512, 20), (512, 509), (247, 244), (500, 255), (185, 182)])
def test_every_chunk_cut_short(size: int, kept: int) -> None:
    received = chunked(size, lambda number, chunk: chunk[:kept])
    alignment = align(IMAGE, received)
    assert alignment.chunking.size == size
    assert {edit.kind for edit in alignment.edits} <= {EditKind.DROPPED, EditKind.TRUNCATED}
    assert len(alignment.edits) <= 3
    edit = most_repeated(alignment)
    assert edit.sent is not None
    assert edit.sent.size == size - kept
    assert edit.sent.start % size == kept


@pytest.mark.parametrize("size", [128, 244, 500])
def test_every_eighth_chunk_lost(size: int) -> None:
    received = chunked(size, lambda number, chunk: b"" if number % 8 == 3 else chunk)
    alignment = align(IMAGE, received)
    assert alignment.chunking.size == size
    assert {edit.kind for edit in alignment.edits} == {EditKind.DROPPED}
    assert len(alignment.edits) <= 3
    lost = sum(edit.sent.size * (edit.repeat.count if edit.repeat else 1) for edit in alignment.edits if edit.sent)
    assert lost == sum(len(IMAGE[at : at + size]) for at in range(3 * size, len(IMAGE), 8 * size))


@pytest.mark.parametrize("size", [128, 244, 500])
def test_the_first_byte_of_every_chunk_overwritten(size: int) -> None:
    received = chunked(size, lambda number, chunk: bytes((chunk[0] ^ 0x5A,)) + chunk[1:])
    alignment = align(IMAGE, received)
    assert {edit.kind for edit in alignment.edits} == {EditKind.ALTERED}
    assert occurrences(alignment, EditKind.ALTERED) == -(-len(IMAGE) // size)


def test_a_rule_that_ends_half_way_is_followed_that_far() -> None:
    half = 244 * 200
    received = chunked(244, lambda number, chunk: b"\xfb" + chunk, IMAGE[:half]) + IMAGE[half:]
    alignment = align(IMAGE, received)
    assert occurrences(alignment, EditKind.INSERTED) == 200
    assert len(alignment.edits) <= 3


def test_a_lost_chunk_under_a_rule_is_told_beside_it() -> None:
    received = chunked(244, lambda number, chunk: b"" if number == 150 else b"\xfb" + chunk)
    alignment = align(IMAGE, received)
    lost = [edit for edit in alignment.edits if edit.kind is EditKind.DROPPED]
    assert [(edit.sent and edit.sent.start, edit.chunks) for edit in lost] == [(150 * 244, (150, 150))]
    assert occurrences(alignment, EditKind.INSERTED) == -(-len(IMAGE) // 244) - 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "size", "reset", "seed"),
    [
        ("drop-many", 333, None, 124940),
        ("drop-many", 460, 16000, 8),
        ("drop-many", 500, None, 486082),
        ("drop-every-eighth", 20, 4096, 424944),
        ("drop-every-eighth", 333, 16000, 285402),
        ("cut-to-20", 180, 4096, 223803),
        ("cut-to-20", 182, 16000, 284064),
        ("header-counter", 20, 4096, 332565),
        ("header-counter", 333, 16000, 825873),
    ],
)
@pytest.mark.parametrize("chip", ["ESP32", "ESP32-C3"])
def test_a_rule_claims_nothing_that_stands_before_it(fault: str, size: int, reset: int | None, seed: int, chip: str) -> None:
    """A period too many makes the story false, and then nothing of it is told: all is foreign from there on."""
    sent = build_image(size=256 * 1024, seed=size, chip=chip)
    injection = inject(sent, fault, ChunkPlan(size=size, reset=reset), seed)
    alignment = align(sent, injection.received)
    foreign = sum(span.received.size for span in alignment.spans if span.relation is Relation.FOREIGN)
    put_in = sum(edit.received.size for edit in injection.edits if edit.kind is EditKind.INSERTED)
    assert foreign <= put_in + 2 * size
    assert alignment.chunking.size == size
