"""``otadiff extract EVIDENCE -o received.bin``: the image that a dump, log, capture or journal holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.capture_progress import CaptureProgress
from forensics.errors import InputError, UsageError
from forensics.pipeline.captures import StreamChoice
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.report.words import inert

Container = Annotated[str | None, typer.Option("--format", help="Container of EVIDENCE (hexdump, btsnoop ...).")]
Slot = Annotated[str | None, typer.Option("--slot", help="Partition in a whole-flash dump, as ota_0.")]
Connection = Annotated[str | None, typer.Option("--connection", metavar="N", help="Connection handle, as 0x0040.")]
Handle = Annotated[str | None, typer.Option("--handle", metavar="N", help="Attribute handle, as 0x000e.")]
Uuid = Annotated[str | None, typer.Option("--uuid", help="UUID of the characteristic, 4 hex digits or 36 characters.")]
Opcode = Annotated[
    str | None,
    typer.Option("--opcode", help="Only write-command, write-request or notification values, undecoded."),
]
Raw = Annotated[bool, typer.Option("--raw", help="Write the values end to end, without decoding a protocol.")]
Sent = Annotated[str | None, typer.Option("--sent", metavar="FILE", help="Take the stream or slot that matches it.")]


def command(
    evidence: Annotated[str, typer.Argument(metavar="EVIDENCE", help="A dump, hex log, capture or journal; - is stdin.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where to write it; - is stdout.")],
    format: Container = None,
    slot: Slot = None,
    connection: Connection = None,
    handle: Handle = None,
    uuid: Uuid = None,
    opcode: Opcode = None,
    raw: Raw = False,
    sent: Sent = None,
) -> None:
    """Write the image that the evidence holds, and say on stderr what was taken from where."""
    if evidence == sent == "-":
        raise UsageError("only one of EVIDENCE and --sent can be standard input")
    for source in (evidence, sent):
        _keep_apart(source, output)
    choice = StreamChoice(connection=options.parse_number(connection), handle=options.parse_number(handle), uuid=uuid)
    progress = CaptureProgress(evidence)
    found = extract_source(
        evidence,
        ExtractOptions(format=format, slot=slot, choice=choice, operation=opcode, raw=raw, sent=sent),
        progress,
    )
    progress.wipe()
    _write(output, found.content)
    for note in found.notes:
        sys.stderr.write(f"otadiff: {inert(note)}\n")


def _keep_apart(source: str | None, output: str) -> None:
    """Inputs are never modified."""
    if source in (None, "-") or output == "-":
        return
    read, written = Path(str(source)), Path(output)
    if written.exists() and read.exists() and written.samefile(read):
        raise UsageError("would be overwritten by the output", name=str(source), next_step="write to another file")


def _write(path: str, content: bytes) -> None:
    if path == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", name=path) from error
