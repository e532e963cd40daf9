"""The search stays small: its states grow with the faults, not with the square of anything."""

from __future__ import annotations

from random import Random

import pytest

from forensics.align.decoder import Decoder
from forensics.align.events import EventKind
from forensics.align.pair import Pair
from forensics.model.chunk_plan import ChunkPlan
from forensics.synth.image import build_image
from tests.bench.many_faults import CASES

PLAN = ChunkPlan(244)


def states(sent: bytes, received: bytes) -> int:
    decoder = Decoder(Pair(sent, received), PLAN)
    decoder.run()
    return decoder.states


@pytest.mark.parametrize("name", [name for name, _, size, _ in CASES if size == PLAN.size and "shuffled" not in name])
def test_twice_the_faults_take_twice_the_states(name: str) -> None:
    make = next(make for other, _, size, make in CASES if (other, size) == (name, PLAN.size))
    sent = build_image(size=1 << 20, seed=5)
    if "mixed" in name:
        pytest.skip("its number of faults is fixed")
    half = sent[: len(sent) // 2]
    small, large = (states(data, make(data, PLAN.size, Random(2))) for data in (half, sent))
    assert large < 2.6 * small


def test_the_cheapest_path_is_what_happened() -> None:
    sent = build_image(size=32_768, seed=6)
    received = sent[: 40 * 244] + sent[41 * 244 : 60 * 244] + sent[59 * 244 :]
    path = Decoder(Pair(sent, received), PLAN).run()
    assert path is not None
    assert [event.kind for event in path.events] == [EventKind.DROP, EventKind.AGAIN, EventKind.END]


def test_a_path_dearer_than_its_bound_is_none() -> None:
    sent = build_image(size=32_768, seed=6)
    received = sent[: 40 * 244] + sent[41 * 244 :]
    assert Decoder(Pair(sent, received), PLAN, bound=6.0).run() is None
