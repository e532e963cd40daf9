"""The chunk size is stated when the edges prove it, and left open when they do not."""

from __future__ import annotations

import pytest

from forensics.align.aligner import align
from forensics.align.chunking import infer
from forensics.align.pair import Pair
from forensics.model.alignment import Chunking, ChunkSource
from forensics.model.chunk_plan import ChunkPlan
from forensics.synth.faults import FAULTS, inject
from forensics.synth.image import build_image

IMAGE = build_image(size=64 * 1024, seed=12)
EVIDENT = ("drop-many", "swap-many", "repeat-many", "mixed", "header-counter", "cut-to-20")
"""Faults that leave so many edges that the size must be stated."""


def plan_of(chunking: Chunking) -> tuple[int | None, int | None]:
    return chunking.size, chunking.reset


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "plan", [ChunkPlan(size=size) for size in (20, 128, 182, 244, 333, 509)], ids=lambda plan: plan.size
)
def test_a_stated_size_is_right(fault: str, plan: ChunkPlan) -> None:
    injection = inject(IMAGE, fault, plan, seed=plan.size)
    chunking = align(injection.sent, injection.received).chunking
    if fault == "cut-to-20" and plan.size == 20:
        assert injection.received == IMAGE
    assert chunking.size in (None, plan.size)
    if chunking.size:
        assert chunking.source is ChunkSource.INFERRED
        assert chunking.support >= 2


@pytest.mark.parametrize("fault", EVIDENT)
@pytest.mark.parametrize("size", [128, 185, 244, 500])
def test_the_size_is_stated_when_many_edges_show_it(fault: str, size: int) -> None:
    injection = inject(IMAGE, fault, ChunkPlan(size=size), seed=2)
    assert align(IMAGE, injection.received).chunking.size == size


@pytest.mark.parametrize("size", [460, 244, 500])
@pytest.mark.parametrize("reset", [4096, 16000])
def test_a_grid_that_starts_again_is_found(size: int, reset: int) -> None:
    sent = build_image(size=256 * 1024, seed=size)
    injection = inject(sent, "drop-many", ChunkPlan(size=size, reset=reset), seed=8)
    chunking = align(sent, injection.received).chunking
    if reset % size:
        assert plan_of(chunking) == (size, reset)
    else:
        assert plan_of(chunking) == (size, None)


def test_a_given_size_is_kept_whatever_the_edges_say() -> None:
    given = Chunking(size=100, source=ChunkSource.GIVEN)
    received = inject(IMAGE, "drop-one", ChunkPlan(size=244), seed=2).received
    alignment = align(IMAGE, received, chunking=given)
    assert (alignment.chunking.size, alignment.chunking.source) == (given.size, given.source)
    assert alignment.chunking.alternatives[0] == 244
    assert [edit.chunks for edit in alignment.edits] == [None]


def test_no_edit_is_no_evidence() -> None:
    inference = infer(Pair(IMAGE, IMAGE), [])
    assert (inference.stated, inference.best, inference.alternatives) == (None, None, ())


def test_a_single_flipped_bit_states_no_size() -> None:
    received = IMAGE[:9000] + bytes((IMAGE[9000] ^ 4,)) + IMAGE[9001:]
    assert align(IMAGE, received).chunking == Chunking(alternatives=align(IMAGE, received).chunking.alternatives)


def test_a_lost_tail_offers_sizes_that_end_there() -> None:
    chunking = align(IMAGE, IMAGE[: 244 * 101]).chunking
    assert chunking.size is None
    assert 244 in chunking.alternatives
    assert len(chunking.alternatives) <= 4
