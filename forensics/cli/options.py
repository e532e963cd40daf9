"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from inspect import Parameter, signature
from typing import Annotated, get_type_hints

import typer

from forensics.cli.output import Color, Outputs, step_summary
from forensics.errors import UsageError
from forensics.report import RENDERERS
from forensics.write import Writer

OUTPUT_FORMATS = tuple(renderer.name for renderer in RENDERERS)
"""What ``--format`` can print instead of the terminal text; no container of evidence has such a name."""

FILE_FORMATS = ("json", "html", "markdown", "sarif", "junit")
"""Formats with an option of their own."""


def _output_formats(begun: str) -> list[str]:
    """Shell completion of an output format."""
    return [name for name in OUTPUT_FORMATS if name.startswith(begun)]


def _containers(begun: str) -> list[str]:
    """Shell completion of a container of evidence."""
    from forensics.read import FORMATS  # noqa: PLC0415 - only the shell asks

    return [name for name in FORMATS if name.startswith(begun)]


ReadAs = Annotated[
    str | None,
    typer.Option(
        "--read-as",
        metavar="NAME",
        help="How to read the evidence: raw, hexdump, btsnoop ... (default: recognised).",
        autocompletion=_containers,
    ),
]
Bundle = Annotated[
    str | None,
    typer.Option(
        "--bundle",
        metavar="FILE",
        help="Write a zip for a bug report: report, digests, and what is understood of the logs; no image, dump or capture.",
    ),
]
Redact = Annotated[
    bool | None,
    typer.Option(
        "--redact/--no-redact",
        help="Put pseudonyms for addresses, networks, hosts, users and secrets; a bundle has them unless --no-redact.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that otadiff did not make; never an input.")]


@dataclass(kw_only=True)
class ReportOptions:
    """The options that every command with a report has; ``reporting`` gives them to a command."""

    format: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help=f"Print the report as {', '.join(OUTPUT_FORMATS)}.",
            autocompletion=_output_formats,
        ),
    ] = None
    json: Annotated[list[str] | None, typer.Option("--json", metavar="FILE", help="Write JSON; - is stdout.")] = None
    html: Annotated[list[str] | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")] = None
    markdown: Annotated[
        list[str] | None, typer.Option("--markdown", metavar="FILE", help="Write Markdown for an issue.")
    ] = None
    sarif: Annotated[list[str] | None, typer.Option("--sarif", metavar="FILE", help="Write SARIF 2.1.0.")] = None
    junit: Annotated[list[str] | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")] = None
    force: Force = False
    step_summary: Annotated[
        bool, typer.Option("--step-summary", help="In GitHub Actions: append the report to the summary of the step.")
    ] = False
    color: Annotated[Color, typer.Option("--color", help="Colour the terminal text.")] = Color.AUTO
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Every finding, place and check.")] = False
    no_excerpts: Annotated[bool, typer.Option("--no-excerpts", help="Show no bytes of the image.")] = False

    def container(self, read_as: str | None = None) -> str | None:
        """How to read the evidence: ``--read-as``, or the container that ``--format`` names as it did before.

        Raises:
            UsageError: they name two.
        """
        names = [name for name in (read_as, *(self.format or ())) if name is not None and name not in OUTPUT_FORMATS]
        if len(names) > 1:
            raise UsageError(f"two ways to read the evidence: {' and '.join(names[:2])}", next_step="name one")
        self.format = [name for name in self.format or () if name in OUTPUT_FORMATS]
        return names[0] if names else None

    def outputs(self, *inputs: str | None) -> Outputs:
        """Everything that the options ask for, checked before any work begins.

        Args:
            inputs: What the command reads, as the user named it.

        Raises:
            OutputError: an output cannot be written.
            UsageError: an output would destroy a file, two go to one place, or there is no such format.
        """
        unknown = next((name for name in self.format or () if name not in OUTPUT_FORMATS), None)
        if unknown is not None:
            raise UsageError(f"there is no format {unknown!r}", next_step=f"choose one of: {', '.join(OUTPUT_FORMATS)}")
        asked = [(name, path) for name in FILE_FORMATS for path in getattr(self, name) or ()]
        printed = [*(self.format or ()), *(name for name, path in asked if path == "-")]
        if len(printed) > 1:
            raise UsageError("only one format can go to standard output", next_step="name a file for each of the others")
        writer = Writer(inputs, force=self.force)
        return Outputs(
            writer=writer,
            files=tuple((name, writer.document(path)) for name, path in asked if path != "-"),
            printed=printed[0] if printed else "terminal",
            color=self.color,
            verbose=self.verbose,
            excerpts=not self.no_excerpts,
            step_summary=step_summary(writer) if self.step_summary else None,
        )


def reporting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``ReportOptions`` in place of its parameter ``report``."""
    hints = get_type_hints(ReportOptions, include_extras=True)
    shared = [
        Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name])
        for field in fields(ReportOptions)
    ]

    def with_options(**values: object) -> None:
        report = ReportOptions(**{one.name: values.pop(one.name) for one in shared})  # type: ignore[arg-type]
        command(**values, report=report)

    own = [one for one in signature(command, eval_str=True).parameters.values() if one.name != "report"]
    with_options.__doc__ = command.__doc__
    with_options.__module__ = command.__module__
    with_options.__annotations__ = {one.name: one.annotation for one in (*own, *shared)}
    with_options.__signature__ = signature(command).replace(  # type: ignore[attr-defined]
        parameters=[one.replace(kind=Parameter.KEYWORD_ONLY) for one in (*own, *shared)]
    )
    return with_options


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
