"""``otadiff live capture DEVICE --notify UUID -o received.bin``: stores what a characteristic sends."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from forensics.cli import options
from forensics.cli.live.recording import open_journal
from forensics.cli.live.watch import EXIT_INTERRUPTED, Journal, Pair, Timeout, Wait
from forensics.cli.output import Color, Outputs, emit
from forensics.cli.progress_line import ProgressLine
from forensics.errors import InputError, UsageError
from forensics.live.capture import Capture, CaptureOptions
from forensics.live.link import CONNECT_SECONDS
from forensics.live.listen import QUIET_SECONDS, Ending, ListenOptions
from forensics.pipeline.comparison import Options, compare_sources
from forensics.report.words import inert

_EXIT_NOTHING = 2

Size = Annotated[str | None, typer.Option("--size", metavar="N", help="Complete after N bytes; else when nothing comes.")]
Skip = Annotated[
    int, typer.Option("--skip", metavar="N", min=0, help="Bytes of protocol at the start of each notification.")
]
Quiet = Annotated[float, typer.Option("--quiet", metavar="S", min=0, help="Silence of S seconds ends it.")]
Sent = Annotated[str | None, typer.Option("--sent", metavar="FILE", help="Compare with this image at the end.")]


def command(
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="Address, or the name that it advertises.")],
    notify: Annotated[str, typer.Option("--notify", metavar="UUID", help="The characteristic that sends the bytes.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where to store them.")],
    size: Size = None,
    skip: Skip = 0,
    sent: Sent = None,
    wait: Wait = None,
    quiet: Quiet = QUIET_SECONDS,
    pair: Pair = False,
    timeout: Timeout = CONNECT_SECONDS,
    journal: Journal = None,
    format: options.OutputFormat = None,
    json: options.Json = None,
    html: options.Html = None,
    markdown: options.Markdown = None,
    sarif: options.Sarif = None,
    junit: options.Junit = None,
    step_summary: options.StepSummary = False,
    color: options.ColorChoice = Color.AUTO,
    verbose: options.Verbose = False,
    no_excerpts: options.NoExcerpts = False,
) -> None:
    """Store what a characteristic sends, such as a dump of the slot, and compare it with what was sent."""
    outputs = options.outputs(
        options.output_format(format),
        color=color, verbose=verbose, no_excerpts=no_excerpts, step_summary=step_summary,
        json=json, html=html, markdown=markdown, sarif=sarif, junit=junit,
    )  # fmt: skip
    _check_output(sent, output, outputs)
    wanted = CaptureOptions(
        notify=notify,
        skip=skip,
        size=options.parse_number(size),
        listening=ListenOptions(wait=wait, quiet=quiet, pair=pair, timeout=timeout),
    )
    is_new = not Path(output).exists()
    line = ProgressLine()
    with open_journal(journal) as writer, _opened(output) as stream:
        capture = Capture(stream, wanted, journal=writer, progress=lambda stored: line.tell(f"{stored} bytes stored"))
        interrupted = _ran(capture, device, line)
    if is_new and not capture.stored:
        Path(output).unlink()
    sys.stderr.write(f"otadiff: {inert(_words(capture, output, interrupted=interrupted))}\n")
    status = 0 if capture.stored else _EXIT_NOTHING
    if sent is not None and capture.stored:
        status = emit(compare_sources(sent, output, Options(format="raw")), outputs)
    raise typer.Exit(EXIT_INTERRUPTED if interrupted else status)


def _ran(capture: Capture, device: str, line: ProgressLine) -> bool:
    """Whether the user ended it."""
    try:
        asyncio.run(capture.run(device))
    except KeyboardInterrupt:
        return True
    finally:
        line.wipe()
    return False


def _check_output(sent: str | None, output: str, outputs: Outputs) -> None:
    """Inputs are never modified, and nothing is compared without something to compare with."""
    if output == "-":
        raise UsageError("the bytes that come are stored in a file", next_step="give -o received.bin")
    if sent is None and (outputs.files or outputs.step_summary or outputs.terminal != "terminal"):
        raise UsageError("a report needs the image that was sent", next_step="give --sent sent.bin")
    if sent is not None and Path(output).exists() and Path(sent).exists() and Path(output).samefile(sent):
        raise UsageError("would be overwritten by the output", name=sent, next_step="write to another file")


def _opened(path: str) -> BinaryIO:
    try:
        # What stands there is kept until the first bytes come.
        return Path(path).open("ab")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", name=path) from error


def _words(capture: Capture, output: str, *, interrupted: bool) -> str:
    stored = f"{capture.stored} bytes in {capture.notifications} notifications are stored in {Path(output).name}"
    if interrupted:
        return f"interrupted: {stored}"
    match capture.ending:
        case Ending.LINK_LOST:
            return f"the link ended: {stored}; capture again if that is not all"
        case Ending.NOTHING:
            return "nothing came: the device may want a command first"
        case _:
            return stored
