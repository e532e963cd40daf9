"""Facts may only ever exclude what is not true."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forensics.model.solve import SolveFacts, SolveLimits
from forensics.solve import solve
from forensics.solve.families import FAMILIES
from forensics.solve.family import Family, Scene
from forensics.solve.grid import Grid
from forensics.solve.pieces import Candidate, Ground
from forensics.solve.pruning import Pruner
from forensics.synth.image import seal
from tests.unit.solve.damage import facts_of, geometry

CHUNK_SIZES = (16, 20, 100)


@st.composite
def images(draw: st.DrawFn) -> bytes:
    """Small images with runs, repeated blocks and noise, of lengths that odd facts stem from."""
    random = Random(draw(st.integers(0, 2**32)))
    segments = []
    for length in draw(st.lists(st.integers(0, 400), min_size=1, max_size=5)):
        block = random.randbytes(draw(st.sampled_from((1, 4, 20, 64, 400))))
        segments.append((random.randrange(1 << 32), (block * 400)[: length // 4 * 4]))
    header = bytes((0xE9, len(segments))) + random.randbytes(21) + b"\1"
    return seal(header, segments) + random.randbytes(draw(st.sampled_from((0, 0, 64))))


def hypotheses(sent: bytes, facts: SolveFacts, family: Family, grid: Grid) -> tuple[list[Candidate], int]:
    """All candidates of a family, and how many hypotheses it excluded by itself."""
    skipped: list[int] = []
    ground = Ground(sent, facts)
    scene = Scene(ground, Pruner(ground), grid, skipped.append)
    made = list(family.candidates(scene))
    assert family.total(scene) == len(made) + sum(skipped)
    return made, sum(skipped)


def grid_of(family: Family, sent: bytes, covered: int, size: int, reset: int | None) -> Grid:
    return Grid(size, reset, len(sent), covered) if family.uses_chunks else Grid(len(sent), None, len(sent), covered)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(sent=images(), data=st.data())
def test_pruning_never_removes_the_truth(sent: bytes, data: st.DataObject) -> None:
    family = data.draw(st.sampled_from(FAMILIES), label="family")
    covered = geometry(sent)[2]
    size = data.draw(st.sampled_from(CHUNK_SIZES), label="chunk size")
    grid = grid_of(family, sent, covered, size, data.draw(st.sampled_from((None, 128))))
    nothing = SolveFacts(hash_prefix=bytes(4), covered=covered, stored_hash=bytes(32))
    everything = hypotheses(sent, nothing, family, grid)[0]
    assume(everything)
    truth = data.draw(st.sampled_from(everything), label="truth")
    received = Ground(sent, nothing).read(truth.pieces, 0, covered + 32)
    assume(received[:covered] != sent[:covered] or family.name == "intact")
    facts = facts_of(sent, received)
    known = data.draw(st.sampled_from(("all", "xor passed", "headers", "no headers")), label="known")
    if known == "xor passed":
        facts = replace(facts, checksum_calculated=None)
    elif known == "headers":
        facts = replace(facts, checksum_calculated=None, xor_passed=False, stored_hash=None)
    elif known == "no headers":
        facts = replace(facts, protected=())
    left = hypotheses(sent, facts, family, grid)[0]
    ground = Ground(sent, facts)
    pruner = Pruner(ground)
    assert received[:covered] in {ground.read(item.pieces, 0, covered) for item in left if pruner.allows(item.pieces)}


@settings(max_examples=100, deadline=None)
@given(sent=images(), size=st.sampled_from(CHUNK_SIZES), place=st.integers(0, 200), seed=st.integers(0, 9))
def test_any_swap_of_neighbours_is_solved(sent: bytes, size: int, place: int, seed: int) -> None:
    covered = geometry(sent)[2]
    chunks = [sent[at : at + size] for at in range(0, len(sent), size)]
    assume(place + 1 < len(chunks))
    chunks[place], chunks[place + 1] = chunks[place + 1], chunks[place]
    received = b"".join(chunks)
    assume(received[:covered] != sent[:covered])
    result = solve(sent, facts_of(sent, received), SolveLimits(chunk_sizes=(size,), workers=1 + seed % 2))
    assert [item.sha256 for item in result.solutions] == [hashlib.sha256(received[:covered]).hexdigest()]
