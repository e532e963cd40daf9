"""A batch on a cluster of two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from forensics.errors import InputError
from forensics.integrations.dask_executor import dask_executor
from forensics.pipeline.batch import Case, CaseResult, run_batch
from forensics.pipeline.batch.runner import run_case
from forensics.pipeline.triage import TriageOptions
from tests.unit.pipeline.test_bug_folder import LOST, SENT, fill

distributed = pytest.importorskip("distributed", reason="the extra 'cluster' (Dask) is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills no process so"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
"""A worker that is killed leaves sockets and pipes behind in the process that started it."""

CASES = 24
KILLING = "case-13"


def killing_once(case: Case, options: TriageOptions, known: str | None) -> CaseResult | None:
    """``run_case``; the first time that one of the cases is worked on, its worker is killed."""
    mark = Path(case.paths[0]).parent.parent / "killed"
    if case.name == KILLING and not mark.exists():
        mark.write_text(str(os.getpid()), encoding="ascii")
        os.kill(os.getpid(), signal.SIGKILL)
    return run_case(case, options, known)


def killing_always(case: Case, options: TriageOptions, known: str | None) -> CaseResult | None:
    """``run_case``; one of the cases kills every worker that it is given."""
    if case.name == KILLING:
        os.kill(os.getpid(), signal.SIGKILL)
    return run_case(case, options, known)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder = tmp_path_factory.mktemp("batch") / "bugs"
    for number in range(CASES):
        received = LOST if number % 2 else SENT
        fill(folder / f"case-{number:02}", {"sent.bin": SENT, "received.bin": received[: 20_000 + 64 * number]})
    return [Case(name=path.name, paths=(str(path),)) for path in sorted(folder.iterdir())]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler here, and two workers of one thread each in processes that are started again when they die."""
    settings = {"distributed.worker.multiprocessing-method": "spawn"}
    import dask

    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=60, host="127.0.0.1"
        ) as cluster,
    ):
        yield cluster.scheduler_address


def test_nothing_is_lost_when_a_worker_is_killed(address: str, cases: list[Case]) -> None:
    with ThreadPoolExecutor(2) as here:
        plain = list(run_batch(cases, here))
    with dask_executor(address) as (executor, threads):
        assert threads == 2
        found = list(run_batch(cases, executor, ahead=8, work=killing_once))
    assert found == plain
    mark = Path(cases[0].paths[0]).parent.parent / "killed"
    assert int(mark.read_text(encoding="ascii")) != os.getpid()


def test_a_case_that_kills_every_worker_is_told(address: str, cases: list[Case]) -> None:
    some = cases[10:18]
    with dask_executor(address) as (executor, _threads):
        found = {case.name: result for case, result in run_batch(some, executor, work=killing_always)}
    assert list(found) == [case.name for case in some]
    assert {name for name, result in found.items() if result is None or result.error} == {KILLING}
    result = found[KILLING]
    assert result is not None
    assert "KilledWorker" in (result.error or "")


def test_an_address_without_a_scheduler_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensics.integrations.dask_executor._SECONDS_TO_CONNECT", 0.2)
    with pytest.raises(InputError, match="no Dask scheduler"), dask_executor("tcp://127.0.0.1:1"):
        pass
