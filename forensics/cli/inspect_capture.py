"""``otadiff inspect CAPTURE``: connections, handles, sizes and protocol of a capture."""

from __future__ import annotations

from pathlib import Path

from forensics.cli.output import print_text
from forensics.errors import InputError, UsageError
from forensics.model.evidence import CAPTURE_CONTAINERS
from forensics.read import choose_reader
from forensics.read.source import open_source


def is_capture(path: str, format: str | None = None) -> bool:
    """The file is a capture by its first bytes, or by the ``format`` that was named.

    Standard input can be read only once, so it is one only by its format.

    Raises:
        InputError: it cannot be opened.
        UsageError: no such format.
    """
    if format is not None:
        return choose_reader(b"", format).container in CAPTURE_CONTAINERS
    return path != "-" and choose_reader(open_source(path).head).container in CAPTURE_CONTAINERS


def show_capture(path: str, *, format: str | None = None, files: tuple[tuple[str, str], ...] = ()) -> None:
    """Print what a capture holds, and write it as JSON where that was asked for.

    Raises:
        InputError: it cannot be read, or a file not be written.
        UsageError: another format than JSON was asked for.
    """
    from forensics.pipeline.capture_contents import capture_contents  # noqa: PLC0415 - not needed for an image
    from forensics.report.capture_contents import render_capture, render_capture_json  # noqa: PLC0415

    if any(name != "json" for name, _ in files):
        raise UsageError("what a capture holds is written as text or JSON only", name=path)
    contents = capture_contents(path, format)
    targets = [target for _, target in files]
    for target in targets:
        if target == "-":
            print_text(render_capture_json(contents))
        else:
            _write(target, render_capture_json(contents))
    if "-" not in targets:
        print_text(render_capture(contents))


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", name=path) from error
