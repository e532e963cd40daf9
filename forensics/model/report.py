"""The whole answer, exactly what ``--json`` writes and any renderer reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from forensics.model.alignment import Chunking, Edit, Layer, Span
from forensics.model.check import Check
from forensics.model.document import from_document, to_document
from forensics.model.error import ReportError
from forensics.model.evidence import HowRead
from forensics.model.finding import Finding, Verdict
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan

if TYPE_CHECKING:
    from forensics.model.capture import TimelineEvent
    from forensics.model.log import DeviceLog
    from forensics.model.solve import SolveResult

SCHEMA = "otadiff.report/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """The program that made the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """One side of the comparison.

    Attributes:
        name: File name without its folder, or ``stdin``, ``bytes``.
        size: Bytes of the raw input; ``sha256`` is over the same bytes.
        image: The image found in the compared region, or None when it holds none.
        container: ``raw``, ``slot``, ``flash``, ``hexdump`` ...; what the bytes were taken from.
        region: Range of the raw input that was compared.
        transform: Encoding undone before comparing, or None; spans and edits then count in decoded bytes.
        reading: How the file was read, where there was more than one way; None for bytes as they are.
    """

    name: str
    size: int
    sha256: str
    image: EspImage | None
    container: str = "raw"
    region: ByteSpan | None = None
    transform: str | None = None
    reading: HowRead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWalks:
    """The device's checks over each side; empty when a side is absent."""

    sent: tuple[Check, ...] = ()
    received: tuple[Check, ...] = ()


class InputRole(StrEnum):
    """What an input of ``otadiff triage`` was taken as."""

    SENT = "sent"
    RECEIVED = "received"
    CAPTURE = "capture"
    LOG = "log"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One file that ``otadiff triage`` found, and what it was taken as.

    Attributes:
        name: Its path below the folder or archive that was given, with forward slashes; else the file's name.
        role: One file may have two, such as a log full of hex; each is listed.
        kind: What it is: a container (``btsnoop``), a kind of file (``app``, ``elf``), ``log`` or ``unreadable``.
        why: Why it was taken for that, or left out: one clause.
        size: Bytes; None when the file was not read, as ``sha256`` is.
        protocol: Name of the BLE OTA protocol that a capture's writes speak; None when unknown, and for all else.
    """

    name: str
    role: InputRole
    kind: str
    why: str
    size: int | None = None
    sha256: str | None = None
    protocol: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One diagnosis. The same inputs give the same report: no clock, no machine, no path is in it."""

    schema: str = SCHEMA
    tool: Tool
    verdict: Verdict
    summary: str
    sent: Artefact | None = None
    received: Artefact | None = None
    chunking: Chunking | None = None
    layers: tuple[Layer, ...] = ()
    spans: tuple[Span, ...] = ()
    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = ()
    device: DeviceWalks = DeviceWalks()
    log: DeviceLog | None = None
    solve: SolveResult | None = None
    timeline: tuple[TimelineEvent, ...] = ()
    not_checked: tuple[str, ...] = ()
    inputs: tuple[InputFile, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document: integers, ``[start, end]`` pairs, bytes as lower-case hex."""
        document: dict[str, Any] = to_document(self)
        return document

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Report:
        """The report that ``to_dict`` wrote.

        Raises:
            ReportError: it is not an ``otadiff.report/1`` document.
        """
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise ReportError(f"this is no {SCHEMA} document")
        return from_document(cls, document)
