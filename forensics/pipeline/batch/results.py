"""What is kept of each case: one line of JSON Lines, one row of a table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forensics.errors import InputError
from forensics.model.document import from_document, to_document
from forensics.model.error import ReportError
from forensics.model.report import InputFile

if TYPE_CHECKING:
    from forensics.model.image import EspImage
    from forensics.model.report import Report
    from forensics.open import Content

SCHEMA = "otadiff.case/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinding:
    """One finding, without its notes and remedies; ``place`` is the leg of the transfer."""

    code: str
    slug: str
    certainty: str
    place: str
    benign: bool
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """The outcome of one case. Nothing in it depends on the clock, the machine or the path.

    Attributes:
        verdict: ``healthy``, ``faulty`` or ``inconclusive``; None when the case could not be worked on.
        codes: Those of the findings that are not benign, each once, the most telling first.
        project: Name of the program, of the image or of the log; ``firmware_version``, ``idf_version`` likewise.
        protocol: BLE OTA protocol of the capture; None without one.
        fingerprint: SHA-256 over the names and digests of all its files: the same again is the same case.
        error: Why it could not be worked on; None with a verdict.
    """

    schema: str = SCHEMA
    case: str
    verdict: str | None = None
    codes: tuple[str, ...] = ()
    summary: str = ""
    project: str | None = None
    firmware_version: str | None = None
    idf_version: str | None = None
    chip: str | None = None
    protocol: str | None = None
    chunk_size: int | None = None
    findings: tuple[CaseFinding, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    fingerprint: str | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, as ``Report.to_dict`` writes."""
        document: dict[str, Any] = to_document(self)
        return document

    @classmethod
    def from_dict(cls, document: Any) -> CaseResult:  # noqa: ANN401 - whatever a line of JSON held
        """The result that ``to_dict`` wrote.

        Raises:
            ReportError: it is not an ``otadiff.case/1`` object.
        """
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise ReportError(f"this is no {SCHEMA} object")
        return from_document(cls, document)


def result_of(case: str, report: Report, fingerprint: str) -> CaseResult:
    """What is kept of ``report``."""
    image = _image(report)
    app = image.app if image is not None else None
    logged = _logged_app(report)
    serious = [finding for finding in report.findings if not finding.benign]
    return CaseResult(
        case=case,
        verdict=report.verdict.value,
        codes=tuple(dict.fromkeys(finding.code for finding in serious)),
        summary=report.summary,
        project=app.project_name if app is not None else logged.get("project"),
        firmware_version=app.version if app is not None else logged.get("version"),
        idf_version=app.idf_ver if app is not None else logged.get("idf"),
        chip=image.chip if image is not None else None,
        protocol=next((one.protocol for one in report.inputs if one.protocol), None),
        chunk_size=report.chunking.size if report.chunking is not None else None,
        findings=tuple(
            CaseFinding(
                code=finding.code,
                slug=finding.slug,
                certainty=finding.certainty.value,
                place=finding.where.value,
                benign=finding.benign,
                summary=finding.summary,
            )
            for finding in report.findings
        ),
        inputs=report.inputs,
        fingerprint=fingerprint,
    )


def fingerprint_of(files: Iterable[Content]) -> str:
    """SHA-256 over names and digests of ``files``, whatever their order."""
    lines = sorted(f"{file.name}\0{_digest(file)}\n" for file in files)
    return hashlib.sha256("".join(lines).encode("utf-8", "backslashreplace")).hexdigest()


def _digest(file: Content) -> str:
    """SHA-256 of the content, or why there is none."""
    if not file.is_readable:
        return file.problem or ""
    try:
        return hashlib.sha256(file.whole()).hexdigest()
    except InputError as error:
        return error.reason


def _image(report: Report) -> EspImage | None:
    """The image that names the firmware: that of SENT, else what was received."""
    sides = (report.sent, report.received)
    return next((side.image for side in sides if side is not None and side.image is not None), None)


def _logged_app(report: Report) -> dict[str, str]:
    """What the last boot in the log says of the program."""
    told: dict[str, str] = {}
    for event in report.log.events if report.log is not None else ():
        if event.kind == "app_info":
            told |= {key: value for key, value in event.fields.items() if isinstance(value, str)}
    return told
