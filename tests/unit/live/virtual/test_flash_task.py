from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forensics.live.virtual.flash_task import FlashTask


class _Flash:
    """Takes 10 microseconds a piece, and 100 for every fourth."""

    def __init__(self) -> None:
        self.stored: list[bytes] = []
        self.busy = 0

    def store(self, piece: bytes) -> None:
        self.stored.append(piece)
        self.busy += 100 if len(self.stored) % 4 == 1 else 10


@given(st.none() | st.integers(1, 30), st.lists(st.integers(0, 60), max_size=60))
def test_every_piece_is_stored_in_order_or_counted_as_lost(depth: int | None, pauses: list[int]) -> None:
    flash = _Flash()
    task = FlashTask(depth, flash.store, lambda: flash.busy)
    at = 0
    for number, pause in enumerate(pauses):
        at = max(at + pause, task.offer(bytes([number]), at + pause))
    done = task.drain(at)
    lost = set(task.lost)
    assert flash.stored == [bytes([number]) for number in range(len(pauses)) if number not in lost]
    assert done >= at
    assert not (depth is None and lost), "a callback that writes itself loses nothing"


def test_a_queue_that_is_too_short_loses_what_comes_during_an_erase() -> None:
    flash = _Flash()
    task = FlashTask(2, flash.store, lambda: flash.busy)
    for number in range(6):
        task.offer(bytes([number]), number * 20)
    # The first is taken at once and keeps the task busy until 100; two more fit.
    assert task.lost == [3, 4]
    task.drain(1000)
    assert flash.stored == [b"\0", b"\1", b"\2", b"\5"]
