"""SENT and RECEIVED through all the stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from forensics.align.aligner import align
from forensics.align.transforms import lossy, undone
from forensics.errors import UsageError
from forensics.judge.case import Compared, Side
from forensics.judge.judgement import Judgement, judge
from forensics.model.alignment import Alignment, Chunking, ChunkSource, Edit, Relation, Span
from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings
from forensics.model.evidence import TEXT_NAMES, Evidence
from forensics.model.finding import Finding
from forensics.model.image import EspImage
from forensics.model.limits import Limits
from forensics.model.report import Artefact, DeviceWalks, Report, Tool
from forensics.open import Content, open_content
from forensics.parse.image import parse_image
from forensics.pipeline.region import part_of
from forensics.read import choose_reader, read_evidence
from forensics.spec.esp_image import IMAGE_MAGIC
from forensics.spec.flash import ERASED_SECTOR
from forensics.spec.versions import IdfVersion
from forensics.verify.walk import walk
from forensics.version import VERSION

Source = bytes | bytearray | memoryview | str | Path | Content
"""Bytes-like is the content; ``str`` and ``Path`` are paths, ``-`` is standard input; what is open has its own name."""

NOT_CHECKED = ("secure boot signature", "anti-rollback version", "chip and eFuse revision", "flash encryption")
"""Checks that need the device's keys and fuses, which no file shows."""

Placed = TypeVar("Placed", Span, Edit)

_MAGIC = bytes((IMAGE_MAGIC,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to compare.

    Attributes:
        chunk_size: Bytes of one application write, when known.
        offset: File offset in RECEIVED where the image begins; found by itself when None.
        slot: Label of the partition in a whole-flash dump.
        format: Container of RECEIVED, when it must not be recognised by content.
        capture: A capture of the link beside RECEIVED, which tells on which leg a fault lies.
        log: The device's log of this transfer as text or bytes, and ``log_name``, how to call it.
        progress: Told now and then how many bytes of a capture were read.
        limits: How much may be unpacked.
    """

    chunk_size: int | None = None
    offset: int | None = None
    slot: str | None = None
    format: str | None = None
    capture: Source | Evidence | None = None
    log: str | bytes | None = None
    log_name: str = "device.log"
    progress: Callable[[int], None] | None = None
    limits: Limits | None = None


def compare_sources(sent: Source, received: Source, options: Options) -> Report:
    """The main job: what happened to ``sent`` on its way to ``received``.

    Raises:
        InputError: an input cannot be read.
        UsageError: options contradict each other or the inputs.
    """
    if isinstance(sent, str) and isinstance(received, str) and sent == received == "-":
        raise UsageError("only one of SENT and RECEIVED can be standard input", next_step="name a file for the other")
    opened = open_content(received)
    sent_side = sent_evidence(sent, opened)
    if options.format is None and _is_sent_as_it_is(sent_side):
        options = replace(options, format="raw")
    return compare_read(sent_side, _received(opened, sent_side, options), options)


def compare_read(sent: Evidence, received: Evidence, options: Options) -> Report:
    """The same for two inputs that were read.

    Raises:
        InputError: a capture cannot be read.
        UsageError: options contradict each other or the inputs.
    """
    chunking = given_chunking(options.chunk_size)
    received = received if received.is_capture else part_of(received, sent.content, options.offset)
    if options.capture is None and not (received.is_capture or received.damaged or received.pieces or sent.damaged):
        report = _told(with_log(compared(sent, received, chunking), options), sent, received)
        return with_quoted_log(report, options)
    from forensics.pipeline.links import told_with_link  # noqa: PLC0415 - not needed for a plain file

    return told_with_link(sent, received, chunking, options)


def sent_evidence(source: Source, received: Content) -> Evidence:
    """The bytes that went over the link.

    Args:
        source: SENT, as it is or in something that people keep it in.
        received: RECEIVED, which tells whether what SENT is kept in was sent as well.

    Raises:
        InputError: it cannot be read.
    """
    raw = read_evidence(source, format="raw")
    if (
        raw.content[:1] == _MAGIC
        and not raw.content.endswith(ERASED_SECTOR)
        and choose_reader(raw.content).container != "flash"
    ):
        return raw
    from forensics.pipeline.sent import unwrapped_sent  # noqa: PLC0415 - not needed for a plain file

    return unwrapped_sent(raw, received)


def _is_sent_as_it_is(sent: Evidence) -> bool:
    """What was sent is a file that otadiff would unwrap: RECEIVED must not be unwrapped then, either."""
    return sent.container == "raw" and choose_reader(sent.content).container not in ("raw", "flash")


def compare_bytes(sent: bytes, received: bytes, options: Options) -> Report:
    """``compare_sources`` for bytes made here, named as in the samples."""
    pair = read_evidence(sent, name="sent.bin", format="raw"), read_evidence(received, name="received.bin")
    return _told(compared(*pair, given_chunking(options.chunk_size)), *pair)


def given_chunking(size: int | None) -> Chunking | None:
    """The chunk plan that the user gave.

    Raises:
        UsageError: a size that cannot be.
    """
    if size is None:
        return None
    if size < 1:
        raise UsageError(f"a chunk size of {size} bytes is impossible", next_step="give the payload per write, e.g. 244")
    return Chunking(size=size, source=ChunkSource.GIVEN)


def _received(source: Content, sent: Evidence, options: Options) -> Evidence:
    text_as = options.format if options.format in TEXT_NAMES else None
    evidence = read_evidence(source, format="raw" if text_as else options.format, slot=options.slot, limits=options.limits)
    if evidence.is_capture:
        if options.offset is not None:
            raise UsageError(
                "is a capture, in which the image has no file offset", name=evidence.name, next_step="leave --offset out"
            )
        return evidence
    if text_as or (options.format is None and evidence.container == "raw"):
        evidence = _of_text(evidence, sent, text_as)
    if options.offset is not None and options.slot is None and evidence.container in ("flash", "slot"):
        evidence = read_evidence(source, name=evidence.name, format="raw")
    return evidence


def _of_text(evidence: Evidence, sent: Evidence, read_as: str | None) -> Evidence:
    """The bytes that a text shows; what is no text stays as it is."""
    if read_as is None and evidence.content[:1] == sent.content[:1] == _MAGIC:
        return evidence
    from forensics.read.weighing import told_by, weighed  # noqa: PLC0415 - not needed for a plain file

    return told_by(evidence, sent.content) if read_as is None else weighed(evidence, sent.content, read_as)


def compared(sent: Evidence, received: Evidence, chunking: Chunking | None) -> Compared:
    """Both sides aligned, and what is known of them; an encoding that can be undone is undone first."""
    data, transform = received.content, None
    decoded = undone(sent.content, data)
    if decoded:
        data, transform = decoded.content, decoded.transform
    alignment = _with_support(align(sent.content, data, chunking=chunking))
    if alignment.content is not None:
        data, transform = alignment.content, transform or encoding_of(alignment)
    sent_side = side_of(sent.name, sent.content, sent.image)
    received_side = replace(sent_side, name=received.name)
    if data != sent.content:
        received_side = side_of(received.name, data, None if transform else received.image, like=sent_side)
    if transform:
        received_side = replace(received_side, checks=side_of(received.name, received.content, like=sent_side).checks)
    read = (received, sent)
    return Compared(
        sent=sent_side,
        received=received_side,
        alignment=alignment,
        transform=transform,
        lossy=None if decoded else lossy(sent.content, data),
        erased_tail=received.erased_tail,
        readings={one.name: one.reading for one in read if one.reading is not None},
        unread={one.name: one.unread for one in read if one.unread is not None},
    )


def side_of(name: str, data: bytes, image: EspImage | None = None, like: Side | None = None) -> Side:
    """``data`` with the image in it and the device's checks over it.

    Args:
        name: How messages call it.
        data: The bytes.
        image: What they hold, when it was parsed before.
        like: The side whose device checks ``data``, too, where these bytes do not say which ESP-IDF it runs.
    """
    image = image or parse_image(data)
    known = like.image.app if like is not None and image.app is None else None
    settings = DeviceSettings(idf=known.idf_ver) if known and IdfVersion.parse(known.idf_ver) else DEFAULT_SETTINGS
    if like is not None and like.image.chip == image.chip:
        settings = replace(settings, mmu_page=like.mmu_page)
    device = walk(data, image, settings)
    return Side(name=name, data=data, image=image, checks=device.checks, mmu_page=device.mmu_page)


def with_log(case: Compared, options: Options) -> Compared:
    """The case with the device's log, where there is one."""
    if options.log is None:
        return case
    from forensics.pipeline.device_log import read_device_log  # noqa: PLC0415 - not needed without one

    size = case.chunking.size
    return read_device_log(case, options.log, options.log_name, (size,) if size else None)


def with_quoted_log(report: Report, options: Options) -> Report:
    """The report with the lines of the log that its findings name."""
    if report.log is None or options.log is None:
        return report
    from forensics.pipeline.device_log import with_quotes  # noqa: PLC0415 - not needed without one

    return replace(report, log=with_quotes(report.log, options.log, report.findings))


def _told(case: Compared, sent: Evidence, received: Evidence) -> Report:
    """What ``case`` shows."""
    report = report_of(case, judge(case), sent, received)
    findings = tuple(_told_both_ways(finding, sent, received) for finding in report.findings)
    return replace(report, findings=findings)


def report_of(case: Compared, judgement: Judgement, sent: Evidence, received: Evidence) -> Report:
    """The report on ``case``, with its places as offsets of the files."""
    alignment = case.alignment
    contiguous = received.region.size == len(received.content) == len(case.received.data)
    begin = received.region.start if contiguous else 0
    return Report(
        tool=Tool(name="otadiff", version=VERSION),
        verdict=judgement.verdict,
        summary=judgement.summary,
        sent=_artefact(sent, case.sent),
        received=_read_as(replace(_artefact(received, case.received), transform=case.transform), alignment),
        chunking=alignment.chunking,
        spans=_in_file(alignment.spans, begin),
        edits=_in_file(alignment.edits, begin),
        layers=alignment.layers,
        findings=judgement.findings,
        device=DeviceWalks(sent=case.sent.checks, received=case.received.checks),
        log=case.device_log,
        not_checked=NOT_CHECKED,
    )


def _read_as(artefact: Artefact, alignment: Alignment) -> Artefact:
    """RECEIVED with the share of its bytes that are in SENT, where there was more than one way to read it."""
    reading, compared = artefact.reading, sum(span.received.size for span in alignment.spans)
    if reading is None or not reading.share or not compared:
        return artefact
    same = sum(span.received.size for span in alignment.spans if span.relation is Relation.SAME)
    return replace(artefact, reading=replace(reading, share=round(same / compared, 4)))


def _in_file(placed: tuple[Placed, ...], begin: int) -> tuple[Placed, ...]:
    """Spans or edits with file offsets in RECEIVED, where the compared region does not begin at its start."""
    return tuple(replace(one, received=one.received.shifted(begin)) for one in placed) if begin else placed


def _told_both_ways(finding: Finding, sent: Evidence, received: Evidence) -> Finding:
    """What happened if the two inputs were exchanged, told the right way round."""
    if finding.slug != "inputs-exchanged":
        return finding
    other = judge(compared(received, sent, None))
    return replace(finding, notes=(*finding.notes, f"the other way round: {other.summary}"))


def encoding_of(alignment: Alignment) -> str | None:
    """The name of the encoding that was undone, or None."""
    return next((layer.name for layer in alignment.layers if layer.name), None)


def _with_support(alignment: Alignment) -> Alignment:
    """A given chunk size with the number of edits that agree with it."""
    chunking = alignment.chunking
    if chunking.source is not ChunkSource.GIVEN:
        return alignment
    agreeing = sum(edit.chunks is not None for edit in alignment.edits)
    return replace(alignment, chunking=replace(chunking, support=agreeing))


def _artefact(evidence: Evidence, side: Side) -> Artefact:
    return Artefact(
        name=evidence.name,
        size=evidence.raw_size,
        sha256=evidence.raw_sha256,
        image=side.image if side.image.header else None,
        container=evidence.container,
        region=evidence.region,
        reading=evidence.reading,
    )
