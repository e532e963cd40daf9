"""``otadiff inspect CAPTURE``: connections, handles, sizes and protocol of a capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.errors import InputError, UsageError
from forensics.model.evidence import CAPTURE_CONTAINERS, Evidence
from forensics.open import Content
from forensics.open.kinds import archive_kind
from forensics.read import choose_reader, read_evidence
from forensics.write.stdout import print_document, print_text

if TYPE_CHECKING:
    from forensics.cli.output import Outputs


def capture_in(source: Content, format: str | None = None) -> Evidence | None:
    """The capture that an input is or that an archive holds; None when it is something else.

    Args:
        source: An input that is open, so that a pipe can still be read as an image afterwards.
        format: What the user says it is.

    Raises:
        InputError: it is no capture although ``format`` says so.
        UsageError: no such format.
    """
    is_capture = choose_reader(source.head, format).container in CAPTURE_CONTAINERS
    if not is_capture and archive_kind(source.head) is None:
        return None
    try:
        evidence = read_evidence(source, format=format)
    except InputError:
        if is_capture:
            raise
        return None
    return evidence if evidence.is_capture else None


def show_capture(evidence: Evidence, path: str, outputs: Outputs) -> None:
    """Print what a capture holds, and write it as JSON where that was asked for.

    Args:
        evidence: The capture.
        path: What the user named.
        outputs: Where it goes.

    Raises:
        InputError: the capture cannot be read.
        OutputError: a file cannot be written.
        UsageError: another format than JSON was asked for.
    """
    from forensics.cli.capture_progress import CaptureProgress  # noqa: PLC0415 - not needed for an image
    from forensics.pipeline.capture_contents import capture_contents  # noqa: PLC0415
    from forensics.report.capture_contents import render_capture, render_capture_json  # noqa: PLC0415

    if outputs.printed not in ("terminal", "json") or any(name != "json" for name, _ in outputs.files):
        raise UsageError("what a capture holds is written as text or JSON only", name=path, next_step="use --json FILE")
    progress = CaptureProgress(path)
    contents = capture_contents(evidence, progress)
    progress.wipe()
    for _, document in outputs.files:
        document.write(render_capture_json(contents))
    if outputs.printed == "json":
        print_document(render_capture_json(contents))
    else:
        print_text(render_capture(contents))
