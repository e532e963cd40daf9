"""What was injected is what is told: the same edits, or fewer that explain every byte."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.align.aligner import align
from forensics.model.chunk_plan import ChunkPlan
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from tests.bench.judge import difference, single

CLEAR = (
    "drop-one", "drop-burst", "tail-on-edge", "tail-mid-chunk", "repeat-one", "zero-one", "noise-many", "flip-many",
    "header-one", "header-counter", "cut-to-20", "restart", "pad-4096", "overwrite-next",
)  # fmt: skip
"""Kinds in which the data leaves no other story, whatever the image."""


@cache
def image(seed: int) -> bytes:
    return build_image(size=64 * 1024, seed=seed)


@given(st.sampled_from(CLEAR), st.sampled_from((64, 128, 182, 237, 244, 333, 509)), st.integers(1, 4), st.integers(0, 999))
@settings(max_examples=120)
def test_the_injection_is_told(fault: str, size: int, built: int, seed: int) -> None:
    injection = inject(image(built), fault, ChunkPlan(size=size), seed)
    alignment = align(injection.sent, injection.received)
    missing, extra = difference(injection, alignment.edits)
    plainer = len(single(alignment.edits)) < len(single(injection.edits))
    assert plainer or (missing, extra) == ([], [])
    assert alignment.chunking.size in (None, size)
