"""``otadiff triage LOG [SENT]``: what a pasted log proves, alone or with the image that was sent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.output import Color, Outputs, emit
from forensics.model.report import Report
from forensics.pipeline.triage import TriageOptions, triage_sources


def command(
    inputs: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="A log, the .bin that was sent, a dump; - is stdin.")
    ],
    chunk: Annotated[str | None, typer.Option("--chunk", metavar="N", help="Bytes of one write, when you know it.")] = None,
    solve_seconds: Annotated[
        float, typer.Option("--solve-seconds", metavar="S", min=0, help="Stop the search for the hash after S seconds.")
    ] = 10.0,
    unread: Annotated[bool, typer.Option("--unread", help="List the lines of the log that were not understood.")] = False,
    json: options.Json = None,
    html: options.Html = None,
    markdown: options.Markdown = None,
    color: options.ColorChoice = Color.AUTO,
    verbose: options.Verbose = False,
) -> None:
    """Say what a device's log proves, and with the image that was sent, what happened to it."""
    shown = _Progress()
    report = triage_sources(
        inputs,
        TriageOptions(chunk_size=options.parse_number(chunk), solve_seconds=solve_seconds),
        shown.tell if sys.stderr.isatty() else None,
    )
    shown.wipe()
    files = options.files(json=json, html=html, markdown=markdown)
    status = emit(report, Outputs(files=files, color=color, verbose=verbose))
    if unread:
        sys.stderr.write(_unread_words(report))
    raise typer.Exit(status)


class _Progress:
    """One line on standard error that is written over and wiped at the end."""

    def __init__(self) -> None:
        self._width = 0
        self.tell: Callable[[int], None] = self._tell

    def _tell(self, hashed: int) -> None:
        text = f"searching for the calculated hash: {hashed} damaged images tried"
        self._width = len(text)
        sys.stderr.write(f"\r{text}")
        sys.stderr.flush()

    def wipe(self) -> None:
        """Leave the line as it was before."""
        if self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")
            sys.stderr.flush()


def _unread_words(report: Report) -> str:
    numbers = report.log.unread if report.log else ()
    if not numbers:
        return "every line of the log was understood\n"
    return f"{len(numbers)} lines not understood: {', '.join(str(number) for number in numbers)}\n"
