"""Every kind of fault, planted in images by slicing, is found from four bytes of a hash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from operator import xor
from pathlib import Path
from random import Random

import pytest

from forensics.model.alignment import EditKind
from forensics.model.finding import Certainty
from forensics.model.solve import Solution, SolveFacts, SolveLimits, SolveResult
from forensics.model.span import ByteSpan
from forensics.solve import solve
from tests.unit.solve.damage import facts_of, geometry, replay, sample

pytestmark = pytest.mark.slow

Planted = tuple[bytes, tuple[EditKind, ByteSpan | None, ByteSpan]]
Fault = Callable[[bytes, int, int, Random], Planted]
"""Takes SENT, the chunk size, how much is hashed, and makes (received, the first edit of the story)."""

SLOT = 4096


def last_segment_chunk(sent: bytes, size: int, random: Random) -> int:
    """Start of a chunk in the last segment, where a shift harms no header."""
    last = geometry(sent)[0][-1]
    return random.randrange(-(-last.start // size), (last.end - 2 * size) // size) * size


def data_chunk(sent: bytes, size: int, random: Random, chunks: int = 1) -> int:
    """Start of ``chunks`` chunks that lie within one segment."""
    while True:
        segment = random.choice([span for span in geometry(sent)[0] if span.size > (chunks + 2) * size])
        first = -(-segment.start // size)
        last = segment.end // size - chunks
        if last > first:
            return random.randrange(first, last) * size


def zero_fill(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    at = data_chunk(sent, size, random)
    place = ByteSpan(at, at + size)
    return sent[:at] + bytes(size) + sent[at + size :], (EditKind.FILLED, place, place)


def erased_run(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    count = random.randrange(2, 9)
    at = data_chunk(sent, size, random, count)
    place = ByteSpan(at, at + count * size)
    return sent[:at] + b"\xff" * place.size + sent[place.end :], (EditKind.FILLED, place, place)


def by_previous(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    at = data_chunk(sent, size, random)
    place = ByteSpan(at, at + size)
    return sent[:at] + sent[at - size : at] + sent[at + size :], (EditKind.REPLACED, place, place)


def by_next(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    at = data_chunk(sent, size, random)
    place = ByteSpan(at, at + size)
    return sent[:at] + sent[at + size : at + 2 * size] + sent[at + size :], (EditKind.REPLACED, place, place)


def by_any(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    at, source = data_chunk(sent, size, random), data_chunk(sent, size, random)
    place = ByteSpan(at, at + size)
    return sent[:at] + sent[source : source + size] + sent[at + size :], (EditKind.REPLACED, place, place)


def adjacent_swap(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    at = data_chunk(sent, size, random, 2)
    middle, end = at + size, at + 2 * size
    swapped = sent[:at] + sent[middle:end] + sent[at:middle] + sent[end:]
    return swapped, (EditKind.REORDERED, ByteSpan(at, middle), ByteSpan(middle, end))


def far_swap(distance: int) -> Fault:
    def fault(sent: bytes, size: int, covered: int, random: Random) -> Planted:
        at = data_chunk(sent, size, random, distance + 1)
        other = at + distance * size
        middle = sent[at + size : other]
        swapped = sent[:at] + sent[other : other + size] + middle + sent[at : at + size] + sent[other + size :]
        return swapped, (EditKind.REORDERED, ByteSpan(other, other + size), ByteSpan(at, at + size))

    return fault


def moved(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    distance = random.randrange(2, 17)
    at = data_chunk(sent, size, random, distance + 1)
    end = at + (distance + 1) * size
    late = sent[:at] + sent[at + size : end] + sent[at : at + size] + sent[end:]
    return late, (EditKind.REORDERED, ByteSpan(at, at + size), ByteSpan(end - size, end))


def dropped(fill: bytes) -> Fault:
    def fault(sent: bytes, size: int, covered: int, random: Random) -> Planted:
        at = last_segment_chunk(sent, size, random)
        shorter = sent[:at] + sent[at + size :] + fill * SLOT
        return shorter, (EditKind.DROPPED, ByteSpan(at, at + size), ByteSpan(at, at))

    return fault


def duplicated(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    at = last_segment_chunk(sent, size, random)
    copy = ByteSpan(at + size, at + 2 * size)
    return sent[: at + size] + sent[at:], (EditKind.DUPLICATED, ByteSpan(at, at + size), copy)


def truncated(fill: bytes) -> Fault:
    def fault(sent: bytes, size: int, covered: int, random: Random) -> Planted:
        at = last_segment_chunk(sent, size, random)
        cut = sent[:at] + fill * (len(sent) - at)
        return cut, (EditKind.TRUNCATED, ByteSpan(at, len(sent)), ByteSpan(at, covered))

    return fault


def cut_short(sent: bytes, size: int, covered: int, random: Random) -> Planted:
    at = last_segment_chunk(sent, size, random) + random.randrange(1, size)
    cut = sent[:at].ljust(len(sent), b"\xff")
    return cut, (EditKind.TRUNCATED, ByteSpan(at, len(sent)), ByteSpan(at, covered))


FAULTS: dict[str, Fault] = {
    "zero fill": zero_fill,
    "erased run": erased_run,
    "by previous": by_previous,
    "by next": by_next,
    "by any": by_any,
    "adjacent swap": adjacent_swap,
    "swap 2 apart": far_swap(2),
    "swap 16 apart": far_swap(16),
    "swap 40 apart": far_swap(40),
    "moved": moved,
    "dropped, erased": dropped(b"\xff"),
    "dropped, zero": dropped(b"\0"),
    "duplicated": duplicated,
    "truncated, erased": truncated(b"\xff"),
    "truncated, zero": truncated(b"\0"),
    "cut short": cut_short,
}


def planted(name: str, size: int, seed: int) -> tuple[bytes, bytes, Planted]:
    """A fault that changes hashed bytes; another place is drawn where it would not."""
    sent = sample(seed)
    covered = geometry(sent)[2]
    for attempt in range(100):
        damage = FAULTS[name](sent, size, covered, Random(f"{name}/{size}/{seed}/{attempt}"))
        if damage[0][:covered] != sent[:covered]:
            return sent, damage[0], damage
    raise AssertionError("every place of this image holds the same bytes")


def tellings(solution: Solution) -> list[tuple[EditKind, ByteSpan | None, ByteSpan]]:
    """First edit of each reading."""
    stories = [solution.edits, *(reading.edits for reading in solution.readings)]
    return [(edits[0].kind, edits[0].sent, edits[0].received) for edits in stories]


def check(result: SolveResult, sent: bytes, received: bytes, facts: SolveFacts) -> Solution:
    """The one solution, after its edits gave the received bytes."""
    assert len(result.solutions) == 1
    solution = result.solutions[0]
    for edits in (solution.edits, *(reading.edits for reading in solution.readings)):
        assert replay(sent, edits, facts.covered) == received[: facts.covered]
    assert result.stopped is None
    assert result.excluded == ()
    return solution


@pytest.mark.parametrize("size", [244, 509])
@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_the_answer(name: str, size: int) -> None:
    for seed in (1, 2):
        sent, received, (_, edit) = planted(name, size, seed)
        facts = facts_of(sent, received)
        result = solve(sent, facts, SolveLimits(chunk_sizes=(size,)))
        solution = check(result, sent, received, facts)
        assert edit in tellings(solution)
        assert result.certainty is Certainty.LIKELY
        assert result.odds == result.hypotheses / 2**32


@pytest.mark.parametrize("name", ["adjacent swap", "zero fill", "by previous", "dropped, erased", "duplicated"])
def test_chunk_size_is_found_among_the_usual(name: str) -> None:
    sent, received, (_, edit) = planted(name, 182, 3)
    facts = facts_of(sent, received, prefix=32)
    result = solve(sent, facts)
    solution = check(result, sent, received, facts)
    assert edit in tellings(solution)
    assert result.certainty is Certainty.PROVEN
    assert 182 in {solution.chunk_size, *(reading.chunk_size for reading in solution.readings)}


def test_overwriting_is_told_with_its_source() -> None:
    sent, received, (_, edit) = planted("by previous", 244, 5)
    result = solve(sent, facts_of(sent, received), SolveLimits(chunk_sizes=(244,)))
    told = result.solutions[0].edits[0]
    assert told.kind is EditKind.REPLACED
    assert told.source is not None
    assert edit[1] is not None
    assert told.source == ByteSpan(edit[1].start - 244, edit[1].start)
    assert told.chunks == (edit[1].start // 244, edit[1].start // 244)
    assert told.excerpt is not None
    assert told.excerpt.received == received[edit[1].start : edit[1].start + 16]


def test_loss_inside_a_sector_that_is_padded() -> None:
    sent = sample(6)
    block, size = 4 * 4096, 460
    at = block + 2 * size
    received = sent[:at] + sent[at + size : block + 4096] + bytes(size) + sent[block + 4096 :]
    facts = facts_of(sent, received)
    result = solve(sent, facts, SolveLimits(chunk_sizes=(size,), reset=4096))
    solution = check(result, sent, received, facts)
    assert solution.family == "dropped-in-block"
    assert solution.edits[0].sent == ByteSpan(at, at + size)
    assert solution.edits[1].received == ByteSpan(block + 4096 - size, block + 4096)


def test_swap_on_a_grid_that_restarts_every_sector() -> None:
    sent = sample(7)
    at = 3 * 4096 + 7 * 509
    received = sent[:at] + sent[at + 509 : at + 533] + sent[at : at + 509] + sent[at + 533 :]
    facts = facts_of(sent, received)
    solution = check(solve(sent, facts, SolveLimits(chunk_sizes=(509,), reset=4096)), sent, received, facts)
    assert (solution.family, solution.chunk_size, solution.reset) == ("adjacent-swap", 509, 4096)


def test_what_arrived_whole_is_said_to_be_whole() -> None:
    sent = sample(8)
    broken = bytearray(sent)
    broken[-1] ^= 1
    facts = facts_of(sent, bytes(broken), prefix=32)
    result = solve(sent, facts)
    assert [solution.family for solution in result.solutions] == ["intact"]
    assert result.solutions[0].edits == ()
    assert result.hypotheses == 1


def neutral_overwrites(sent: bytes, size: int, random: Random) -> Planted:
    """A chunk overwritten by another of the same XOR: the checksum passes, and the log has a hash."""
    by_xor: dict[int, int] = {}
    while True:
        at = data_chunk(sent, size, random)
        folded = reduce(xor, sent[at : at + size])
        source = by_xor.setdefault(folded, at)
        if sent[source : source + size] != sent[at : at + size]:
            place = ByteSpan(at, at + size)
            received = sent[:at] + sent[source : source + size] + sent[at + size :]
            return received, (EditKind.REPLACED, place, place)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_passed_checksum_leaves_is_found(seed: int) -> None:
    sent = sample(seed)
    received, edit = neutral_overwrites(sent, 244, Random(seed))
    facts = replace(facts_of(sent, received), checksum_calculated=None, stored_hash=None)
    assert facts.xor_passed
    solution = check(solve(sent, facts, SolveLimits(chunk_sizes=(244,))), sent, received, facts)
    assert edit in tellings(solution)


@pytest.mark.parametrize("name", ["adjacent swap", "swap 16 apart", "moved", "by any", "dropped, erased"])
def test_hash_alone_is_enough(name: str) -> None:
    """No XOR, no header, no stored hash: a debugger was attached, or the log is cut."""
    sent, received, (_, edit) = planted(name, 1009, 4)
    facts = replace(facts_of(sent, received), protected=(), checksum_calculated=None, stored_hash=None)
    solution = check(solve(sent, replace(facts, xor_passed=False), SolveLimits(chunk_sizes=(1009,))), sent, received, facts)
    assert edit in tellings(solution)


@pytest.mark.parametrize("name", ["BLE_OTA_Python__firmware.bin", "esptool__images_esp_idf_blink_esp32s2.bin"])
def test_swap_in_a_real_image(name: str) -> None:
    path = Path(__file__).resolve().parents[4] / "shared" / "images" / name
    if not path.exists():
        pytest.skip("the real images are not beside this repository")
    sent = path.read_bytes()
    received, (_, *edit) = adjacent_swap(sent, 509, 0, Random(name))
    facts = replace(facts_of(sent, received), checksum_calculated=None)
    solution = check(solve(sent, facts), sent, received, facts)
    assert [solution.edits[0].sent, solution.edits[0].received] == edit
    assert solution.chunk_size == 509
