"""``otadiff triage --batch``: cases in, a table, JSON Lines and a database out."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from forensics.cli.batch_table import render_result, render_tally
from forensics.cli.output import EXIT_STATUS, Outputs, is_unicode, wants_color
from forensics.cli.progress_line import ProgressLine
from forensics.errors import UsageError
from forensics.pipeline.batch import Case, CaseResult, find_cases, run_batch
from forensics.pipeline.batch.database import Database, open_database
from forensics.pipeline.batch.json_lines import JsonLines, line_of
from forensics.pipeline.batch.runner import BATCH_OPTIONS
from forensics.pipeline.batch.tally import Tally
from forensics.write.stdout import print_text, terminal_width

_AHEAD_OF_DASK = 4
"""Cases a thread of the cluster that are handed out before the first of them is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """What the options ask for.

    Attributes:
        folders: Where the cases are.
        jsonl: File for JSON Lines, ``-`` for standard output.
        dask: Address of a Dask scheduler.
    """

    folders: tuple[str, ...]
    chunk_size: int | None = None
    solve_seconds: float | None = None
    jobs: int | None = None
    jsonl: str | None = None
    sqlite: str | None = None
    resume: bool = False
    dask: str | None = None


def run_batch_command(request: BatchRequest, outputs: Outputs) -> int:
    """Work through the cases and give the exit status: 0 all healthy, 1 any faulty, 2 else.

    Raises:
        InputError: a folder cannot be read.
        OutputError: a file cannot be written.
        UsageError: options that contradict each other.
    """
    if request.resume and request.jsonl in (None, "-"):
        raise UsageError("--resume goes on from a file of results", next_step="name it with --jsonl FILE")
    if request.dask is not None and request.jobs is not None:
        raise UsageError(
            "--jobs starts processes here, and --dask uses those of a cluster", next_step="leave one of them out"
        )
    gc.enable()
    tally, shown = Tally(), ProgressLine()
    with _kept(request, outputs) as (lines, database):
        cases = find_cases(request.folders, outputs.writer.takes)
        for result in _results(cases, request, lines):
            tally.add(result)
            if database is not None:
                database.add(result)
            if request.jsonl == "-" or outputs.verbose:
                shown.wipe()
                print_text(_line(result, request))
            shown.tell(f"{tally.cases} of {len(cases)} cases")
    shown.wipe()
    if request.jsonl != "-":
        color = wants_color(sys.stdout, outputs.color)
        print_text(render_tally(tally, width=terminal_width(), unicode=is_unicode(sys.stdout), color=color))
    return EXIT_STATUS[tally.verdict]


def _results(cases: tuple[Case, ...], request: BatchRequest, lines: JsonLines | None) -> Iterator[CaseResult]:
    """The result of every case in order, the new ones written to ``lines``."""
    solve = replace(BATCH_OPTIONS, chunk_size=request.chunk_size, solve_seconds=request.solve_seconds)
    known = {case: result.fingerprint for case, result in lines.done.items() if result.fingerprint} if lines else {}
    with _executor(request) as (executor, ahead):
        for case, result in run_batch(cases, executor, options=solve, known=known, jobs=request.jobs, ahead=ahead):
            if result is None:
                assert lines is not None
                yield lines.keep(case.name)
            else:
                if lines is not None:
                    lines.add(result)
                yield result


@contextmanager
def _executor(request: BatchRequest) -> Iterator[tuple[Executor | None, int | None]]:
    """The cluster that was asked for, or None for processes of our own."""
    if request.dask is None:
        yield None, None
        return
    from forensics.integrations.dask_executor import dask_executor  # noqa: PLC0415 - an extra

    with dask_executor(request.dask) as (executor, threads):
        yield executor, _AHEAD_OF_DASK * threads


@contextmanager
def _kept(request: BatchRequest, outputs: Outputs) -> Iterator[tuple[JsonLines | None, Database | None]]:
    """The files that grow with the batch; when it is complete, they hold each case once and in order."""
    with ExitStack() as stack:
        lines = database = None
        if request.jsonl not in (None, "-"):
            record = stack.enter_context(outputs.writer.record(str(request.jsonl), resume=request.resume))
            lines = JsonLines(record, resume=request.resume)
        if request.sqlite is not None:
            database = stack.enter_context(open_database(outputs.writer.document(request.sqlite)))
        yield lines, database
        if lines is not None:
            lines.tidy()


def _line(result: CaseResult, request: BatchRequest) -> str:
    if request.jsonl == "-":
        return line_of(result)
    return render_result(result, unicode=is_unicode(sys.stdout))
