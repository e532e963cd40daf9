"""``otadiff triage PATH...``: what a bug's files, or the files of thousands of bugs, prove together."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from forensics.cli import options
from forensics.cli.output import Outputs, emit
from forensics.cli.progress_line import ProgressLine
from forensics.errors import UsageError
from forensics.model.report import Report
from forensics.write import Document

if TYPE_CHECKING:
    from forensics.pipeline.log_report import TriageOptions

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="PATH...", help="Logs, images, dumps, captures, folders, zip files, in any mix; - is stdin."),
]
Batch = Annotated[bool, typer.Option("--batch", help="Every folder and zip in PATH is a bug of its own.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=1, help="--batch: worker processes; else one a processor.")
]
Jsonl = Annotated[str | None, typer.Option("--jsonl", metavar="FILE", help="--batch: one JSON line a bug; - is stdout.")]
Sqlite = Annotated[
    str | None, typer.Option("--sqlite", metavar="FILE", help="--batch: a database, for the questions below.")
]
Resume = Annotated[bool, typer.Option("--resume", help="--batch: skip bugs that are already in the --jsonl file.")]
Dask = Annotated[str | None, typer.Option("--dask", metavar="ADDRESS", help="--batch: run on this Dask scheduler.")]
SolveSeconds = Annotated[
    float | None,
    typer.Option(
        "--solve-seconds", metavar="S", min=0, help="Stop the search for the hash after S seconds; 10, in a batch never."
    ),
]


@options.reporting
def command(
    inputs: Inputs,
    chunk: Annotated[str | None, typer.Option("--chunk", metavar="N", help="Bytes per write, when you know it.")] = None,
    solve_seconds: SolveSeconds = None,
    unread: Annotated[bool, typer.Option("--unread", help="List the lines of the log that were not understood.")] = False,
    bundle: options.Bundle = None,
    redact: options.Redact = None,
    batch: Batch = False,
    jobs: Jobs = None,
    jsonl: Jsonl = None,
    sqlite: Sqlite = None,
    resume: Resume = False,
    dask: Dask = None,
    *,
    report: options.ReportOptions,
) -> None:
    """Sort out what is there - logs, images, dumps, captures, folders, zips - and say what it proves together.

    \b
      otadiff triage boot.log sent.bin       a log and the image that was sent
      otadiff triage bug-1234.zip            a bug's attachments: which is which, and what happened
      otadiff triage --batch bugs/ --jobs 8 --jsonl bugs.jsonl --sqlite bugs.sqlite

    The database has the tables cases, findings and inputs, joined by "case":

    \b
      sqlite3 bugs.sqlite 'SELECT slug, count(*) FROM findings WHERE benign = 0 GROUP BY slug ORDER BY 2 DESC'
      sqlite3 bugs.sqlite 'SELECT "case", summary FROM cases WHERE firmware_version = "v1.0" AND verdict = "faulty"'
      sqlite3 bugs.sqlite 'SELECT sha256, count(*) FROM inputs WHERE role = "sent" GROUP BY sha256 ORDER BY 2 DESC'
    """  # noqa: D301 - the backslash is click's mark for lines that are not to be joined
    outputs = report.outputs(*inputs)
    asked_many = any(option is not None for option in (jobs, jsonl, sqlite, dask)) or resume
    if ((bundle is not None or unread or outputs.wanted) and batch) or (asked_many and not batch):
        many = "--jobs, --jsonl, --sqlite, --resume and --dask"
        raise UsageError(
            f"{many} belong to --batch, and the options of a single report do not",
            next_step="leave them out, or triage one bug",
        )
    size = options.parse_number(chunk)
    if batch:
        from forensics.cli.batch import BatchRequest, run_batch_command  # noqa: PLC0415 - help does not wait for it

        request = BatchRequest(
            folders=tuple(inputs),
            chunk_size=size,
            solve_seconds=solve_seconds,
            jobs=jobs,
            jsonl=jsonl,
            sqlite=sqlite,
            resume=resume,
            dask=dask,
        )
        raise typer.Exit(run_batch_command(request, outputs))
    from forensics.pipeline.log_report import TriageOptions  # noqa: PLC0415 - as above

    zipped = outputs.writer.document(bundle) if bundle is not None else None
    wanted = TriageOptions(chunk_size=size, solve_seconds=10.0 if solve_seconds is None else solve_seconds)
    raise typer.Exit(_triage_one(inputs, wanted, outputs, zipped, redact=redact, unread=unread))


def _triage_one(
    inputs: list[str], wanted: TriageOptions, outputs: Outputs, bundle: Document | None, *, redact: bool | None, unread: bool
) -> int:
    from forensics.pipeline.triage import sort_sources, triage_bug  # noqa: PLC0415 - as above

    shown = ProgressLine()
    files = sort_sources(inputs, outputs.writer.takes)
    try:
        found = triage_bug(files, wanted, _tell_of_search(shown))
    finally:
        shown.wipe()
    if bundle is not None:
        from forensics.cli.bundling import bundle_report, images_of, logs_of  # noqa: PLC0415 - seldom asked for

        bundle_report(bundle, found.report, logs_of(found.files), sent=images_of(found), redact=redact is not False)
    status = emit(found.report, outputs, redact=bool(redact))
    if unread:
        sys.stderr.write(_unread_words(found.report))
    return status


def _tell_of_search(shown: ProgressLine) -> Callable[[int], None]:
    return lambda hashed: shown.tell(f"searching for the calculated hash: {hashed} damaged images tried")


def _unread_words(report: Report) -> str:
    numbers = report.log.unread if report.log else ()
    if not numbers:
        return "every line of the log was understood\n"
    return f"{len(numbers)} lines not understood: {', '.join(str(number) for number in numbers)}\n"
