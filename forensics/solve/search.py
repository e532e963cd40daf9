"""The search: families in their order, hashed in batches on all processors, bounded and accounted for."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from forensics.model.finding import Certainty
from forensics.model.solve import Solution, SolveFacts, SolveLimits, SolveResult
from forensics.solve.facts import DIGEST_SIZE, check_facts
from forensics.solve.hashing import Hasher
from forensics.solve.pieces import Candidate, Ground
from forensics.solve.plan import Cell, plan
from forensics.solve.pruning import Pruner
from forensics.solve.readings import exclusions, solutions_of

_BATCH_BYTES = 8_000_000
"""Bytes to hash in one batch: a few milliseconds, so that stopping is quick and handing over is cheap."""

_BATCH_LOOKS = 8192
"""Hypotheses looked at for one batch, for a family of which the facts leave almost none."""

_LOOKS_PER_HASH = 64
"""A hypothesis that the facts exclude costs about this part of a hashed one, and is bounded as well."""

_LEAST_HYPOTHESES = 10_000
"""So that a small limit still allows a look at what the facts exclude for nothing."""

_LOOKS_PER_CLOCK = 64


def solve(
    sent: bytes,
    facts: SolveFacts,
    limits: SolveLimits | None = None,
    progress: Callable[[int], None] | None = None,
) -> SolveResult:
    """Finds the fault that turns SENT into the image whose SHA-256 the device calculated.

    Goes through the families of faults in a fixed order, each at every chunk size, and ends with the first
    image that has the hash; other ways to tell the same bytes are its ``readings``. The same input gives the
    same answer unless ``limits.seconds`` ends the search. An interrupt from the keyboard ends it too, with
    what was covered so far.

    Args:
        sent: The whole file that was sent.
        facts: What the log proves.
        limits: How far to go.
        progress: Told the number of images hashed so far, several times a second.

    Raises:
        UsageError: the facts do not fit SENT or contradict themselves, or a limit makes no sense.
    """
    limits = limits or SolveLimits()
    check_facts(sent, facts, limits)
    return _Search(Ground(sent, facts), limits, progress).run()


@dataclass(slots=True)
class _Batch:
    """Candidates of one cell that the facts allow, and how many hypotheses were decided to get them."""

    cell: Cell
    looks: int = 0
    work: int = 0
    candidates: list[Candidate] = field(default_factory=list)


class _LimitReachedError(Exception):
    """The search may go no further; the argument is the reason in the result."""


class _Search:
    def __init__(self, ground: Ground, limits: SolveLimits, progress: Callable[[int], None] | None) -> None:
        self._ground = ground
        self._workers = limits.workers or _processors()
        self._progress = progress
        self._deadline = None if limits.seconds is None else time.monotonic() + limits.seconds
        self._hashes_left = limits.hypotheses
        self._looks_left = max(limits.hypotheses, _LEAST_HYPOTHESES) * _LOOKS_PER_HASH
        self._stopped: str | None = None
        self._pruner = Pruner(ground)
        self._hasher = Hasher(ground)
        self._cells = plan(ground, self._pruner, limits, self._look)

    def run(self) -> SolveResult:
        hypotheses = 0
        solutions: tuple[Solution, ...] = ()
        try:
            with closing(self._hashed()) as hashed:
                for batch, hits in hashed:
                    batch.cell.tested += batch.looks
                    batch.cell.hashed += len(batch.candidates)
                    hypotheses += len(batch.candidates)
                    if self._progress is not None:
                        self._progress(hypotheses)
                    if hits:
                        matches = [(batch.cell, batch.candidates[index]) for index in hits]
                        solutions = solutions_of(self._ground, self._hasher, matches, self._cells)
                        self._stopped = None
                        break
        except KeyboardInterrupt:
            self._stopped = "interrupted"
        return self._result(solutions, hypotheses)

    def _result(self, solutions: tuple[Solution, ...], hypotheses: int) -> SolveResult:
        covered = tuple(cell.coverage() for cell in self._cells)
        size = len(self._ground.facts.hash_prefix)
        certainty = Certainty.PROVEN if size == DIGEST_SIZE else Certainty.LIKELY
        return SolveResult(
            solutions=solutions,
            covered=covered,
            excluded=() if solutions else exclusions(covered),
            hypotheses=hypotheses,
            odds=min(1.0, hypotheses / 2 ** (8 * size)),
            certainty=certainty if solutions else None,
            stopped=self._stopped,
        )

    def _hashed(self) -> Generator[tuple[_Batch, list[int]], None, None]:
        """Batches in their order, each with the indexes that match. hashlib lets other threads run."""
        if self._workers == 1:
            for batch in self._batches():
                yield batch, self._hasher.find(batch.candidates)
            return
        pool = ThreadPoolExecutor(self._workers)
        waiting: deque[tuple[_Batch, Future[list[int]]]] = deque()
        try:
            for batch in self._batches():
                waiting.append((batch, pool.submit(self._hasher.find, batch.candidates)))
                if len(waiting) > 2 * self._workers:
                    first, future = waiting.popleft()
                    yield first, future.result()
            for first, future in waiting:
                yield first, future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _batches(self) -> Iterator[_Batch]:
        """All that is to be hashed, cell after cell, until a limit ends it."""
        for cell in self._cells:
            yield from self._batches_of(cell)
            if self._stopped is not None:
                return

    def _batches_of(self, cell: Cell) -> Iterator[_Batch]:
        batch = _Batch(cell)
        covered = self._ground.covered
        try:
            for candidate in cell.family.candidates(cell.scene):
                self._look()
                if self._pruner.allows(candidate.pieces):
                    if self._hashes_left == 0:
                        raise _LimitReachedError("hypotheses")
                    self._hashes_left -= 1
                    batch.candidates.append(candidate)
                    batch.work += covered - candidate.pieces[0].size
                batch.looks += 1
                if batch.work >= _BATCH_BYTES or batch.looks >= _BATCH_LOOKS:
                    batch.looks += cell.take_skipped()
                    yield batch
                    batch = _Batch(cell)
        except _LimitReachedError as limit:
            self._stopped = str(limit)
        batch.looks += cell.take_skipped()
        yield batch

    def _look(self) -> None:
        """Counts one hypothesis looked at, also in a family that makes no candidate of it."""
        self._looks_left -= 1
        if self._looks_left < 0:
            raise _LimitReachedError("hypotheses")
        late = self._deadline is not None and self._looks_left % _LOOKS_PER_CLOCK == 0
        if late and time.monotonic() >= (self._deadline or 0.0):
            raise _LimitReachedError("seconds")


def _processors() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
