"""One file through the device's walk: what it is, what the device says of it, what else lies in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.judge.case import Side
from forensics.judge.image_findings import Placing, broken_part, judge_image, judge_other_file, no_boot
from forensics.judge.judgement import verdict_of
from forensics.model.check import KEY_NOT_KNOWN, SECURE_VERSION, SIGNATURE, Check, Outcome, accepted_words
from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings, Walk
from forensics.model.evidence import Evidence
from forensics.model.finding import Finding, Verdict
from forensics.model.image import EspImage
from forensics.model.inspection import FlashPart, Inspection, InspectionReport
from forensics.model.limits import Limits
from forensics.model.report import Artefact, DeviceWalks, Tool
from forensics.parse.app_names import app_names
from forensics.parse.bootloader import parse_bootloader_descriptor
from forensics.parse.image import parse_image
from forensics.pipeline.inspection_subject import Subject, content_of, evidence_of, subject_of
from forensics.spec.chips import ESP32, chip_by_id, chip_by_name
from forensics.spec.esp_image import IMAGE_MAGIC
from forensics.spec.partition_table import APP_SUBTYPES
from forensics.verify.acceptance import Verified, verify
from forensics.verify.predict import predict_log as predict_walk
from forensics.version import VERSION

if TYPE_CHECKING:
    from forensics.pipeline.comparison import Source

NOT_CHECKED = ("secure boot signature", "anti-rollback version", "flash encryption")
"""Checks that need the device's keys and fuses, which no file shows."""

_APPS = ("app", "esp8266")
_IMAGES = (*_APPS, "bootloader")
_MAY_BEGIN_WITH_IMAGE = ("merged", "unknown", "ciphertext")


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
    return _report(subject_of(evidence_of(source, format, limits), settings, placed, slot, table_offset))


def inspect_evidence(evidence: Evidence) -> InspectionReport:
    """The same for an input that was read, with the device's own defaults."""
    return _report(subject_of(evidence, DEFAULT_SETTINGS, False, None, None))


def _report(subject: Subject) -> InspectionReport:
    parts = _image_parts(subject)
    shown = _shown(subject, parts)
    image = shown.evidence.image if shown.evidence.content is shown.data else None
    image = image or parse_image(shown.data)
    verified = verify(shown.data, image, shown.settings)
    device = verified.device
    checks = verified.checks if shown.kind.kind in (*_IMAGES, "merged") else device.checks
    if parts:
        findings = (*_flash_findings(subject), *(one for part in parts for one in _part_findings(subject, part)))
    else:
        broken = subject.kind.kind == "unknown" and subject.data[:1] == bytes([IMAGE_MAGIC])
        known = broken or (subject.kind.kind in _IMAGES and not (subject.kind.intact and verified.accepted))
        findings = _judged(shown, image, checks, device.chip) if known else ()
        findings = findings[:1] if broken else findings
    if subject.kind.intact is False and subject.kind.kind in _APPS and not findings:
        findings = (broken_part(subject.evidence.name, subject.kind.words),)
    if subject.kind.kind not in _APPS:
        findings += judge_other_file(subject.evidence.name, subject.kind)
    return InspectionReport(
        tool=Tool(name="otadiff", version=VERSION),
        verdict=_verdict(subject, findings),
        summary=_summary(findings, subject, parts, verified),
        sent=_artefact(subject, image),
        findings=findings,
        device=DeviceWalks(sent=checks),
        not_checked=_not_checked(checks),
        inspection=Inspection(
            kind=subject.kind,
            idf=device.idf,
            chip=device.chip,
            err=device.err,
            mmu_page=device.mmu_page,
            partition_offset=shown.partition_offset,
            names=app_names(subject.data) if subject.kind.kind in (*_IMAGES, "mcuboot") else (),
            bootloader=parse_bootloader_descriptor(subject.data) if subject.kind.kind == "bootloader" else None,
            trailing=verified.trailing if subject.kind.kind in _IMAGES else None,
            flash=subject.flash,
        ),
    )


def _judged(
    subject: Subject, image: EspImage, checks: tuple[Check, ...], chip: str, part: FlashPart | None = None
) -> tuple[Finding, ...]:
    """What is wrong with the image that ``subject`` is, or with one ``part`` of it, on the device's ``chip``."""
    side = Side(name=subject.evidence.name, data=subject.data, image=image, checks=checks, known_kind=subject.kind)
    placing = _placing(image, chip, subject.settings)
    if part is not None:
        placing = replace(placing, part=_called(part), slot=part.label if part.subtype else None)
    return judge_image(side, placing)


def _parts(subject: Subject) -> tuple[FlashPart, ...]:
    """The parts of a file that is looked at as a whole; none of one image, and of one slot."""
    return subject.flash.parts if subject.flash is not None and subject.flash.slot is None else ()


def _image_parts(subject: Subject) -> tuple[FlashPart, ...]:
    """The images of a file that holds several, each verified where it is."""
    return tuple(part for part in _parts(subject) if part.image is not None)


def _shown(subject: Subject, parts: tuple[FlashPart, ...]) -> Subject:
    """Of several images the one with which the file begins, else the one that boots, else the first."""
    boots = subject.flash.boots if subject.flash is not None else None
    wanted = [part for part in parts if part.span.start == 0] or [part for part in parts if part.label == boots] or parts
    if not wanted:
        return subject
    part = wanted[0]
    settings = replace(subject.settings, partition_offset=part.address)
    return replace(
        subject, data=subject.data[part.span.start : part.span.end], settings=settings, partition_offset=part.address
    )


def _flash_findings(subject: Subject) -> tuple[Finding, ...]:
    """What keeps the whole from booting although each image may be right."""
    flash = subject.flash
    if flash is None or flash.table is None:
        return ()
    name = subject.evidence.name
    if flash.table.problems:
        return (no_boot(f"the partition table of {name} is damaged: {flash.table.problems[0]}"),)
    seen = all(
        part.span.size == part.size or part.accepted is not None for part in flash.parts if part.subtype in APP_SUBTYPES
    )
    if flash.boots or any(part.doubt for part in flash.parts) or not seen or not flash.table.ota_slots:
        return ()
    return (no_boot(f"no app of {name} would boot: the device accepts none", flash.why),)


def _part_findings(subject: Subject, part: FlashPart) -> tuple[Finding, ...]:
    """What is wrong with one image of several, where it is."""
    if part.image is None or part.doubt or (part.accepted and (part.image.valid or part.intact)):
        return ()
    if part.intact is False:
        return (broken_part(f"{_called(part)} of {subject.evidence.name}", part.holds),)
    own = replace(subject, settings=replace(subject.settings, partition_offset=part.address))
    whole = subject.flash.chip if subject.flash is not None else None
    # As in the walk, an id that no chip has is looked at by the rules of the ESP32.
    return _judged(own, part.image, part.checks, whole or part.image.chip or ESP32.name, part)


def _called(part: FlashPart) -> str:
    return f"{part.label} at 0x{part.address:x}"


def _verdict(subject: Subject, findings: tuple[Finding, ...]) -> Verdict:
    """Healthy when an image was verified, or a container agrees with itself, and nothing is wrong."""
    if any(not finding.benign for finding in findings):
        return verdict_of(findings)
    verified = subject.kind.kind in _IMAGES or bool(subject.kind.intact) or bool(_image_parts(subject))
    return Verdict.HEALTHY if verified and not _doubts(subject) else Verdict.INCONCLUSIVE


def _doubts(subject: Subject) -> list[str]:
    """What in the file was not verified, and why."""
    return [f"{part.label} was not verified: {part.doubt}" for part in _parts(subject) if part.doubt]


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
        return predict_walk(content_of(evidence_of(source, format)), settings)
    subject = subject_of(evidence_of(source, format), settings, placed, slot, table_offset)
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


def _placing(image: EspImage, chip: str, settings: DeviceSettings) -> Placing:
    known = chip_by_name(chip)
    header = image.header
    end = settings.partition_offset + (image.image_size or image.size)
    return Placing(
        chip=known.name if known else chip,
        chip_known=image.chip is not None or header is None or chip_by_id(header.chip_id) is not None,
        fits_flash=settings.flash_size is None or end <= settings.flash_size,
    )


def _summary(findings: tuple[Finding, ...], subject: Subject, parts: tuple[FlashPart, ...], verified: Verified) -> str:
    """The first line that a person reads."""
    harm = [finding for finding in findings if not finding.benign]
    if harm:
        return harm[0].summary
    name = subject.evidence.name
    where = f"slot {subject.flash.slot} of {name}" if subject.flash and subject.flash.slot else name
    what = f"{where} is {subject.kind.words}"
    doubts = _doubts(subject)
    if doubts:
        return f"{what}; {doubts[0]}"
    if parts:
        many = {1: "it", 2: "both images"}.get(len(parts), f"all {len(parts)} images")
        limited = (part.checks for part in parts if accepted_words(part.checks) != accepted_words(()))
        return f"{what}; the device {accepted_words(next(limited, ()), many)}"
    if subject.kind.kind not in _IMAGES:
        return what if subject.kind.intact else f"{what}: no image to verify"
    return f"{what}; the device {accepted_words(verified.checks)} ({_verifier(verified.device)})"


def _not_checked(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """The checks of ``NOT_CHECKED`` that were not made all the same."""
    made = {check.step: check for check in checks}
    signature = made.get(SIGNATURE)
    left = list(NOT_CHECKED)
    if signature is not None and signature.outcome is not Outcome.SKIPPED:
        left[0] = "whether the device trusts the key" if signature.reason == KEY_NOT_KNOWN else ""
    if SECURE_VERSION in made:
        left[1] = ""
    return tuple(words for words in left if words)


def _verifier(device: Walk) -> str:
    return f"ESP-IDF {device.idf}" if device.chip != "esp8266" else "ESP8266_RTOS_SDK"


def _artefact(subject: Subject, image: EspImage) -> Artefact:
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
