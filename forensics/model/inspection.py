"""What an inspection tells beside the image and its walk: the kind of file, the device, what else lies in it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from forensics.model.check import Check
from forensics.model.document import from_document
from forensics.model.file_kind import FileKind
from forensics.model.flash import BootloaderDescriptor, OtaData, PartitionTable, TrailingBytes
from forensics.model.image import AppName, EspImage
from forensics.model.report import Report
from forensics.model.span import ByteSpan

LOADER = "loader"
"""Label of what the boot ROM of an ESP8266 starts: eboot, rBoot, or the SDK's boot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashPart:
    """One partition, or one app found without a table, and what it holds.

    Attributes:
        label: From the partition table; ``bootloader`` or ``app`` for what stands in none.
        subtype: ``ota_0``, ``nvs`` ...; empty without a table.
        span: File offsets, as far as the file reaches.
        address: Flash address of its first byte.
        size: Bytes of the partition; of the image for what stands in none.
        holds: What it holds, in words.
        accepted: The device takes the image in it; None where it holds none.
        image: The image in it, with its checksum and digest.
        checks: Those of the device, over that image where it is.
        doubt: Why the image in it was not verified; empty where it was, or where there is none.
        intact: What else shows that it is whole, or is not, where the device looks at neither checksum nor digest.
    """

    label: str
    subtype: str
    span: ByteSpan
    address: int
    size: int
    holds: str
    accepted: bool | None = None
    image: EspImage | None = None
    checks: tuple[Check, ...] = ()
    doubt: str = ""
    intact: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashContents:
    """A whole-flash dump or merged image, part by part.

    Attributes:
        base: Flash address of the first byte of the file.
        chip: The chip that all of it is for, as ESP-IDF or the image names it; None where nothing tells.
        parts: In the order of their places.
        table: None when none was found.
        otadata: None when the table has no such partition, or the file ends before it.
        boots: Label of the partition that the bootloader starts, or None when no image in it is accepted.
        why: The reason, one sentence.
        slot: Label of the partition that was walked, or None when it was the file.
    """

    base: int
    parts: tuple[FlashPart, ...]
    chip: str | None = None
    table: PartitionTable | None = None
    otadata: OtaData | None = None
    boots: str | None = None
    why: str = ""
    slot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Beside ``EspImage`` and the checks.

    Attributes:
        kind: What the bytes are.
        idf: ESP-IDF version that was walked (``v4.4.8``, ``master``).
        chip: The device's chip, as ESP-IDF names it (``esp32c3``).
        err: The ``esp_err_t`` that the verifier returns, signed.
        mmu_page: Bytes of the MMU pages for which the image was built.
        partition_offset: Flash address of the image; None when none was given.
        names: What texts in the image call it, beside its descriptor.
        bootloader: Its own description, in a bootloader of ESP-IDF v5.2 and later.
        trailing: What stands after the image.
        flash: What a flash dump or merged image holds; None for everything else.
    """

    kind: FileKind
    idf: str
    chip: str
    err: int
    mmu_page: int = 0x10000
    partition_offset: int | None = None
    names: tuple[AppName, ...] = ()
    bootloader: BootloaderDescriptor | None = None
    trailing: TrailingBytes | None = None
    flash: FlashContents | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionReport(Report):
    """The report of one image, with the key ``inspection`` beside those that every report has."""

    inspection: Inspection

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> InspectionReport:
        """The report that ``to_dict`` wrote.

        Raises:
            ReportError: it is not an ``otadiff.report/1`` document, or not of an inspection.
        """
        report = Report.from_dict(document)
        inspection = from_document(Inspection, document.get("inspection"))
        return cls(**{item.name: getattr(report, item.name) for item in fields(report)}, inspection=inspection)
