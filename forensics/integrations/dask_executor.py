"""A Dask cluster as an executor for ``run_batch``. Its workers need otadiff, and the cases at the same paths."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import cast

from forensics.errors import InputError, UsageError

_SECONDS_TO_CONNECT = 10
_RETRIES = 3
"""How often a case is tried again that raised; one whose worker died is moved to another by the scheduler anyway."""


@contextmanager
def dask_executor(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor on the scheduler at ``address``, and how many cases its workers take at once.

    Args:
        address: As ``tcp://192.0.2.1:8786``.

    Raises:
        InputError: no scheduler answers there.
        UsageError: Dask is not installed.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("--dask needs Dask", next_step="pip install 'otadiff[cluster]'") from error
    try:
        client = Client(address, timeout=_SECONDS_TO_CONNECT)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(
            "no Dask scheduler answers there", name=address, next_step="start one with dask scheduler, or leave --dask out"
        ) from error
    with client:
        threads = sum(client.nthreads().values())  # type: ignore[no-untyped-call]
        executor = client.get_executor(retries=_RETRIES, pure=False)  # type: ignore[no-untyped-call]
        yield cast("Executor", executor), max(1, threads)
