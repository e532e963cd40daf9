"""Limits, accounting and refusals of the search."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.model.document import to_document
from forensics.model.solve import SolveFacts, SolveLimits
from forensics.model.span import ByteSpan
from forensics.solve import solve
from forensics.solve.families import FAMILIES
from tests.unit.solve.damage import facts_of, geometry, sample

SENT = sample(11)
COVERED = geometry(SENT)[2]
ALIEN = replace(facts_of(SENT, SENT), hash_prefix=b"\x01\x02\x03\x04", checksum_calculated=None, stored_hash=None)
"""The hash of no image that the search can make."""


def swapped(at: int, size: int) -> bytes:
    return SENT[:at] + SENT[at + size : at + 2 * size] + SENT[at : at + size] + SENT[at + 2 * size :]


def test_everything_that_is_searched_whole_is_excluded() -> None:
    result = solve(SENT, ALIEN, SolveLimits(chunk_sizes=(1000,)))
    assert result.solutions == ()
    assert result.certainty is None
    assert result.stopped is None
    assert [cell.family for cell in result.covered] == [family.name for family in FAMILIES]
    assert all(cell.tested == cell.total for cell in result.covered)
    assert sum(cell.hashed for cell in result.covered) == result.hypotheses
    assert "no swaps of neighbouring chunks (chunks of 1000 bytes)" in result.excluded


@pytest.mark.parametrize("limit", [0, 1, 7, 200])
def test_no_more_images_are_hashed_than_allowed(limit: int) -> None:
    told: list[int] = []
    result = solve(SENT, ALIEN, SolveLimits(hypotheses=limit), told.append)
    assert result.hypotheses == limit
    assert result.stopped == "hypotheses"
    assert told == sorted(told)
    assert all(cell.tested <= cell.total for cell in result.covered)


def test_answer_and_accounts_do_not_depend_on_the_workers() -> None:
    at = geometry(SENT)[0][-1].start // 244 * 244 + 488
    facts = facts_of(SENT, swapped(at, 244))
    one, two, four = (solve(SENT, facts, SolveLimits(chunk_sizes=(244,), workers=count)) for count in (1, 2, 4))
    assert one == two == four
    assert len(one.solutions) == 1


def test_no_time_ends_the_search_and_says_so() -> None:
    result = solve(SENT, ALIEN, SolveLimits(seconds=0))
    assert result.stopped == "seconds"
    assert result.hypotheses < 1000


@pytest.mark.parametrize("workers", [1, 2])
def test_interrupt_ends_with_what_was_covered(workers: int) -> None:
    def interrupt(hashed: int) -> None:
        raise KeyboardInterrupt

    result = solve(SENT, ALIEN, SolveLimits(workers=workers), interrupt)
    assert result.stopped == "interrupted"
    assert result.covered[0].tested == 1


@pytest.mark.slow
def test_a_file_that_no_fault_explains_is_bounded_by_what_is_looked_at() -> None:
    facts = replace(ALIEN, stored_hash=b"\x55\xaa\x55\xaa")
    result = solve(SENT, facts, SolveLimits(hypotheses=100))
    assert result.hypotheses == 0
    assert result.stopped == "hypotheses"


def test_equal_chunks_are_no_answer_and_cost_no_hash() -> None:
    size = 64
    sent = bytes(24) + b"\x11" * size * 40
    facts = SolveFacts(hash_prefix=b"none", covered=len(sent))
    result = solve(sent, facts, SolveLimits(chunk_sizes=(size,)))
    swaps = {cell.family: cell for cell in result.covered}["adjacent-swap"]
    assert swaps.tested == swaps.total
    assert swaps.hashed < 3


def test_the_same_bytes_are_one_answer_with_several_readings() -> None:
    start = geometry(SENT)[0][-1].start
    at = (start // 244 + 3) * 244
    sent = SENT[:at] + bytes(244 * 2) + SENT[at + 488 :]
    received = sent[: at + 488] + bytes(244) + sent[at + 732 :]
    result = solve(sent, facts_of(sent, received), SolveLimits(chunk_sizes=(244,)))
    assert len(result.solutions) == 1
    solution = result.solutions[0]
    assert solution.family == "filled"
    assert "overwritten-nearby" in {reading.family for reading in solution.readings}


def test_result_is_a_plain_document() -> None:
    at = geometry(SENT)[0][-1].start // 244 * 244 + 488
    result = solve(SENT, facts_of(SENT, swapped(at, 244)), SolveLimits(chunk_sizes=(244,)))
    document = to_document(result)
    assert document["solutions"][0]["edits"][0]["sent"] == [at, at + 244]
    assert document["certainty"] == "likely"


@pytest.mark.parametrize(
    "change",
    [
        {"hash_prefix": b"abc"},
        {"hash_prefix": bytes(33)},
        {"covered": 0},
        {"covered": len(SENT) + 1},
        {"segments": (ByteSpan(0, len(SENT)),)},
        {"segments": (ByteSpan(0, 100), ByteSpan(50, 200))},
        {"protected": (ByteSpan(0, len(SENT) + 1),)},
        {"checksum_calculated": 256},
        {"slot_fill": -1},
        {"stored_hash": bytes(33)},
    ],
)
def test_facts_that_cannot_be_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        solve(SENT, replace(ALIEN, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "limits",
    [
        SolveLimits(chunk_sizes=(0,)),
        SolveLimits(chunk_sizes=(244,), reset=0),
        SolveLimits(hypotheses=-1),
        SolveLimits(seconds=-1),
        SolveLimits(workers=0),
    ],
)
def test_limits_that_cannot_be_are_refused(limits: SolveLimits) -> None:
    with pytest.raises(UsageError):
        solve(SENT, ALIEN, limits)


def test_no_chunk_sizes_leave_what_needs_none() -> None:
    result = solve(SENT, ALIEN, SolveLimits(chunk_sizes=()))
    assert {cell.chunk_size for cell in result.covered} == {None}


SPANS = st.builds(lambda start, size: ByteSpan(start, start + size), st.integers(0, 500), st.integers(0, 200))


@settings(max_examples=150, deadline=None)
@given(
    sent=st.binary(min_size=1, max_size=500),
    covered=st.integers(-1, 600),
    segments=st.lists(SPANS, max_size=3).map(tuple),
    protected=st.lists(SPANS, max_size=3).map(tuple),
    checksum=st.none() | st.integers(0, 255),
    passed=st.booleans(),
    fill=st.none() | st.sampled_from((0, 255, 7)),
    stored=st.none() | st.binary(max_size=32),
    size=st.integers(16, 300),
    reset=st.none() | st.integers(16, 300),
)
def test_any_facts_give_a_result_or_a_refusal(
    *,
    sent: bytes,
    covered: int,
    segments: tuple[ByteSpan, ...],
    protected: tuple[ByteSpan, ...],
    checksum: int | None,
    passed: bool,
    fill: int | None,
    stored: bytes | None,
    size: int,
    reset: int | None,
) -> None:
    facts = SolveFacts(
        hash_prefix=b"none",
        covered=covered,
        segments=segments,
        protected=protected,
        checksum_calculated=checksum,
        xor_passed=passed,
        slot_fill=fill,
        stored_hash=stored,
    )
    try:
        result = solve(sent, facts, SolveLimits(chunk_sizes=(size,), reset=reset, workers=1))
    except UsageError:
        return
    assert all(cell.tested == cell.total for cell in result.covered)
