"""Where a report goes: the terminal, and the files that were asked for."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from forensics.errors import UsageError
from forensics.model.finding import Verdict
from forensics.report import RENDERERS
from forensics.write import Writer
from forensics.write.stdout import print_document, print_text, terminal_width

if TYPE_CHECKING:
    from forensics.model.report import Report
    from forensics.write import Document, Record

EXIT_STATUS = {Verdict.HEALTHY: 0, Verdict.FAULTY: 1, Verdict.INCONCLUSIVE: 2}
"""What the verdict is as exit status."""

_WITH_EXCERPTS = ("json", "html", "markdown", "junit", "github-summary", "terminal")
"""Formats that can show bytes of the image."""


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What to write, and how.

    Attributes:
        writer: Knows the inputs; further outputs of the command go through it as well.
        files: Format of every file that was asked for, and the file.
        printed: Renderer for standard output.
        excerpts: False leaves image bytes out.
        step_summary: Where GitHub Actions takes the summary of the step from, if the report is to be appended there.
    """

    writer: Writer
    files: tuple[tuple[str, Document], ...] = ()
    printed: str = "terminal"
    color: Color = Color.AUTO
    verbose: bool = False
    excerpts: bool = True
    step_summary: Record | None = None

    @property
    def wanted(self) -> bool:
        """A report was asked for in any form."""
        return bool(self.files) or self.step_summary is not None or self.printed != "terminal"


def emit(report: Report, outputs: Outputs, *, redact: bool = False) -> int:
    """Write the report everywhere, with pseudonyms if wanted, and give the exit status.

    Raises:
        OutputError: a file cannot be written.
    """
    if redact:
        from forensics.pipeline.bundle import redacted  # noqa: PLC0415 - seldom asked for
        from forensics.pipeline.sharing import Pseudonyms  # noqa: PLC0415

        report = redacted(report, Pseudonyms())
    for name, document in outputs.files:
        document.write(render(report, name, excerpts=outputs.excerpts))
    if outputs.step_summary is not None:
        _append_step_summary(report, outputs.step_summary, excerpts=outputs.excerpts)
    match outputs.printed:
        case "terminal":
            print_text(_for_terminal(report, outputs))
        case "concise":
            print_text(render(report, "concise"))
        case name:
            print_document(render(report, name, excerpts=outputs.excerpts))
    return EXIT_STATUS[report.verdict]


def render(report: Report, name: str, *, excerpts: bool = True) -> str:
    """The report in one of the file formats."""
    renderer = next(renderer for renderer in RENDERERS if renderer.name == name)
    options: dict[str, object] = {}
    if name in ("html", "sarif"):
        from forensics.explain import all_faults  # noqa: PLC0415 - texts of all faults, for these formats only

        options["faults"] = {fault.code: fault for fault in all_faults()}
    if name in _WITH_EXCERPTS:
        options["excerpts"] = excerpts
    return renderer.render(report, **options)


def _for_terminal(report: Report, outputs: Outputs) -> str:
    renderer = next(renderer for renderer in RENDERERS if renderer.name == "terminal")
    return renderer.render(
        report,
        width=terminal_width(),
        color=wants_color(sys.stdout, outputs.color),
        unicode=is_unicode(sys.stdout),
        verbose=outputs.verbose,
        excerpts=outputs.excerpts,
    )


def step_summary(writer: Writer) -> Record:
    """The file that GitHub Actions shows as the summary of the step.

    Raises:
        OutputError: it cannot be written.
        UsageError: this is no step of GitHub Actions.
    """
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        raise UsageError(
            "--step-summary needs the variable GITHUB_STEP_SUMMARY, which GitHub Actions sets",
            next_step="elsewhere write the same with --markdown FILE",
        )
    return writer.appended(path)


def _append_step_summary(report: Report, summary: Record, *, excerpts: bool) -> None:
    """The report behind what earlier commands of the step wrote, within GitHub's limit for all of them."""
    from forensics.report.github import SUMMARY_BYTES, render_step_summary  # noqa: PLC0415 - seldom needed

    used = summary.path.stat().st_size if summary.path.exists() else 0
    text = render_step_summary(report, excerpts=excerpts, room=SUMMARY_BYTES - used - 2)  # two: the line feeds around it
    if text:
        with summary:
            summary.write(text + "\n")


def wants_color(stream: TextIO, color: Color) -> bool:
    """``--color`` wins, then ``NO_COLOR``, ``FORCE_COLOR``, ``TERM=dumb``, then whether it is a terminal."""
    if color is not Color.AUTO:
        return color is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def is_unicode(stream: TextIO) -> bool:
    """The stream takes more than ASCII."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")
