"""Works through cases with any executor: in order, a few ahead, and past every case that breaks its worker."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import NamedTuple

from forensics.errors import OtadiffError
from forensics.model.limits import DEFAULT_LIMITS
from forensics.open.everything import open_everything
from forensics.pipeline.batch.cases import Case
from forensics.pipeline.batch.confined import DEBUG, CaseTimeout, confine, cpu_limit
from forensics.pipeline.batch.results import CaseResult, fingerprint_of, result_of
from forensics.pipeline.triage import TriageOptions, triage_bug
from forensics.pipeline.triage.sorting import sort_file

BATCH_OPTIONS = TriageOptions(solve_seconds=None, solve_hypotheses=20_000)
"""No clock in a batch: the search for a logged hash ends after so many damaged images."""

_AHEAD = 4
"""Cases a worker that are handed out before the first of them is done."""

_AHEAD_OF_OTHERS = 256
"""The same for an executor of the caller's, of which nobody says how many workers it has."""

EXIT_ORPHANED = 1
"""Exit status of a worker whose parent is gone; nobody is left to read it."""

_TOO_LONG = "stopped after the CPU time of one case; triage it alone, or give the batch larger Limits"
_DIED = "its worker process died: killed for its memory, or a crash below Python"

Work = Callable[[Case, TriageOptions, str | None], CaseResult | None]
"""What is done with one case: ``run_case``."""


def run_case(case: Case, options: TriageOptions, known: str | None = None) -> CaseResult | None:
    """The result of one case, whatever is wrong with it.

    Args:
        case: What to diagnose.
        options: How to read it.
        known: Fingerprint of an earlier run; None is returned when the files are still the same.
    """
    fingerprint = None
    try:
        found = tuple(open_everything(case.paths, limits=options.limits))
        fingerprint = fingerprint_of(found)
        if fingerprint == known:
            return None
        with cpu_limit((options.limits or DEFAULT_LIMITS).case_seconds):
            return result_of(case.name, triage_bug(tuple(map(sort_file, found)), options).report, fingerprint)
    except OtadiffError as error:
        return CaseResult(case=case.name, fingerprint=fingerprint, error=str(error))
    except CaseTimeout:
        return CaseResult(case=case.name, fingerprint=fingerprint, error=_TOO_LONG)
    except MemoryError:
        return CaseResult(case=case.name, fingerprint=fingerprint, error="it needs more memory than there is")
    except Exception as error:  # a defect of otadiff in one case must not cost the others
        return CaseResult(case=case.name, fingerprint=fingerprint, error=_internal(error))


def run_batch(
    cases: Iterable[Case],
    executor: Executor | None = None,
    *,
    options: TriageOptions = BATCH_OPTIONS,
    known: Mapping[str, str] | None = None,
    jobs: int | None = None,
    ahead: int | None = None,
    work: Work = run_case,
) -> Iterator[tuple[Case, CaseResult | None]]:
    """The results of ``cases`` in their order, each as soon as it and all before it are there.

    A worker that dies takes the other cases of its executor along. They are done again, each in a process of its own,
    so that the one at fault is told and no other is lost.

    Args:
        cases: From ``find_cases``; read a few ahead of the results, and never all at once.
        executor: Any executor whose workers see the same paths; it is not shut down. None starts worker processes, which
            a script has to allow for with ``if __name__ == "__main__"``.
        options: How to read each case.
        known: Fingerprints of an earlier run by the name of the case; a case that is still the same gives None.
        jobs: How many worker processes to start when ``executor`` is None or has broken; else one a processor.
        ahead: How many cases may be handed out at once.
        work: What is done with each case.
    """
    jobs = jobs or os.cpu_count() or 1
    limit = ahead or (_AHEAD * jobs if executor is None else _AHEAD_OF_OTHERS)
    known = known or {}
    with _Workers(executor, jobs, work) as workers:
        waiting: deque[tuple[_Task, Future[CaseResult | None]]] = deque()
        for case in cases:
            task = _Task(case, options, known.get(case.name))
            waiting.append((task, workers.submit(task)))
            if len(waiting) >= limit:
                yield _first(waiting, workers)
        while waiting:
            yield _first(waiting, workers)


class _Task(NamedTuple):
    """The arguments of ``run_case``."""

    case: Case
    options: TriageOptions
    known: str | None


def _first(waiting: deque[tuple[_Task, Future[CaseResult | None]]], workers: _Workers) -> tuple[Case, CaseResult | None]:
    """The case that was handed out first, with its result."""
    task, future = waiting.popleft()
    return task.case, _result(workers, task, future)


def _result(workers: _Workers, task: _Task, future: Future[CaseResult | None]) -> CaseResult | None:
    try:
        return future.result()
    except (BrokenExecutor, CancelledError):
        return workers.alone(task)
    except Exception:
        try:  # Dask looks at a future's state twice, and a worker that is lost changes it in between
            return future.result()
        except Exception as error:  # whatever an executor of the caller's raises belongs to this case
            return CaseResult(case=task.case.name, error=_internal(error))


class _Workers:
    """The executor; a new one of our own when it breaks; and a process for a case that must be alone."""

    def __init__(self, executor: Executor | None, jobs: int, work: Work) -> None:
        self._jobs = jobs
        self._work = work
        self._ours: list[ProcessPoolExecutor] = []
        self._executor: Executor = executor or self._started(jobs)
        self._single: ProcessPoolExecutor | None = None

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_unused: object) -> None:
        for pool in self._ours:
            if kind is not None:  # nobody waits for what they are doing
                for process in list((pool._processes or {}).values()):
                    process.terminate()
            pool.shutdown(cancel_futures=True)

    def submit(self, task: _Task) -> Future[CaseResult | None]:
        """Hands out one case; a broken executor is replaced first."""
        with _deaf_children():
            try:
                return self._executor.submit(self._work, *task)
            except BrokenExecutor:
                self._executor = self._started(self._jobs)
                return self._executor.submit(self._work, *task)

    def alone(self, task: _Task) -> CaseResult | None:
        """The result of one case with no other in its process."""
        for _ in range(2):
            self._single = self._single or self._started(1)
            try:
                with _deaf_children():
                    future = self._single.submit(self._work, *task)
                return future.result()
            except BrokenExecutor:
                self._single = None
        return CaseResult(case=task.case.name, error=_DIED)

    def _started(self, jobs: int) -> ProcessPoolExecutor:
        """Worker processes that begin with nothing of ours: no threads, locks or open files are copied into them."""
        with _deaf_children():  # semaphores come with a process that tracks them
            pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin_worker)
        self._ours.append(pool)
        return pool


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes that start here never hear Ctrl-C or the end of the terminal: they end with their parent, which does."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """Lets the worker end with its parent, however that ends, and gives up what it does not need."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    missing = confine()
    if missing and DEBUG in os.environ:
        sys.stderr.write(f"otadiff: for its workers, this system cannot {' or '.join(missing)}\n")


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(EXIT_ORPHANED)


def _internal(error: Exception) -> str:
    return f"internal error: {type(error).__name__}: {error}"
