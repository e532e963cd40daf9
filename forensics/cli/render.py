"""``otadiff render REPORT.json``: any other format from a saved report."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from forensics.cli import options
from forensics.cli.output import Color, emit
from forensics.errors import InputError, ReportError
from forensics.model.report import Report


def command(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="A report that --json wrote; - is stdin.")],
    format: options.OutputFormat = None,
    json: options.Json = None,
    html: options.Html = None,
    markdown: options.Markdown = None,
    sarif: options.Sarif = None,
    junit: options.Junit = None,
    step_summary: options.StepSummary = False,
    color: options.ColorChoice = Color.AUTO,
    verbose: options.Verbose = False,
    no_excerpts: options.NoExcerpts = False,
) -> None:
    """Show a saved report again, in any format."""
    outputs = options.outputs(
        options.output_format(format),
        color=color, verbose=verbose, no_excerpts=no_excerpts, step_summary=step_summary,
        json=json, html=html, markdown=markdown, sarif=sarif, junit=junit,
    )  # fmt: skip
    emit(load(report), outputs)
    raise typer.Exit(0)


def load(path: str) -> Report:
    """The report saved at ``path``.

    Raises:
        InputError: the file cannot be read.
        ReportError: it is not a report.
    """
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", name=path) from error
    try:
        document = json_module.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ReportError("is no JSON: it is not UTF-8", name=path) from error
    except (ValueError, RecursionError) as error:
        # A ValueError that is no JSONDecodeError: a number of more digits than Python reads.
        raise ReportError(f"is no JSON: {error}", name=path) from error
    try:
        return _report(document)
    except ReportError as error:
        raise ReportError(str(error), name=path) from error


def _report(document: dict[str, Any]) -> Report:
    """A comparison's report, or that of an inspection, which holds more."""
    if isinstance(document, dict) and "inspection" in document:
        from forensics.model.inspection import InspectionReport  # noqa: PLC0415 - seldom needed

        return InspectionReport.from_dict(document)
    return Report.from_dict(document)
