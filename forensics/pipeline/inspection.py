"""One file through the device's walk: what it is, what the device says of it, what else lies in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics.errors import UsageError
from forensics.judge.case import Side
from forensics.judge.image_findings import Placing, judge_image
from forensics.judge.judgement import verdict_of
from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings, Walk
from forensics.model.evidence import Evidence
from forensics.model.file_kind import FileKind
from forensics.model.finding import Finding, Verdict
from forensics.model.flash import Partition
from forensics.model.image import EspImage
from forensics.model.inspection import FlashContents, Inspection, InspectionReport
from forensics.model.limits import Limits
from forensics.model.report import Artefact, DeviceWalks, Tool
from forensics.model.span import ByteSpan
from forensics.parse.bootloader import parse_bootloader_descriptor
from forensics.parse.identify import identify
from forensics.parse.image import parse_image
from forensics.parse.trailing import parse_trailing
from forensics.read import read_evidence
from forensics.spec.chips import chip_by_id, chip_by_name
from forensics.spec.esp_image import IMAGE_MAGIC
from forensics.verify.predict import predict_log as predict_walk
from forensics.verify.walk import walk
from forensics.version import VERSION

if TYPE_CHECKING:
    from forensics.pipeline.comparison import Source

NOT_CHECKED = ("secure boot signature", "anti-rollback version", "flash encryption")
"""Checks that need the device's keys and fuses, which no file shows."""

_IMAGES = ("app", "bootloader", "esp8266")
_MAY_BEGIN_WITH_IMAGE = ("merged", "unknown", "ciphertext")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """The bytes that are walked, and the device that walks them."""

    evidence: Evidence
    data: bytes
    region: ByteSpan
    kind: FileKind
    settings: DeviceSettings
    partition_offset: int | None
    flash: FlashContents | None = None


def inspect_source(
    source: Source,
    *,
    settings: DeviceSettings = DEFAULT_SETTINGS,
    placed: bool = False,
    slot: str | None = None,
    table_offset: int | None = None,
    format: str | None = None,
    limits: Limits | None = None,
) -> InspectionReport:
    """What ``source`` is and what the device would say of it.

    Args:
        source: The file: bytes-like is the content, ``str`` and ``Path`` are paths, ``-`` is standard input.
        settings: The device.
        placed: ``settings.partition_offset`` is where the image stands, so flash addresses are shown.
        slot: Label or subtype (``ota_0``) of the partition of a flash dump to walk, at its own flash address.
        table_offset: Flash address of the partition table; found by itself when None.
        format: Container of the file (``hexdump``, ``intel-hex`` ...); its bytes as they are when None.
        limits: How much may be unpacked.

    Raises:
        InputError: the file cannot be read.
        UsageError: options that contradict the file, or settings that name no chip, version or level.
    """
    return _report(_subject(_evidence(source, format, limits), settings, placed, slot, table_offset))


def inspect_evidence(evidence: Evidence) -> InspectionReport:
    """The same for an input that was read, with the device's own defaults."""
    return _report(_subject(evidence, DEFAULT_SETTINGS, False, None, None))


def _report(subject: _Subject) -> InspectionReport:
    image = subject.evidence.image if subject.evidence.content is subject.data else None
    image = image or parse_image(subject.data)
    device = walk(subject.data, image, subject.settings)
    side = Side(
        name=subject.evidence.name,
        data=subject.data,
        image=image,
        checks=device.checks,
        known_kind=subject.kind,
    )
    findings = judge_image(side, _placing(image, device, subject))
    return InspectionReport(
        tool=Tool(name="otadiff", version=VERSION),
        verdict=verdict_of(findings) if findings else Verdict.HEALTHY,
        summary=_summary(findings, subject, device),
        sent=_artefact(subject, image),
        findings=findings,
        device=DeviceWalks(sent=device.checks),
        not_checked=NOT_CHECKED,
        inspection=Inspection(
            kind=subject.kind,
            idf=device.idf,
            chip=device.chip,
            err=device.err,
            partition_offset=subject.partition_offset,
            bootloader=parse_bootloader_descriptor(subject.data) if subject.kind.kind == "bootloader" else None,
            trailing=parse_trailing(subject.data, image) if subject.kind.kind in _IMAGES else None,
            flash=subject.flash,
        ),
    )


def predict(
    source: Source,
    *,
    settings: DeviceSettings = DEFAULT_SETTINGS,
    placed: bool = False,
    slot: str | None = None,
    table_offset: int | None = None,
    format: str | None = None,
) -> Walk:
    """The lines that the device prints over ``source``, with its result code; arguments as ``inspect_source`` takes.

    Raises:
        InputError: the file cannot be read.
        UsageError: as ``inspect_source``.
    """
    if slot is None:
        return predict_walk(_content(_evidence(source, format)), settings)
    subject = _subject(_evidence(source, format), settings, placed, slot, table_offset)
    return predict_walk(subject.data, subject.settings)


def predict_log(
    image: Source,
    *,
    idf: str | None = None,
    chip: str | None = None,
    partition_offset: int = DEFAULT_SETTINGS.partition_offset,
    partition_size: int | None = None,
    flash_size: int | None = None,
    chip_revision: int | None = None,
    efuse_block_revision: int | None = None,
    free_pages: int = DEFAULT_SETTINGS.free_pages,
    level: str = DEFAULT_SETTINGS.level,
) -> Walk:
    """What the device prints and returns when it verifies ``image``; each argument as in ``DeviceSettings``.

    Raises:
        OtadiffError: the file cannot be read, or an argument names no chip, version or level.
    """
    settings = DeviceSettings(
        idf=idf,
        chip=chip,
        partition_offset=partition_offset,
        partition_size=partition_size,
        flash_size=flash_size,
        chip_revision=chip_revision,
        efuse_block_revision=efuse_block_revision,
        free_pages=free_pages,
        level=level,
    )
    return predict(image, settings=settings)


def _evidence(source: Source, format: str | None, limits: Limits | None = None) -> Evidence:
    evidence = read_evidence(source, format=format or "raw", limits=limits)
    if evidence.is_capture:
        raise UsageError(
            f"a {evidence.container} capture holds writes, not an image",
            name=evidence.name,
            next_step="give it to otadiff triage",
        )
    return evidence


def _content(evidence: Evidence) -> bytes:
    """The bytes with the erased end that a container's reader left out, since the device reads that too."""
    return evidence.content + b"\xff" * evidence.erased_tail


def _subject(
    evidence: Evidence, settings: DeviceSettings, placed: bool, slot: str | None, table_offset: int | None
) -> _Subject:
    data = _content(evidence)
    kind = identify(data)
    subject = _Subject(
        evidence=evidence,
        data=data,
        region=evidence.region,
        kind=kind,
        settings=settings,
        partition_offset=settings.partition_offset if placed else None,
    )
    if kind.kind != "merged" and table_offset is None and slot is None:
        return subject
    from forensics.pipeline.flash_contents import read_flash_contents  # noqa: PLC0415 - for flash dumps only

    contents = read_flash_contents(data, kind, settings, table_offset=table_offset, name=evidence.name)
    subject = replace(subject, flash=contents)
    return subject if slot is None else _walked_slot(subject, contents, slot, placed)


def _walked_slot(subject: _Subject, contents: FlashContents, slot: str, placed: bool) -> _Subject:
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


def _placing(image: EspImage, device: Walk, subject: _Subject) -> Placing:
    chip = chip_by_name(device.chip)
    header = image.header
    settings = subject.settings
    end = settings.partition_offset + (image.image_size or image.size)
    offset = subject.partition_offset
    return Placing(
        chip=chip.name if chip else device.chip,
        bootloader_offset=chip.bootloader_offset if chip else 0,
        chip_known=image.chip is not None or header is None or chip_by_id(header.chip_id) is not None,
        fits_flash=settings.flash_size is None or end <= settings.flash_size,
        bootloader_wanted=chip is not None and offset is not None and offset == chip.bootloader_offset,
    )


def _summary(findings: tuple[Finding, ...], subject: _Subject, device: Walk) -> str:
    """The first line that a person reads."""
    if findings:
        return findings[0].summary
    name = subject.evidence.name
    where = f"slot {subject.flash.slot} of {name}" if subject.flash and subject.flash.slot else name
    return f"{where} is {subject.kind.words}; the device accepts it ({_verifier(device)})"


def _verifier(device: Walk) -> str:
    return f"ESP-IDF {device.idf}" if device.chip != "esp8266" else "ESP8266_RTOS_SDK"


def _artefact(subject: _Subject, image: EspImage) -> Artefact:
    evidence = subject.evidence
    begins = subject.kind.kind in _MAY_BEGIN_WITH_IMAGE and image.header is not None and image.header.magic == IMAGE_MAGIC
    flash = subject.flash is not None and subject.flash.table is not None
    return Artefact(
        name=evidence.name,
        size=evidence.raw_size,
        sha256=evidence.raw_sha256,
        image=image if subject.kind.kind in _IMAGES or begins else None,
        container="flash" if flash else evidence.container,
        region=subject.region,
    )
