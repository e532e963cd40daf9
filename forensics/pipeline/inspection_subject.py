"""What of a file is inspected, and by which device: the file, one slot of it, or the flash that it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics.errors import UsageError
from forensics.model.device import DeviceSettings
from forensics.model.evidence import Evidence
from forensics.model.file_kind import FileKind
from forensics.model.flash import Partition
from forensics.model.image import EspImage
from forensics.model.inspection import FlashContents
from forensics.model.limits import Limits
from forensics.model.span import ByteSpan
from forensics.parse.identify import identify
from forensics.parse.image import parse_image
from forensics.read import read_evidence
from forensics.spec.chips import chip_by_name
from forensics.spec.partition_table import APP_ALIGNMENT

if TYPE_CHECKING:
    from forensics.pipeline.comparison import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The bytes that are walked, and the device that walks them."""

    evidence: Evidence
    data: bytes
    region: ByteSpan
    kind: FileKind
    settings: DeviceSettings
    partition_offset: int | None
    flash: FlashContents | None = None


def evidence_of(source: Source, format: str | None, limits: Limits | None = None) -> Evidence:
    """The file, opened and read as ``format``; as its bytes are when None.

    Raises:
        InputError: it cannot be read.
        UsageError: it is a capture.
    """
    evidence = read_evidence(source, format=format or "raw", limits=limits)
    if evidence.is_capture:
        raise UsageError(
            f"a {evidence.container} capture holds writes, not an image",
            name=evidence.name,
            next_step="give it to otadiff triage",
        )
    return evidence


def content_of(evidence: Evidence) -> bytes:
    """The bytes with the erased end that a container's reader left out, since the device reads that too."""
    return evidence.content + b"\xff" * evidence.erased_tail


def subject_of(
    evidence: Evidence, settings: DeviceSettings, placed: bool, slot: str | None, table_offset: int | None
) -> Subject:
    """What is walked.

    Args:
        evidence: The file.
        settings: The device.
        placed: ``settings.partition_offset`` is where the image is.
        slot: Label or subtype of the partition to walk alone.
        table_offset: Flash address of the partition table; found by itself when None.

    Raises:
        UsageError: the file has no such slot or table.
    """
    data = content_of(evidence)
    image = parse_image(data, digests=False)
    kind = identify(data, image)
    if kind.kind == "bootloader" and not placed and slot is None:
        settings, placed = replace(settings, partition_offset=_bootloader_offset(image, settings)), True
    if not placed and settings.flash_size is not None and settings.partition_offset >= settings.flash_size:
        settings = replace(settings, partition_offset=APP_ALIGNMENT)  # where the slot is was not given
    subject = Subject(
        evidence=evidence,
        data=data,
        region=evidence.region,
        kind=kind,
        settings=settings,
        partition_offset=settings.partition_offset if placed else None,
    )
    several = kind.kind == "merged" or (kind.kind == "esp8266" and kind.apps)
    if not several and table_offset is None and slot is None:
        return subject
    from forensics.pipeline.flash_contents import read_flash_contents  # noqa: PLC0415 - for flash dumps only

    contents = read_flash_contents(data, settings, table_offset=table_offset, name=evidence.name)
    subject = replace(subject, flash=contents)
    return subject if slot is None else _walked_slot(subject, contents, slot, placed)


def _bootloader_offset(image: EspImage, settings: DeviceSettings) -> int:
    """Flash address at which the chip wants its bootloader, and verifies one."""
    chip = chip_by_name(settings.chip or image.chip or "")
    return chip.bootloader_offset if chip else 0


def _walked_slot(subject: Subject, contents: FlashContents, slot: str, placed: bool) -> Subject:
    """The bytes of one partition as the subject, verified where it stands unless another place is given."""
    table = contents.table
    name = subject.evidence.name
    if table is None:
        raise UsageError(f"holds no partition table, so no slot {slot}", name=name, next_step="leave --slot out")
    chosen = next((part for part in table.partitions if slot in (part.label, part.subtype)), None)
    if chosen is None:
        labels = ", ".join(part.label for part in table.partitions)
        raise UsageError(f"the partition table has no slot {slot}", name=name, next_step=f"use one of {labels}")
    start = chosen.offset - contents.base
    if not 0 <= start < len(subject.data):
        raise UsageError(
            f"the file ends before slot {slot}",
            name=name,
            offset=max(start, 0),
            next_step="read the flash again, up to the end of the slot",
        )
    data = subject.data[start : start + chosen.size]
    settings = _settings_of(chosen, subject.settings, placed)
    whole = subject.region.size == len(subject.data)
    return replace(
        subject,
        data=data,
        region=ByteSpan(start, start + len(data)) if whole else subject.region,
        kind=identify(data),
        settings=settings,
        partition_offset=settings.partition_offset,
        flash=replace(contents, slot=chosen.label),
    )


def _settings_of(partition: Partition, settings: DeviceSettings, placed: bool) -> DeviceSettings:
    """The device with the slot that the partition table gives, as far as it is not given otherwise."""
    size = partition.size if settings.partition_size is None else settings.partition_size
    offset = settings.partition_offset if placed else partition.offset
    return replace(settings, partition_offset=offset, partition_size=size)
