"""``otadiff render REPORT.json``: any other format from a saved report."""

from __future__ import annotations

import json as json_module
from typing import Annotated, Any

import typer

from forensics.cli import options
from forensics.cli.output import emit
from forensics.errors import ReportError
from forensics.model.report import Report
from forensics.open import open_content


@options.reporting
def command(
    report_path: Annotated[str, typer.Argument(metavar="REPORT", help="A report that --json wrote; - is stdin.")],
    *,
    report: options.ReportOptions,
) -> None:
    """Show a saved report again, in any format."""
    outputs = report.outputs(report_path)
    emit(load(report_path), outputs)
    raise typer.Exit(0)


def load(path: str) -> Report:
    """The report saved at ``path``.

    Raises:
        InputError: the file cannot be read.
        ReportError: it is not a report.
    """
    content = open_content(path).whole()
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
