"""``otadiff inspect CAPTURE``: connections, handles, sizes and protocol of a capture."""

from __future__ import annotations

from pathlib import Path

from forensics.cli.output import print_text
from forensics.errors import InputError, UsageError
from forensics.model.evidence import CAPTURE_CONTAINERS, Evidence
from forensics.read import ARCHIVES, choose_reader, read_evidence
from forensics.read.source import Source


def capture_in(source: Source, format: str | None = None) -> Evidence | None:
    """The capture that an input is or that an archive holds; null when it is something else.

    Args:
        source: An input that is open, so that a pipe can still be read as an image afterwards.
        format: What the user says it is.

    Raises:
        InputError: it is no capture although ``format`` says so.
        UsageError: no such format.
    """
    reader = choose_reader(source.head, format)
    if reader.container in CAPTURE_CONTAINERS:
        return read_evidence(source, format=format)
    if reader.container not in ARCHIVES:
        return None
    try:
        evidence = read_evidence(source, format=format)
    except InputError:
        return None
    return evidence if evidence.is_capture else None


def show_capture(evidence: Evidence, path: str, *, files: tuple[tuple[str, str], ...] = ()) -> None:
    """Print what a capture holds, and write it as JSON where that was asked for.

    Args:
        evidence: The capture.
        path: What the user named.
        files: Format and path of each file to write; a path of ``-`` is standard output.

    Raises:
        InputError: it cannot be read, or a file not be written.
        UsageError: another format than JSON was asked for.
    """
    from forensics.cli.capture_progress import CaptureProgress  # noqa: PLC0415 - not needed for an image
    from forensics.pipeline.capture_contents import capture_contents  # noqa: PLC0415
    from forensics.report.capture_contents import render_capture, render_capture_json  # noqa: PLC0415

    if any(name != "json" for name, _ in files):
        raise UsageError("what a capture holds is written as text or JSON only", name=path)
    progress = CaptureProgress(path)
    contents = capture_contents(evidence, progress)
    progress.wipe()
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
