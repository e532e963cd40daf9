"""Whatever the two files are: every claim holds, and the edits replayed over sent give received."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forensics.align.aligner import align
from forensics.model.alignment import Chunking, ChunkSource
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.document import to_document
from forensics.synth.faults import FAULTS, inject
from forensics.synth.image import build_image
from tests.property.replay import check_spans, replay
from tests.property.strategies import edited, files, tiny


def _check(sent: bytes, received: bytes, chunk_size: int | None = None) -> None:
    chunking = Chunking(size=chunk_size, source=ChunkSource.GIVEN) if chunk_size else None
    document = to_document(align(sent, received, chunking=chunking))
    check_spans(sent, received, document["spans"])
    assert replay(sent, received, document["edits"]) == received


@given(tiny, tiny)
@example(b"", b"")
@example(b"", b"a")
@example(b"a", b"")
@example(b"ab", b"ba")
def test_tiny_pairs(sent: bytes, received: bytes) -> None:
    _check(sent, received)


@given(files, files)
def test_unrelated_files(sent: bytes, received: bytes) -> None:
    _check(sent, received)


@pytest.mark.slow
@given(edited(), st.one_of(st.none(), st.integers(1, 300)))
@settings(max_examples=300)
def test_random_edits(pair: tuple[bytes, bytes], chunk_size: int | None) -> None:
    _check(*pair, chunk_size=chunk_size)


@given(files)
def test_a_file_equals_itself(data: bytes) -> None:
    assert align(data, data).edits == ()


@given(st.integers(1, 60), st.integers(0, 30), st.integers(0, 200))
def test_one_block_again_and_again(times: int, lost: int, size: int) -> None:
    block = bytes(range(size))
    sent = block * times
    _check(sent, sent[lost:] + sent[: lost // 2])


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("size", [20, 185, 244, 509])
def test_every_injected_fault(fault: str, size: int) -> None:
    sent = build_image(size=48 * 1024, seed=size)
    injection = inject(sent, fault, ChunkPlan(size=size), seed=size)
    assert replay(sent, injection.received, to_document(injection.edits)) == injection.received
    _check(sent, injection.received)
