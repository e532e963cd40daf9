"""Faults provoked on purpose: each alters exactly the chunk that was named, once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.live.provoke import Fault, Provoker, parse_provocations
from forensics.protocols.senders.steps import Write

SIZE, COUNT, HEADER = 10, 8, b"\xfb"


def chunks() -> list[Write]:
    pieces = [bytes([number]) * SIZE for number in range(COUNT)]
    return [
        Write(characteristic="x", value=HEADER + piece, offset=number * SIZE, start=1, length=SIZE, chunk=number)
        for number, piece in enumerate(pieces)
    ]


def sent(faults: dict[int, Fault]) -> list[tuple[bytes, bool]]:
    """Image bytes of what goes out, and whether they were altered."""
    provoker = Provoker(faults)
    out = [one for write in chunks() for one in provoker.apply(write).writes] + list(provoker.release())
    for one in out:
        assert one.write.value[:1] == HEADER
        assert one.write.length == len(one.write.value) - 1
    return [(one.write.value[1:], one.altered) for one in out]


def numbers(faults: dict[int, Fault]) -> list[int]:
    return [piece[0] for piece, _ in sent(faults)]


@pytest.mark.parametrize(
    ("fault", "order"),
    [
        (Fault.DROP, [0, 1, 2, 4, 5, 6, 7]),
        (Fault.STOP, [0, 1, 2, 4, 5, 6, 7]),
        (Fault.SWAP, [0, 1, 2, 4, 3, 5, 6, 7]),
        (Fault.REPEAT, [0, 1, 2, 3, 3, 4, 5, 6, 7]),
        (Fault.OVERWRITE, [0, 1, 2, 2, 4, 5, 6, 7]),
    ],
)
def test_the_order_of_chunks_is_the_one_that_was_asked_for(fault: Fault, order: list[int]) -> None:
    assert numbers({3: fault}) == order


def test_corrupt_turns_over_one_byte_and_cut_leaves_half() -> None:
    piece, altered = sent({3: Fault.CORRUPT})[3]
    assert altered
    assert [value for value in piece if value != 3] == [3 ^ 0xFF]
    assert sent({3: Fault.CUT})[3] == (b"\3" * (SIZE // 2), True)


@given(st.dictionaries(st.integers(0, COUNT - 1), st.sampled_from([fault for fault in Fault if fault is not Fault.SWAP])))
def test_chunks_that_were_not_named_go_out_as_they_are(faults: dict[int, Fault]) -> None:
    plain = [piece for piece, altered in sent(faults) if not altered]
    for number in range(COUNT):
        if number not in faults:
            assert plain.count(bytes([number]) * SIZE) == 1


def test_a_swap_that_no_chunk_follows_is_released_late() -> None:
    assert numbers({COUNT - 1: Fault.SWAP}) == list(range(COUNT))


def test_what_is_sent_again_goes_out_whole() -> None:
    provoker = Provoker({0: Fault.DROP})
    first = chunks()[0]
    assert provoker.apply(first).fault is Fault.DROP
    again = provoker.apply(first)
    assert again.fault is None
    assert [one.write for one in again.writes] == [first]
    assert provoker.unused == []


def test_a_list_is_read_and_chunks_that_never_came_are_known() -> None:
    faults = parse_provocations("drop:1204, swap:99,repeat:3-5")
    assert faults == {1204: Fault.DROP, 99: Fault.SWAP, 3: Fault.REPEAT, 4: Fault.REPEAT, 5: Fault.REPEAT}
    assert Provoker(faults).unused == [3, 4, 5, 99, 1204]


@pytest.mark.parametrize(
    "text", ["", "drop", "drop:x", "melt:3", "drop:5-3", "drop:0-999999999", "drop:3,swap:3", "drop:-1"]
)
def test_what_is_no_list_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        parse_provocations(text)
