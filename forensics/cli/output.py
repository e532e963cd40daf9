"""Where a report goes: the terminal, and the files that were asked for."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from forensics.errors import InputError, UsageError
from forensics.model.finding import Verdict
from forensics.model.report import Report
from forensics.report import RENDERERS

EXIT_STATUS = {Verdict.HEALTHY: 0, Verdict.FAULTY: 1, Verdict.INCONCLUSIVE: 2}
"""What the verdict is as exit status."""


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What to write, and how.

    Attributes:
        files: Format and path of every file that was asked for; ``-`` is standard output.
        terminal: Renderer for standard output: ``terminal`` or ``concise``.
        excerpts: False leaves image bytes out.
    """

    files: tuple[tuple[str, str], ...] = ()
    terminal: str = "terminal"
    color: Color = Color.AUTO
    verbose: bool = False
    excerpts: bool = True
    faults: dict[str, object] = field(default_factory=dict)


def emit(report: Report, outputs: Outputs) -> int:
    """Write the report everywhere and give the exit status.

    Raises:
        InputError: a file cannot be written.
        UsageError: two formats want standard output.
    """
    to_stdout = [name for name, path in outputs.files if path == "-"]
    if len(to_stdout) > 1:
        raise UsageError("only one format can go to standard output")
    for name, path in outputs.files:
        text = render(report, name, excerpts=outputs.excerpts)
        if path == "-":
            print_text(text)
        else:
            _write(path, text)
    if not to_stdout:
        print_text(_for_terminal(report, outputs))
    return EXIT_STATUS[report.verdict]


def render(report: Report, name: str, *, excerpts: bool = True) -> str:
    """The report in one of the file formats."""
    renderer = next(renderer for renderer in RENDERERS if renderer.name == name)
    options: dict[str, object] = {}
    if name in ("html", "sarif"):
        from forensics.classify.faults import all_faults  # noqa: PLC0415 - texts of all faults, for these formats only

        options["faults"] = {fault.code: fault for fault in all_faults()}
    if name in ("html", "markdown", "junit", "github-summary", "terminal"):
        options["excerpts"] = excerpts
    return renderer.render(report, **options)


def _for_terminal(report: Report, outputs: Outputs) -> str:
    if outputs.terminal == "concise":
        return render(report, "concise")
    renderer = next(renderer for renderer in RENDERERS if renderer.name == "terminal")
    return renderer.render(
        report,
        width=shutil.get_terminal_size().columns if sys.stdout.isatty() else None,
        color=wants_color(sys.stdout, outputs.color),
        unicode=is_unicode(sys.stdout),
        verbose=outputs.verbose,
        excerpts=outputs.excerpts,
    )


def wants_color(stream: TextIO, color: Color) -> bool:
    """``--color`` wins, then ``NO_COLOR``, ``FORCE_COLOR``, ``TERM=dumb``, then whether it is a terminal."""
    if color is not Color.AUTO:
        return color is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def is_unicode(stream: TextIO) -> bool:
    """The stream takes more than ASCII."""
    return (stream.encoding or "ascii").lower().replace("-", "").startswith("utf")


def print_text(text: str) -> None:
    """Write to standard output; what its encoding lacks becomes an escape."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", name=path) from error
