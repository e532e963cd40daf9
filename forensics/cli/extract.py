"""``otadiff extract EVIDENCE -o received.bin``: the image that a dump, log, capture or journal holds."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.capture_progress import CaptureProgress
from forensics.errors import UsageError
from forensics.model.text import inert
from forensics.write import Writer
from forensics.write.stdout import print_document

Container = Annotated[str | None, typer.Option("--format", hidden=True, help="The same as --read-as.")]
Slot = Annotated[str | None, typer.Option("--slot", help="Partition in a whole-flash dump, e.g. ota_0.")]
Connection = Annotated[str | None, typer.Option("--connection", metavar="N", help="Connection handle, e.g. 0x0040.")]
Handle = Annotated[str | None, typer.Option("--handle", metavar="N", help="Attribute handle, e.g. 0x000e.")]
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
    read_as: options.ReadAs = None,
    force: options.Force = False,
) -> None:
    """Write the image that the evidence holds, and say on stderr what was taken from where."""
    from forensics.pipeline.captures import StreamChoice  # noqa: PLC0415 - help does not wait for it
    from forensics.pipeline.extraction import ExtractOptions, extract_source  # noqa: PLC0415 - as above

    if evidence == sent == "-":
        raise UsageError("only one of EVIDENCE and --sent can be standard input", next_step="name a file for the other")
    writer = Writer((evidence, sent), force=force)
    document = None if output == "-" else writer.document(output, only_new=True)
    choice = StreamChoice(connection=options.parse_number(connection), handle=options.parse_number(handle), uuid=uuid)
    progress = CaptureProgress(evidence)
    found = extract_source(
        evidence,
        ExtractOptions(format=read_as or format, slot=slot, choice=choice, operation=opcode, raw=raw, sent=sent),
        progress,
    )
    progress.wipe()
    if document is None:
        print_document(found.content)
    else:
        document.write(found.content)
    for note in found.notes:
        sys.stderr.write(f"otadiff: {inert(note)}\n")
