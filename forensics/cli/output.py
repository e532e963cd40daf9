"""Where a report goes: the terminal, and the files that were asked for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from forensics.errors import InputError, UsageError
from forensics.model.finding import Verdict
from forensics.model.report import Report
from forensics.report import RENDERERS

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
        files: Format and path of every file that was asked for; ``-`` is standard output.
        terminal: Renderer for standard output.
        excerpts: False leaves image bytes out.
        step_summary: Append the report to the file that GitHub Actions shows as the summary of the step.
    """

    files: tuple[tuple[str, str], ...] = ()
    terminal: str = "terminal"
    color: Color = Color.AUTO
    verbose: bool = False
    excerpts: bool = True
    step_summary: bool = False


def emit(report: Report, outputs: Outputs) -> int:
    """Write the report everywhere and give the exit status.

    Raises:
        InputError: a file cannot be written.
        UsageError: two formats want standard output, or a step summary is asked for outside of GitHub Actions.
    """
    to_stdout = [name for name, path in outputs.files if path == "-"]
    if outputs.terminal != "terminal":
        to_stdout.append(outputs.terminal)
    if len(to_stdout) > 1:
        raise UsageError("only one format can go to standard output")
    for name, path in outputs.files:
        if path != "-":
            _write(path, render(report, name, excerpts=outputs.excerpts))
    if outputs.step_summary:
        _append_step_summary(report, excerpts=outputs.excerpts)
    if not to_stdout:
        print_text(_for_terminal(report, outputs))
    elif to_stdout[0] == "concise":
        print_text(render(report, "concise"))
    else:
        _print_document(render(report, to_stdout[0], excerpts=outputs.excerpts))
    return EXIT_STATUS[report.verdict]


def render(report: Report, name: str, *, excerpts: bool = True) -> str:
    """The report in one of the file formats."""
    renderer = next(renderer for renderer in RENDERERS if renderer.name == name)
    options: dict[str, object] = {}
    if name in ("html", "sarif"):
        from forensics.classify.faults import all_faults  # noqa: PLC0415 - texts of all faults, for these formats only

        options["faults"] = {fault.code: fault for fault in all_faults()}
    if name in _WITH_EXCERPTS:
        options["excerpts"] = excerpts
    return renderer.render(report, **options)


def _for_terminal(report: Report, outputs: Outputs) -> str:
    renderer = next(renderer for renderer in RENDERERS if renderer.name == "terminal")
    return renderer.render(
        report,
        width=shutil.get_terminal_size().columns if sys.stdout.isatty() else None,
        color=wants_color(sys.stdout, outputs.color),
        unicode=is_unicode(sys.stdout),
        verbose=outputs.verbose,
        excerpts=outputs.excerpts,
    )


def _append_step_summary(report: Report, *, excerpts: bool) -> None:
    """The report behind what earlier commands of the step wrote, within GitHub's limit for all of them."""
    from forensics.report.github import SUMMARY_BYTES, render_step_summary  # noqa: PLC0415 - seldom needed

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        raise UsageError(
            "--step-summary needs the variable GITHUB_STEP_SUMMARY, which GitHub Actions sets",
            next_step="elsewhere write the same with --markdown FILE",
        )
    try:
        used = Path(path).stat().st_size if Path(path).exists() else 0
        text = render_step_summary(report, excerpts=excerpts, room=SUMMARY_BYTES - used - 1)
        with Path(path).open("ab") as stream:
            stream.write(f"{text}\n".encode())
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", name=path) from error


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
    """Write to standard output; what its encoding lacks becomes an escape.

    Raises:
        InputError: it takes no more, as on a full disk.
    """
    encoding = sys.stdout.encoding or "ascii"
    with _telling_what_stdout_refuses():
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()


def _print_document(text: str) -> None:
    """Write a file format to standard output: as UTF-8, whatever the encoding of a pipe is."""
    if sys.stdout.isatty():
        print_text(text)
        return
    with _telling_what_stdout_refuses():
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()


@contextmanager
def _telling_what_stdout_refuses() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has seen enough, which is no error
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", name="standard output") from error


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_bytes(text.encode())
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", name=path) from error
