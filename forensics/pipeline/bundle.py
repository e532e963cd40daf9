"""A zip to attach to a bug report: the report, the logs, digests and segment tables, and no byte of any image."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from forensics.model.document import to_document
from forensics.model.report import InputFile, InputRole
from forensics.model.text import inert
from forensics.write.marks import BUNDLE_COMMENT

if TYPE_CHECKING:
    from forensics.model.alignment import Edit
    from forensics.model.report import Artefact, Report
    from forensics.model.solve import SolveResult

Render = Callable[["Report", str], str]
"""The report in a format that is named, without excerpts of the image."""

DOCUMENTS = (("report.json", "json"), ("report.md", "markdown"), ("report.html", "html"))
"""Name in the zip, and the format."""

_LONGEST_LOG = 32 * 1024 * 1024
"""Bytes of a log that are kept: its end, where an update fails."""

_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can hold: the bundle depends on its content alone."""

_READABLE = 0o100644 << 16

_HEX = re.compile(
    rb"(?:(?<![0-9A-Za-z])(?:0x|\\x)?[0-9A-Fa-f]{2}[ \t,:;|-]{1,4}){7,}(?:0x)?[0-9A-Fa-f]{2}(?![0-9A-Za-z])"  # e9 07 02
    rb"|(?:\\x[0-9A-Fa-f]{2}){8,}"
    rb"|(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{4}[ \t]{1,2}){3,}[0-9A-Fa-f]{4}(?![0-9A-Za-z])"
    rb"|(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}[ \t]{1,2}){1,}[0-9A-Fa-f]{8}(?![0-9A-Za-z])"
    rb"|(?<![0-9A-Za-z])(?![0-9A-Fa-f]{64}(?![0-9A-Fa-f]))[0-9A-Fa-f]{32,}"  # 64 digits are a SHA-256
    rb"|(?<![0-9])(?:[0-9]{1,3},[ \t]{0,2}){15,}[0-9]{1,3}"
    rb"|[A-Za-z0-9+/]{120,}={0,2}"
)
"""Eight bytes or more in the notations of hex dumps, byte lists and base64."""

_LEFT_OUT = b"[bytes left out by otadiff]"

_README = """\
A bundle by {tool}: what is needed to talk about one transfer, without the firmware.

report.json   the diagnosis, {schema}; "otadiff render report.json" shows it
report.md     the same for an issue
report.html   the same for a browser
inputs.json   name, size, SHA-256 and role of every file; segment tables and checksums of the images
{logs}
No image, dump or capture is in here, and no excerpt of one. Where a line of a log shows eight bytes or more as hex, as
a list of numbers or as base64, the rest of that line is replaced by "{left_out}" ({count} lines here), since such bytes
are mostly those of the image. SHA-256 digests in logs are kept. Everything else in the logs is as it was given: names,
addresses, network names and keys that a device printed are still there. Look through them before you share them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledLog:
    """A log by its file name, and its text as it was given."""

    name: str
    text: bytes


def make_bundle(report: Report, logs: Sequence[BundledLog], render: Render) -> bytes:
    """The zip itself; the same report and logs give the same bytes.

    Args:
        report: The diagnosis; excerpts are left out by ``render``.
        logs: Those that belong to it.
        render: Makes the documents.
    """
    report = _without_bytes(report)
    members = {name: render(report, format).encode("utf-8", "backslashreplace") for name, format in DOCUMENTS}
    replaced = 0
    for name, log in zip(_member_names(logs), logs, strict=True):
        members[name], lines = without_bytes(log.text)
        replaced += lines
    listed = [f"{name:<13} the log {inert(log.name)}" for name, log in zip(_member_names(logs), logs, strict=True)]
    members["inputs.json"] = _as_json(inputs_document(report, logs))
    members["README.txt"] = _README.format(
        tool=f"{report.tool.name} {report.tool.version}",
        schema=report.schema,
        logs="\n".join([*listed, ""]) if listed else "",
        left_out=_LEFT_OUT.decode(),
        count=replaced,
    ).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr, info.compress_type = 3, _READABLE, zipfile.ZIP_DEFLATED
            archive.writestr(info, members[name], compresslevel=9)
        archive.comment = BUNDLE_COMMENT
    return stream.getvalue()


def without_bytes(text: bytes) -> tuple[bytes, int]:
    """A log without the bytes that it shows, and in how many lines some were replaced.

    From the first of them on the rest of the line goes, because a hex dump shows the same bytes again as text.
    """
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text.decode("utf-16", "replace").encode()
    kept: list[bytes] = []
    replaced = 0
    for line in text[-_LONGEST_LOG:].splitlines(keepends=True):
        found = _HEX.search(line)
        if found is not None:
            line = line[: found.start()] + _LEFT_OUT + line[len(line.rstrip(b"\r\n")) :]  # noqa: PLW2901 - the line that is kept
            replaced += 1
        kept.append(line)
    return b"".join(kept), replaced


def _without_bytes(report: Report) -> Report:
    """The report without excerpts of the image and without the bytes in the lines of the log that it quotes."""
    report = replace(report, edits=_without_excerpts(report.edits), solve=_solve_without_excerpts(report.solve))
    if report.log is None:
        return report
    quotes = tuple(replace(quote, text=_line_without_bytes(quote.text)) for quote in report.log.quotes)
    return replace(report, log=replace(report.log, quotes=quotes))


def _without_excerpts(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    return tuple(replace(edit, excerpt=None) for edit in edits)


def _solve_without_excerpts(solve: SolveResult | None) -> SolveResult | None:
    if solve is None:
        return None
    solutions = tuple(
        replace(
            solution,
            edits=_without_excerpts(solution.edits),
            readings=tuple(replace(reading, edits=_without_excerpts(reading.edits)) for reading in solution.readings),
        )
        for solution in solve.solutions
    )
    return replace(solve, solutions=solutions)


def _line_without_bytes(line: str) -> str:
    return without_bytes(line.encode("utf-8", "backslashreplace"))[0].decode()


def inputs_document(report: Report, logs: Sequence[BundledLog]) -> dict[str, Any]:
    """``inputs.json``: every file of ``report``, and the tables of its images."""
    sides = (("sent", report.sent), ("received", report.received))
    return {
        "inputs": [to_document(one) for one in report.inputs or inputs_of(report, logs)],
        "images": {role: _tables(one) for role, one in sides if one is not None},
    }


def inputs_of(report: Report, logs: Sequence[BundledLog]) -> tuple[InputFile, ...]:
    """The inputs of a report that does not list them: SENT, RECEIVED and the logs."""
    why = "as it was named"
    sides = ((InputRole.SENT, report.sent), (InputRole.RECEIVED, report.received))
    found = [
        InputFile(name=one.name, role=role, kind=one.container, why=why, size=one.size, sha256=one.sha256)
        for role, one in sides
        if one is not None
    ]
    for log in logs:
        digest = hashlib.sha256(log.text).hexdigest()
        found.append(InputFile(name=log.name, role=InputRole.LOG, kind="log", why=why, size=len(log.text), sha256=digest))
    return tuple(found)


def _tables(artefact: Artefact) -> dict[str, Any] | None:
    """Segment table, checksum and digests of the image in ``artefact``; None when it holds none."""
    image = artefact.image
    if image is None:
        return None
    return {
        "chip": image.chip,
        "size": image.image_size,
        "segments": [
            {"index": one.index, "load_addr": one.load_addr, "data_len": one.data_len, "file_offset": one.header.start}
            for one in image.segments
        ],
        "checksum": {"stored": image.checksum_stored, "calculated": image.checksum_calculated},
        "digest": {"stored": image.digest_stored, "calculated": image.digest_calculated},
    }


def _member_names(logs: Sequence[BundledLog]) -> list[str]:
    """Names below ``logs/`` that any system can unpack, each once."""
    names: list[str] = []
    for number, log in enumerate(logs, 1):
        base = re.sub(r"[^A-Za-z0-9._-]+", "_", log.name.replace("\\", "/").rsplit("/", 1)[-1]).strip("._")[-80:] or "log"
        base = base if base.endswith((".log", ".txt")) else f"{base}.log"
        names.append(f"logs/{base}" if f"logs/{base}" not in names else f"logs/{number}-{base}")
    return names


def _as_json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=2) + "\n").encode()
