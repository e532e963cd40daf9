"""``otadiff live watch SENT DEVICE``: diagnoses a transfer that somebody else sends, while it runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.output import emit
from forensics.cli.progress_line import ProgressLine
from forensics.cli.stopping import EXIT_INTERRUPTED
from forensics.live.journal import JournalWriter
from forensics.live.link import CONNECT_SECONDS
from forensics.live.listen import QUIET_SECONDS, Ending, ListenOptions
from forensics.live.progress import Progress
from forensics.live.watch import Watch, WatchOptions
from forensics.model.evidence import Evidence
from forensics.model.report import Report
from forensics.model.text import inert
from forensics.pipeline.links import observed_report
from forensics.protocols.tap.divergence import Divergence
from forensics.read import read_evidence

Echo = Annotated[str | None, typer.Option("--echo", metavar="UUID", help="A characteristic that echoes each chunk.")]
Skip = Annotated[int, typer.Option("--skip", metavar="N", min=0, help="Bytes of protocol before the image in each echo.")]
Wait = Annotated[float | None, typer.Option("--wait", metavar="S", min=0, help="Give up when nothing came after S seconds.")]
Quiet = Annotated[float, typer.Option("--quiet", metavar="S", min=0, help="Silence of S seconds ends the transfer.")]
Pair = Annotated[bool, typer.Option("--pair", help="Pair with the device first.")]
Timeout = Annotated[float, typer.Option("--timeout", metavar="S", min=0, help="Seconds for finding and connecting.")]
Journal = Annotated[str | None, typer.Option("--journal", metavar="FILE", help="Record every notification as JSON Lines.")]


@options.reporting
def command(
    sent: Annotated[str, typer.Argument(metavar="SENT", help="The .bin that is being sent; - is stdin.")],
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="Address, or the name that it advertises.")],
    echo: Echo = None,
    skip: Skip = 0,
    chunk: Annotated[str | None, typer.Option("--chunk", metavar="N", help="Bytes per write, when you know it.")] = None,
    wait: Wait = None,
    quiet: Quiet = QUIET_SECONDS,
    pair: Pair = False,
    timeout: Timeout = CONNECT_SECONDS,
    journal: Journal = None,
    *,
    report: options.ReportOptions,
) -> None:
    """Watch a transfer that a phone or another program sends, and name the first wrong chunk at once.

    The device needs the tap of samples/firmware/otatap.h, or a characteristic that echoes what it receives; and it must
    take a second connection.
    """
    outputs = report.outputs(sent)
    record = outputs.writer.journal(journal)
    image = read_evidence(sent, format="raw")
    wanted = WatchOptions(
        echo=echo,
        skip=skip,
        chunk_size=options.parse_number(chunk),
        listening=ListenOptions(wait=wait, quiet=quiet, pair=pair, timeout=timeout),
    )
    with record:
        found, interrupted = _watched(image, device, wanted, JournalWriter(record))
    status = emit(found, outputs)
    raise typer.Exit(EXIT_INTERRUPTED if interrupted else status)


def interrupted_by_user(session: Coroutine[None, None, None], line: ProgressLine) -> bool:
    """Run a session to its end; whether that was Ctrl-C."""
    try:
        asyncio.run(session)
    except KeyboardInterrupt:
        return True
    finally:
        line.wipe()
    return False


def _watched(image: Evidence, device: str, wanted: WatchOptions, journal: JournalWriter) -> tuple[Report, bool]:
    """The report, and whether the user ended the watch."""
    line = ProgressLine()

    def announce(divergence: Divergence) -> None:
        line.wipe()
        sys.stderr.write(f"otadiff: {divergence.words}\n")
        sys.stderr.flush()

    watch = Watch(
        image.content,
        wanted,
        journal=journal,
        announce=announce,
        progress=lambda now: line.tell(_words(now)),
        name=image.name,
    )
    interrupted = interrupted_by_user(watch.run(device), line)
    if interrupted and not watch.device:
        raise KeyboardInterrupt
    name = watch.device or device
    said = "interrupted: the report is on what was seen until then" if interrupted else _ending_words(watch.ending, name)
    if said:
        sys.stderr.write(f"otadiff: {inert(said)}\n")
    return observed_report(image, watch.observation(), name=name), interrupted


def _words(now: Progress) -> str:
    if not now.acknowledged:
        return now.phase
    return f"{now.phase}: {now.acknowledged} of {now.total} bytes in the device's write callback"


def _ending_words(ending: Ending | None, name: str) -> str | None:
    match ending:
        case Ending.LINK_LOST:
            return f"the link to {name} ended; watch again to see the rest of a transfer"
        case Ending.QUIET:
            return f"{name} fell silent before the end of the transfer"
        case Ending.NOTHING:
            return f"{name} sent nothing; was a transfer started, and does its firmware call otatap_chunk?"
        case _:
            return None
