"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from forensics.cli.output import Color, Outputs
from forensics.errors import InputError, UsageError
from forensics.report import RENDERERS

OUTPUT_FORMATS = tuple(renderer.name for renderer in RENDERERS)
"""What ``--format`` can print instead of the terminal text; no container of evidence has such a name."""


def _output_formats(begun: str) -> list[str]:
    """Shell completion of an output format."""
    return [name for name in OUTPUT_FORMATS if name.startswith(begun)]


def _formats(begun: str) -> list[str]:
    """Shell completion of an output format or a container."""
    from forensics.read import READERS  # noqa: PLC0415 - only the shell asks

    names = [*OUTPUT_FORMATS, *(reader.container for reader in READERS)]
    return [name for name in names if name.startswith(begun)]


Json = Annotated[list[str] | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON; - is stdout.")]
Html = Annotated[list[str] | None, typer.Option("--html", metavar="FILE", help="Write one self-contained HTML page.")]
Markdown = Annotated[list[str] | None, typer.Option("--markdown", metavar="FILE", help="Write Markdown for an issue.")]
Sarif = Annotated[list[str] | None, typer.Option("--sarif", metavar="FILE", help="Write SARIF 2.1.0.")]
Junit = Annotated[list[str] | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")]
StepSummary = Annotated[
    bool, typer.Option("--step-summary", help="In GitHub Actions: append the report to the summary of the step.")
]
ColorChoice = Annotated[Color, typer.Option("--color", help="Colour the terminal text.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Every finding, place and check.")]
Bundle = Annotated[
    str | None,
    typer.Option("--bundle", metavar="FILE", help="Write a zip for a bug report: report, logs, digests, no image bytes."),
]
NoExcerpts = Annotated[bool, typer.Option("--no-excerpts", help="Show no bytes of the image.")]
OutputFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help=f"Print it as {', '.join(OUTPUT_FORMATS)}.",
        autocompletion=_output_formats,
    ),
]
Format = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help=f"Print it as {', '.join(OUTPUT_FORMATS)}; or how to read the evidence: raw, hexdump, btsnoop ...",
        autocompletion=_formats,
    ),
]


def output_format(name: str | None) -> str:
    """The renderer for standard output that ``--format`` names.

    Raises:
        UsageError: there is none of that name.
    """
    if name is not None and name not in OUTPUT_FORMATS:
        raise UsageError(f"there is no format {name!r}", next_step=f"choose one of: {', '.join(OUTPUT_FORMATS)}")
    return name or "terminal"


def split_formats(names: list[str] | None) -> tuple[str, str | None]:
    """The renderer for standard output, and the container of the evidence, that ``--format`` names.

    Raises:
        UsageError: it names two of a kind.
    """
    renderers = [name for name in names or () if name in OUTPUT_FORMATS]
    containers = [name for name in names or () if name not in OUTPUT_FORMATS]
    for kind, chosen in (("output formats", renderers), ("containers", containers)):
        if len(chosen) > 1:
            raise UsageError(f"--format names two {kind}: {' and '.join(chosen[:2])}", next_step="name one")
    return renderers[0] if renderers else "terminal", containers[0] if containers else None


def parse_number(text: str | None) -> int | None:
    """A decimal or 0x number.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text is None:
        return None
    try:
        return int(text, 0)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a number") from error


def read_text(path: str) -> bytes:
    """The bytes of a log at ``path``; ``-`` is standard input.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", name=path) from error


def files(**formats: list[str] | None) -> tuple[tuple[str, str], ...]:
    """Format and path of every file that was asked for."""
    return tuple((name, path) for name, paths in formats.items() for path in paths or ())


def outputs(
    format: str = "terminal",
    *,
    color: Color = Color.AUTO,
    verbose: bool = False,
    no_excerpts: bool = False,
    step_summary: bool = False,
    **formats: list[str] | None,
) -> Outputs:
    """Everything that the options of a report command ask for.

    Args:
        format: Renderer for standard output.
        color: When to colour the terminal text.
        verbose: Every finding, place and check.
        no_excerpts: Leave image bytes out.
        step_summary: Append to the summary of the step in GitHub Actions.
        formats: Paths by the name of the file format.
    """
    return Outputs(
        files=files(**formats),
        terminal=format,
        color=color,
        verbose=verbose,
        excerpts=not no_excerpts,
        step_summary=step_summary,
    )
