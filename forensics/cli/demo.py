"""``otadiff demo [FAULT]``: an image made, broken and explained, without any file or radio."""

from __future__ import annotations

from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.output import Color, emit
from forensics.errors import UsageError
from forensics.pipeline.comparison import Options, compare_bytes
from forensics.synth.samples import SAMPLES


def _names(begun: str) -> list[tuple[str, str]]:
    """Shell completion of a sample, with what it is about."""
    return [(sample.name, sample.about) for sample in SAMPLES if sample.name.startswith(begun)]


def command(
    fault: Annotated[
        str, typer.Argument(help="Slug of a fault, 'healthy' or 'mixed'.", autocompletion=_names)
    ] = "chunk-missing",
    format: options.OutputFormat = None,
    json: options.Json = None,
    html: options.Html = None,
    markdown: options.Markdown = None,
    color: options.ColorChoice = Color.AUTO,
    verbose: options.Verbose = False,
) -> None:
    """Make an image, break it on purpose, and show what otadiff says of it."""
    sample = next((sample for sample in SAMPLES if sample.name == fault), None)
    if sample is None:
        names = ", ".join(sample.name for sample in SAMPLES)
        raise UsageError(f"there is no demo of {fault!r}", next_step=f"choose one of: {names}")
    sent, received = sample.build()
    report = compare_bytes(sent, received, Options())
    outputs = options.outputs(
        options.output_format(format), color=color, verbose=verbose, json=json, html=html, markdown=markdown
    )
    raise typer.Exit(emit(report, outputs))
