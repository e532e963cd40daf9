"""``otadiff live capture DEVICE --notify UUID -o received.bin``: stores what a characteristic sends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.live.watch import Journal, Pair, Timeout, Wait, interrupted_by_user
from forensics.cli.output import emit
from forensics.cli.progress_line import ProgressLine
from forensics.cli.stopping import EXIT_INTERRUPTED
from forensics.errors import UsageError
from forensics.live.capture import Capture, CaptureOptions
from forensics.live.journal import JournalWriter
from forensics.live.link import CONNECT_SECONDS
from forensics.live.listen import QUIET_SECONDS, Ending, ListenOptions
from forensics.model.text import inert
from forensics.open import open_content
from forensics.pipeline.comparison import Options, compare_sources

_EXIT_NOTHING = 2

Size = Annotated[str | None, typer.Option("--size", metavar="N", help="Complete after N bytes; else when nothing comes.")]
Skip = Annotated[
    int, typer.Option("--skip", metavar="N", min=0, help="Bytes of protocol at the start of each notification.")
]
Quiet = Annotated[float, typer.Option("--quiet", metavar="S", min=0, help="Silence of S seconds ends it.")]
Sent = Annotated[str | None, typer.Option("--sent", metavar="FILE", help="Compare with this image at the end.")]


@options.reporting
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
    *,
    report: options.ReportOptions,
) -> None:
    """Store what a characteristic sends, such as a dump of the slot, and compare it with what was sent."""
    outputs = report.outputs(sent)
    if output == "-":
        raise UsageError("the bytes that come are stored in a file", next_step="give -o received.bin")
    if sent is None and outputs.wanted:
        raise UsageError("a report needs the image that was sent", next_step="give --sent sent.bin")
    document = outputs.writer.document(output, only_new=True)
    record = outputs.writer.journal(journal)
    wanted = CaptureOptions(
        notify=notify,
        skip=skip,
        size=options.parse_number(size),
        listening=ListenOptions(wait=wait, quiet=quiet, pair=pair, timeout=timeout),
    )
    line = ProgressLine()
    stored = bytearray()

    def progress(size: int) -> None:
        line.tell(f"{size:,} bytes received")

    try:
        with record:
            capture = Capture(stored, wanted, journal=JournalWriter(record), progress=progress)
            interrupted = interrupted_by_user(capture.run(device), line)
    finally:
        if stored:  # whatever ended it, what came is kept
            document.write(bytes(stored))
    sys.stderr.write(f"otadiff: {inert(_words(capture, output, interrupted=interrupted))}\n")
    status = 0 if stored else _EXIT_NOTHING
    if sent is not None and stored:
        received = open_content(stored, name=Path(output).name)
        status = emit(compare_sources(sent, received, Options(format="raw")), outputs)
    raise typer.Exit(EXIT_INTERRUPTED if interrupted else status)


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
