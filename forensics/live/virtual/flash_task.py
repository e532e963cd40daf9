"""The queue between the write callback and the task that writes flash: what does not fit is lost.

Time is the device's own, in microseconds. It does not pass by itself: the air time of each write and the work of the
flash move it, so that a run loses the same chunks on every machine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

Store = Callable[[bytes], None]


class FlashTask:
    """Takes what the callback queues, one piece at a time, while flash is not busy.

    Args:
        depth: Pieces that the queue holds; None has the callback write flash itself, which holds up the link and
            loses nothing.
        store: Writes one piece.
        busy: Microseconds that flash has worked so far.

    Attributes:
        offered: Pieces offered so far; ``lost`` are the numbers of those that found the queue full.
    """

    def __init__(self, depth: int | None, store: Store, busy: Callable[[], int]) -> None:
        self._depth, self._store, self._busy = depth, store, busy
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._free_at = 0
        self.offered = 0
        self.lost: list[int] = []

    def offer(self, piece: bytes, at: int) -> int:
        """Queue ``piece`` at time ``at``; gives the time at which the callback returns."""
        number, self.offered = self.offered, self.offered + 1
        if self._depth is None:
            self._run(piece, at)
            return self._free_at
        self.run_until(at)
        if len(self._waiting) < self._depth:
            self._waiting.append((at, piece))
        else:
            self.lost.append(number)
        return at

    def run_until(self, at: int) -> None:
        """Do the work that has begun by ``at``."""
        while self._waiting and max(self._free_at, self._waiting[0][0]) <= at:
            arrived, piece = self._waiting.popleft()
            self._run(piece, arrived)

    def drain(self, at: int) -> int:
        """Do all work there is; gives the time at which it is done, ``at`` at the earliest."""
        while self._waiting:
            self.run_until(max(self._free_at, self._waiting[0][0]))
        return max(at, self._free_at)

    def _run(self, piece: bytes, arrived: int) -> None:
        before = self._busy()
        self._store(piece)
        self._free_at = max(self._free_at, arrived) + self._busy() - before
