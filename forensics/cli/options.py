"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from forensics.cli.output import Color
from forensics.errors import InputError

Json = Annotated[list[str] | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON; - is stdout.")]
Html = Annotated[list[str] | None, typer.Option("--html", metavar="FILE", help="Write one self-contained HTML page.")]
Markdown = Annotated[list[str] | None, typer.Option("--markdown", metavar="FILE", help="Write Markdown for an issue.")]
Sarif = Annotated[list[str] | None, typer.Option("--sarif", metavar="FILE", help="Write SARIF 2.1.0.")]
Junit = Annotated[list[str] | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")]
ColorChoice = Annotated[Color, typer.Option("--color", help="Colour the terminal text.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Every finding, place and check.")]
NoExcerpts = Annotated[bool, typer.Option("--no-excerpts", help="Show no bytes of the image.")]
Format = Annotated[
    str | None,
    typer.Option("--format", help="Container of RECEIVED (raw, hexdump, btsnoop ...), or 'concise' for one line a finding."),
]


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
