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
from forensics.pipeline.sharing import LEFT_OUT, Pseudonyms, shareable
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

_README = """\
A bundle by {tool}: what is needed to talk about one transfer, without the firmware.

report.json   the diagnosis, {schema}; "otadiff render report.json" shows it
report.md     the same for an issue
report.html   the same for a browser
inputs.json   name, size, SHA-256 and role of every file; segment tables and checksums of the images
{logs}
{promise}"""

_PROMISE = """\
No image, dump or capture is in here, and no excerpt of one. Of the logs, lines that otadiff understands are kept; of other
lines words are, and a few numbers between them, and the rest is replaced by "{left_out}" ({count} lines here). {sent}
"""
_WITH_SENT = "otadiff then read the logs as it reads any text, and found no bytes of the image that was sent in them."
_WITHOUT_SENT = "The image that was sent was not at hand, so nobody can promise that no log shows a few bytes of it."
_REDACTED = """\
Addresses of Bluetooth and networks, names of networks, hosts and users, secrets and folders are replaced by names such as
[address 1], the same everywhere, as far as they look like such.
"""
_NOT_REDACTED = "Names, addresses, networks and secrets that a device printed are still there: --no-redact was given.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledLog:
    """A log by its file name, and its text as it was given."""

    name: str
    text: bytes


def make_bundle(
    report: Report, logs: Sequence[BundledLog], render: Render, *, sent: bytes = b"", redact: bool = True
) -> bytes:
    """The zip itself; the same report and logs give the same bytes.

    Args:
        report: The diagnosis; excerpts are left out by ``render``.
        logs: Those that belong to it.
        render: Makes the documents.
        sent: The image that was sent, to look for its bytes in the logs.
        redact: Put pseudonyms for what tells who and where.
    """
    pseudonyms = Pseudonyms() if redact else None
    digests = _digests(report)
    if pseudonyms is not None:
        logs = [replace(log, name=pseudonyms.put_into(log.name)) for log in logs]
    names = _member_names(logs)
    shown = [shareable(log.text[-_LONGEST_LOG:], sent, digests, pseudonyms) for log in logs]
    report = _without_bytes(report)
    report = report if pseudonyms is None else redacted(report, pseudonyms)
    members = {name: render(report, format).encode("utf-8", "backslashreplace") for name, format in DOCUMENTS}
    members |= {name: text.encode("utf-8", "backslashreplace") for name, (text, _cut) in zip(names, shown, strict=True)}
    listed = [f"{name:<13} the log {inert(log.name)}" for name, log in zip(names, logs, strict=True)]
    members["inputs.json"] = _as_json(inputs_document(report, logs))
    promise = _PROMISE.format(
        left_out=LEFT_OUT, count=sum(cut for _text, cut in shown), sent=_WITH_SENT if sent else _WITHOUT_SENT
    )
    members["README.txt"] = _README.format(
        tool=f"{report.tool.name} {report.tool.version}",
        schema=report.schema,
        logs="\n".join([*listed, ""]) if listed else "",
        promise=promise + (_REDACTED if redact else _NOT_REDACTED),
    ).encode("utf-8", "backslashreplace")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr, info.compress_type = 3, _READABLE, zipfile.ZIP_DEFLATED
            archive.writestr(info, members[name], compresslevel=9)
        archive.comment = BUNDLE_COMMENT
    return stream.getvalue()


def _digests(report: Report) -> set[str]:
    """The digests that the report knows: they are no bytes of an image, wherever a log shows them."""
    found = [one.sha256 for one in report.inputs]
    for artefact in (report.sent, report.received):
        image = artefact.image if artefact is not None else None
        found += [artefact.sha256] if artefact is not None else []
        if image is not None:
            found += [
                image.digest_stored or "",
                image.digest_calculated or "",
                image.app.app_elf_sha256 if image.app else "",
            ]
    return {one.lower() for one in found if one}


def redacted(report: Report, pseudonyms: Pseudonyms) -> Report:
    """The report with pseudonyms in every text."""
    return type(report).from_dict(_redacted(report.to_dict(), pseudonyms))


def _redacted(value: Any, pseudonyms: Pseudonyms) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return pseudonyms.put_into(value)
    if isinstance(value, list):
        return [_redacted(item, pseudonyms) for item in value]
    return {key: _redacted(item, pseudonyms) for key, item in value.items()} if isinstance(value, dict) else value


def _without_bytes(report: Report) -> Report:
    """The report without excerpts of the image and without the bytes in the lines of the log that it quotes."""
    report = replace(report, edits=_without_excerpts(report.edits), solve=_solve_without_excerpts(report.solve))
    if report.log is None:
        return report
    quotes = tuple(replace(one, text=shareable(one.text.encode(), b"", (), None)[0]) for one in report.log.quotes)
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
