"""``otadiff demo [FAULT]``: an image made, broken and explained; ``--live`` sends it to a virtual ESP32, without a radio."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.output import emit
from forensics.errors import UsageError
from forensics.model.report import Report
from forensics.open import open_content
from forensics.pipeline.comparison import Options, compare_bytes, compare_sources
from forensics.synth.samples import SAMPLES

_NEEDED = ("bleak", "bumble")
"""Modules behind the virtual ESP32."""


def _names(begun: str) -> list[tuple[str, str]]:
    """Shell completion of a sample, with what it is about."""
    return [(sample.name, sample.about) for sample in SAMPLES if sample.name.startswith(begun)]


@options.reporting
def command(
    fault: Annotated[
        str, typer.Argument(help="Slug of a fault, 'healthy' or 'mixed'.", autocompletion=_names)
    ] = "chunk-missing",
    live: Annotated[bool, typer.Option("--live", help="Send it to a virtual ESP32 over a virtual Bluetooth link.")] = False,
    *,
    report: options.ReportOptions,
) -> None:
    """Make an image, break it on purpose, and show what otadiff says of it."""
    outputs = report.outputs()
    raise typer.Exit(emit(_live_report(fault) if live else _report(fault), outputs))


def _report(fault: str) -> Report:
    sample = next((sample for sample in SAMPLES if sample.name == fault), None)
    if sample is None:
        raise _no_demo(fault, [sample.name for sample in SAMPLES])
    sent, received = sample.build()
    return compare_bytes(sent, received, Options())


def _live_report(fault: str) -> Report:
    """The report on an update that was really sent, from the sender's journal, the final flash and the device's log."""
    if not all(find_spec(name) for name in _NEEDED):
        raise UsageError(
            "demo --live needs the virtual ESP32, which is not installed",
            next_step="install it with: pip install 'otadiff[virtual]'",
        )
    from forensics.live.virtual.demo import demos, run_demo  # noqa: PLC0415 - needs the extra

    every = demos()
    demo = next((demo for demo in every if demo.name == fault), None)
    if demo is None:
        raise _no_demo(fault, [demo.name for demo in every], live=True)
    record = run_demo(demo, _say)
    _say("")
    sent = open_content(record.sent, name="sent.bin")
    journal = open_content(record.journal, name="journal.jsonl")
    evidence = Options(capture=journal, log=record.log, log_name="device.log")
    return compare_sources(sent, open_content(record.slot, name="slot.bin"), evidence)


def _no_demo(fault: str, names: list[str], *, live: bool = False) -> UsageError:
    kind = "live demo" if live else "demo"
    return UsageError(f"there is no {kind} of {fault!r}", next_step=f"choose one of: {', '.join(names)}")


def _say(line: str) -> None:
    """What happens on the link is progress; the answer is the report."""
    sys.stderr.write(f"{line}\n")
