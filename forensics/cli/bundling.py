"""``--bundle``: the zip that goes with a bug report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.cli.output import render
from forensics.model.report import InputFile, InputRole
from forensics.pipeline.bundle import BundledLog, inputs_of, make_bundle
from forensics.read import read_evidence

if TYPE_CHECKING:
    from forensics.model.report import Report
    from forensics.pipeline.triage import Bug
    from forensics.pipeline.triage.sorting import CaseFile
    from forensics.write import Document


def bundle_report(
    document: Document, report: Report, logs: Sequence[BundledLog], *, sent: bytes = b"", redact: bool = True
) -> None:
    """Write the bundle, as ``make_bundle`` makes it.

    Raises:
        OutputError: the file cannot be written.
    """
    made = make_bundle(report, logs, lambda one, format: render(one, format, excerpts=False), sent=sent, redact=redact)
    document.write(made)


def bundle_comparison(
    document: Document,
    report: Report,
    text: bytes | None,
    *,
    images: Sequence[str],
    log: str | None,
    capture: str | None,
    redact: bool,
) -> None:
    """``bundle_report`` for ``otadiff compare``, whose report does not list its inputs.

    Args:
        document: The file to write.
        report: The comparison.
        text: The device's log, where one was given.
        images: What the user named as SENT, and as RECEIVED.
        log: What the user named with ``--log``.
        capture: What the user named with ``--capture``.
        redact: Put pseudonyms for what tells who and where.

    Raises:
        OutputError: as ``bundle_report``.
    """
    logs = [BundledLog(name=_name(log), text=text)] if log is not None and text is not None else []
    inputs = inputs_of(report, logs)
    if capture is not None:
        inputs += (_capture(capture),)
    sent = b"".join(read_evidence(one).content for one in images if logs and one != "-")
    bundle_report(document, replace(report, inputs=inputs), logs, sent=sent, redact=redact)


def logs_of(files: Sequence[CaseFile]) -> list[BundledLog]:
    """The device's logs among the files of a bug."""
    return [BundledLog(name=file.name, text=file.content.whole()) for file in files if file.log is not None]


def images_of(bug: Bug) -> bytes:
    """The images among the files of a bug, end to end, to look for their bytes in its logs."""
    roles = {one.name for one in bug.report.inputs if one.role in (InputRole.SENT, InputRole.RECEIVED)}
    return b"".join(file.content.whole() for file in bug.files if file.name in roles and file.log is None)


def _capture(named: str) -> InputFile:
    entry = InputFile(name=_name(named), role=InputRole.CAPTURE, kind="capture", why="as it was named")
    if named == "-":
        return entry
    evidence = read_evidence(named)
    return replace(entry, kind=evidence.container, size=evidence.raw_size, sha256=evidence.raw_sha256)


def _name(named: str) -> str:
    return "stdin" if named == "-" else Path(named).name
