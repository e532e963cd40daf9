"""``otadiff live send SENT DEVICE``: performs the update, keeps a journal of it, and diagnoses it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.live.watch import Pair, Timeout, interrupted_by_user
from forensics.cli.output import emit
from forensics.cli.progress_line import ProgressLine
from forensics.cli.stopping import EXIT_INTERRUPTED
from forensics.errors import UsageError
from forensics.live.choose import AUTO, SendOptions
from forensics.live.journal import JournalWriter
from forensics.live.link import CONNECT_SECONDS
from forensics.live.progress import Progress
from forensics.live.provoke import parse_provocations
from forensics.live.response import AS_THE_PROTOCOL, parse_response
from forensics.live.send import Transfer
from forensics.model.evidence import Evidence
from forensics.model.finding import Verdict
from forensics.model.text import inert
from forensics.pipeline.comparison import Options, compare_sources
from forensics.pipeline.inspection import inspect_evidence
from forensics.protocols.senders import SENDERS
from forensics.protocols.senders.steps import Outcome
from forensics.protocols.tap.divergence import Divergence
from forensics.read import read_evidence
from forensics.write import Record

_BAR = 24
_EXIT_OF = {Outcome.ACCEPTED: 0, Outcome.RECEIVED: 2, Outcome.REFUSED: 1, Outcome.UNCONFIRMED: 2, Outcome.BROKEN_OFF: 2}
"""The least exit status that an outcome leaves: a device that refused is faulty although all was sent."""


def _protocols(begun: str) -> list[str]:
    """Shell completion of a protocol."""
    return [name for name in (AUTO, *(kind.name for kind in SENDERS)) if name.startswith(begun)]


Protocol = Annotated[str, typer.Option("--protocol", metavar="NAME", help="The update protocol.", autocompletion=_protocols)]
Chunk = Annotated[str | None, typer.Option("--chunk", metavar="N", help="Bytes of image in a write; else what fits.")]
Response = Annotated[str | None, typer.Option("--response", metavar="HOW", help="never, always or every:N.")]
Pace = Annotated[float, typer.Option("--pace", metavar="MS", min=0, help="Milliseconds before each chunk.")]
Window = Annotated[int | None, typer.Option("--window", metavar="N", min=1, help="Sectors under way unacknowledged.")]
Provoke = Annotated[
    str | None, typer.Option("--provoke", metavar="LIST", help="Break it on purpose: drop:1204,swap:99,corrupt:7 ...")
]
Data = Annotated[str | None, typer.Option("--data", metavar="UUID", help="Data characteristic of control and data.")]
Control = Annotated[str | None, typer.Option("--control", metavar="UUID", help="Its control characteristic.")]
Tap = Annotated[bool, typer.Option("--tap", help="Listen to the tap of samples/firmware on the same connection.")]
Journal = Annotated[
    str | None,
    typer.Option("--journal", metavar="FILE", help="Where the journal goes (default: SENT.journal.jsonl, numbered)."),
]

Yes = Annotated[bool, typer.Option("--yes", help="Send the file although it is no image that the device would take.")]


@options.reporting
def command(
    sent: Annotated[str, typer.Argument(metavar="SENT", help="The .bin to send.")],
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="Address, or the name that it advertises.")],
    protocol: Protocol = AUTO,
    chunk: Chunk = None,
    response: Response = None,
    pace: Pace = 0.0,
    window: Window = None,
    provoke: Provoke = None,
    data: Data = None,
    control: Control = None,
    tap: Tap = False,
    pair: Pair = False,
    timeout: Timeout = CONNECT_SECONDS,
    journal: Journal = None,
    yes: Yes = False,
    *,
    report: options.ReportOptions,
) -> None:
    """Send an image as the update, record every write and answer in a journal, and say what happened."""
    if sent == "-":
        raise UsageError("the image to send is read from a file", next_step="give its path in place of -")
    outputs = report.outputs(sent)
    record = outputs.writer.journal(journal, beside=sent)
    wanted = SendOptions(
        protocol=protocol,
        chunk_size=options.parse_number(chunk),
        response=parse_response(response) if response else AS_THE_PROTOCOL,
        pace=pace / 1000,
        window=window,
        data=data,
        control=control,
        faults=parse_provocations(provoke) if provoke else {},
        pair=pair,
        timeout=timeout,
        tap=tap,
    )
    image = read_evidence(sent, format="raw")
    _ask_about(image, yes=yes)
    transfer, interrupted = _sent(image, device, wanted, record)
    for text in _told(transfer, record.name):
        _say(text)
    if interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)
    status = emit(compare_sources(sent, record.path, Options()), outputs)
    raise typer.Exit(status or _EXIT_OF[transfer.outcome])


def _ask_about(image: Evidence, *, yes: bool) -> None:
    """What is wrong with the file, before the device gets it.

    Raises:
        UsageError: the user does not want to send it, or cannot be asked.
    """
    report = inspect_evidence(image)
    if report.verdict is Verdict.HEALTHY and report.inspection.kind.kind in ("app", "esp8266"):
        return
    _say(report.summary)
    if yes or (sys.stdin is not None and sys.stdin.isatty() and typer.confirm("Send it all the same?", err=True)):
        return
    raise UsageError("was not sent", name=image.name, next_step="give --yes to send it all the same")


def _sent(image: Evidence, device: str, wanted: SendOptions, record: Record) -> tuple[Transfer, bool]:
    """The transfer, and whether the user ended it."""
    line = ProgressLine()

    def announce(divergence: Divergence) -> None:
        line.wipe()
        _say(divergence.words)

    with record:
        transfer = Transfer(
            image.content,
            wanted,
            journal=JournalWriter(record),
            progress=lambda now: line.tell(_words(now)),
            announce=announce,
            name=image.name,
        )
        return transfer, interrupted_by_user(transfer.run(device), line)


def _told(transfer: Transfer, path: str) -> list[str]:
    texts = [*transfer.warnings, f"{transfer.outcome}: {transfer.text}"]
    if transfer.error is not None:
        texts.append(str(transfer.error))
    if transfer.resume_hint:
        texts.append(transfer.resume_hint)
    return [*texts, f"the journal is in {path}"]


def _words(now: Progress) -> str:
    """A bar of what the device acknowledged (``#``) and of what the stack only took (``=``)."""
    if not now.queued:
        return now.phase
    known, taken = (count * _BAR // now.total for count in (now.acknowledged, now.queued))
    bar = "#" * known + "=" * max(0, taken - known)
    left = f", {now.seconds_left:.0f} s left" if now.seconds_left is not None else ""
    shares = f"{now.queued * 100 // now.total} % queued, {now.acknowledged * 100 // now.total} % acknowledged"
    return f"[{bar:<{_BAR}}] {shares}, {now.bytes_per_second / 1000:.1f} kB/s{left}"


def _say(text: str) -> None:
    sys.stderr.write(f"otadiff: {inert(text)}\n")
    sys.stderr.flush()
