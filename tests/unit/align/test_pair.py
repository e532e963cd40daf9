from __future__ import annotations

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from forensics.align.pair import Pair, changes, is_constant, run_after, run_before, xor

few_values = st.lists(st.sampled_from(b"\x00\x01\xff"), max_size=400).map(bytes)
runs = st.builds(lambda value, size: bytes((value,)) * size, st.integers(0, 2), st.integers(0, 700))
alike = st.one_of(few_values, st.builds(b"".join, st.lists(runs, max_size=4)))


def naive_prefix(left: bytes, right: bytes) -> int:
    equal = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        equal += 1
    return equal


@given(alike, alike, st.integers(0, 500), st.integers(0, 500))
@example(b"", b"", 0, 0)
@example(b"a" * 5000, b"a" * 4999 + b"b", 0, 0)
def test_common_prefix_is_that_of_a_loop(sent: bytes, received: bytes, sent_at: int, received_at: int) -> None:
    assert Pair(sent, received).common_prefix(sent_at, received_at) == naive_prefix(sent[sent_at:], received[received_at:])


@given(alike, alike, st.integers(0, 500), st.integers(0, 500), st.integers(0, 1000))
@example(b"a" * 5000, b"b" + b"a" * 4999, 5000, 5000, 5000)
def test_common_suffix_is_that_of_a_loop(sent: bytes, received: bytes, back: int, received_back: int, limit: int) -> None:
    sent_end, received_end = max(0, len(sent) - back), max(0, len(received) - received_back)
    due = naive_prefix(sent[:sent_end][::-1], received[:received_end][::-1])
    assert Pair(sent, received).common_suffix(sent_end, received_end, limit) == min(due, limit)


@given(st.integers(0, 1 << 20), st.integers(1, 1 << 20))
def test_common_prefix_of_large_blocks_ends_at_the_first_difference(at: int, more: int) -> None:
    sent = bytes(at + more)
    received = sent[:at] + b"\x01" + sent[at + 1 :]
    assert Pair(sent, received).common_prefix(0, 0) == at
    assert Pair(sent, received).common_suffix(len(sent), len(sent), len(sent)) == more - 1


@given(st.binary(max_size=300), st.binary(min_size=300, max_size=300))
def test_xor_twice_is_nothing(data: bytes, key: bytes) -> None:
    mask = key[: len(data)]
    assert xor(data, mask) == bytes(one ^ other for one, other in zip(data, mask, strict=True))
    assert xor(xor(data, mask), mask) == data


@given(alike)
def test_changes_counts_neighbours_that_differ(data: bytes) -> None:
    assert changes(data) == sum(one != other for one, other in itertools.pairwise(data))


@given(alike.filter(len))
def test_constant_means_no_change(data: bytes) -> None:
    assert is_constant(data) == (len(set(data)) == 1)


@given(alike, st.integers(0, 500), st.integers(0, 2), st.integers(1, 200))
def test_runs_are_counted_as_far_as_the_limit(data: bytes, at: int, value: int, limit: int) -> None:
    at = min(at, len(data))
    run = bytes((value,)) * limit
    assert run_after(data, at, value, limit) == naive_prefix(data[at:], run)
    assert run_before(data, at, value, limit) == naive_prefix(data[:at][::-1], run)
