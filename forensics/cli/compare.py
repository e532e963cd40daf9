"""``otadiff SENT RECEIVED``: what happened to the bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.capture_progress import CaptureProgress
from forensics.cli.output import emit
from forensics.errors import UsageError
from forensics.open import open_content
from forensics.pipeline.comparison import Options, compare_sources


@options.reporting
def command(
    sent: Annotated[str, typer.Argument(metavar="SENT", help="The .bin that was sent; - is stdin.")],
    received: Annotated[str, typer.Argument(metavar="RECEIVED", help="What the device stored, or a dump or log of it.")],
    chunk: Annotated[str | None, typer.Option("--chunk", metavar="N", help="Bytes per write, when you know it.")] = None,
    offset: Annotated[str | None, typer.Option("--offset", metavar="N", help="Where the image begins in RECEIVED.")] = None,
    slot: Annotated[str | None, typer.Option("--slot", help="Partition in a whole-flash dump, e.g. ota_0.")] = None,
    log: Annotated[
        str | None, typer.Option("--log", metavar="FILE", help="The device's log of this transfer; - is stdin.")
    ] = None,
    capture: Annotated[
        str | None,
        typer.Option("--capture", metavar="FILE", help="A capture of the link, to tell on which leg the fault happened."),
    ] = None,
    read_as: options.ReadAs = None,
    bundle: options.Bundle = None,
    redact: options.Redact = None,
    *,
    report: options.ReportOptions,
) -> None:
    """Compare what was sent with what arrived and say what happened to the bytes."""
    if [sent, received, log, capture].count("-") > 1:
        raise UsageError("only one input can be standard input", next_step="name a file for the other")
    container = report.container(read_as)
    outputs = report.outputs(sent, received, log, capture)
    zipped = outputs.writer.document(bundle) if bundle is not None else None
    text = open_content(log).whole() if log else None
    progress = CaptureProgress(capture or received)
    found = compare_sources(
        sent,
        received,
        Options(
            chunk_size=options.parse_number(chunk),
            offset=options.parse_number(offset),
            slot=slot,
            format=container,
            capture=capture,
            log=text,
            log_name=Path(log).name if log and log != "-" else "stdin",
            progress=progress,
        ),
    )
    progress.wipe()
    if zipped is not None:
        from forensics.cli.bundling import bundle_comparison  # noqa: PLC0415 - seldom asked for

        images = sent, received
        bundle_comparison(zipped, found, text, images=images, log=log, capture=capture, redact=redact is not False)
    raise typer.Exit(emit(found, outputs, redact=bool(redact)))
