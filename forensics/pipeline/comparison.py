"""SENT and RECEIVED through all the stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from forensics.align.aligner import align
from forensics.align.transforms import lossy, undone
from forensics.classify.facts import Facts, Side
from forensics.classify.findings import classify, summary_of, verdict_of
from forensics.errors import UsageError
from forensics.model.alignment import Alignment, Chunking, ChunkSource, Edit, Relation, Span
from forensics.model.evidence import LEAST_SHARE, TEXT_NAMES, Evidence, HowRead
from forensics.model.finding import Certainty, Finding, Verdict
from forensics.model.limits import Limits
from forensics.model.report import Artefact, DeviceWalks, Report, Tool
from forensics.open import Content, open_content
from forensics.parse.image import parse_image
from forensics.pipeline.region import part_of
from forensics.pipeline.sides import side_of
from forensics.read import choose_reader, read_evidence
from forensics.spec.esp_image import IMAGE_MAGIC
from forensics.spec.flash import ERASED_SECTOR
from forensics.verify.walk import walk
from forensics.version import VERSION

Source = bytes | bytearray | memoryview | str | Path | Content
"""Bytes-like is the content; ``str`` and ``Path`` are paths, ``-`` is standard input; what is open has its own name."""

NOT_CHECKED = ("secure boot signature", "anti-rollback version", "chip and eFuse revision", "flash encryption")
"""Checks that need the device's keys and fuses, which no file shows."""

_RECEIVERS_LEAVE = (
    "bytes-inserted",
    "chunk-duplicated",
    "chunk-filled",
    "harmless-tail",
    "header-in-payload",
    "tail-missing",
)
"""What some receivers are known for."""

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
        raise UsageError("only one of SENT and RECEIVED can be standard input")
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
    chunking = _given_chunking(options.chunk_size)
    received = received if received.is_capture else part_of(received, sent.content, options.offset)
    report = _with_evidence(sent, received, chunking, options)
    report = report if options.log is None else _with_log(report, sent, received, options)
    for side in (received, sent):
        report = _as_sure_as_read(report, side)
        if side.unread is not None and report.verdict is Verdict.HEALTHY:
            report = replace(report, verdict=Verdict.INCONCLUSIVE, summary=f"{side.name}: {side.unread}; {report.summary}")
    return report


def _as_sure_as_read(report: Report, evidence: Evidence) -> Report:
    """Nothing is more certain than how SENT and RECEIVED were read."""
    reading = evidence.reading
    if reading is None or reading.is_certain:
        return report
    notes = (
        f"this depends on how {evidence.name} is read: as {reading.how}",
        *(f"it could also be read as {one}" for one in reading.rivals),
    )
    findings = tuple(
        one if one.code.startswith("OTA1") else replace(one, certainty=_as_sure(one, reading), notes=(*one.notes, *notes))
        for one in report.findings
    )
    open_ = report.verdict is Verdict.HEALTHY and reading.rivals
    if not open_ and (report.verdict is not Verdict.FAULTY or verdict_of(findings) is Verdict.FAULTY):
        return replace(report, findings=findings)
    either = f"{evidence.name} is {' or '.join((reading.how, *reading.rivals))}"
    return replace(report, findings=findings, verdict=Verdict.INCONCLUSIVE, summary=either)


def _as_sure(finding: Finding, reading: HowRead) -> Certainty:
    if reading.share < LEAST_SHARE or (finding.slug == "text-encoded" and reading.rivals):
        return Certainty.POSSIBLE
    return Certainty.LIKELY if finding.certainty is Certainty.PROVEN else finding.certainty


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


def _with_evidence(sent: Evidence, received: Evidence, chunking: Chunking | None, options: Options) -> Report:
    if options.capture is not None:
        from forensics.pipeline.three_way import compare_three  # noqa: PLC0415 - only with a capture of the link

        return compare_three(sent, received, options.capture, chunking, options.progress)
    if _is_more_than_bytes(received) or sent.damaged:
        from forensics.pipeline.evidence import compare_evidence  # noqa: PLC0415 - not needed for a plain file

        return compare_evidence(sent, received, chunking, options.progress)
    return plain_report(sent, received, chunking)


def _is_more_than_bytes(received: Evidence) -> bool:
    """The evidence knows of writes, or of its own damage."""
    return received.is_capture or bool(received.damaged or received.pieces)


def _with_log(report: Report, sent: Evidence, received: Evidence, options: Options) -> Report:
    if _is_more_than_bytes(received):
        from forensics.pipeline.evidence import with_log_of_device  # noqa: PLC0415 - as above

        return with_log_of_device(report, sent, received, options.log or "", options.log_name)
    from forensics.pipeline.log_support import with_log  # noqa: PLC0415 - reading logs is not needed without one

    first, second = (side_of(one.name, one.content, one.image) for one in (sent, received))
    return with_log(report, options.log or "", first, second, options.log_name)


def compare_bytes(sent: bytes, received: bytes, options: Options) -> Report:
    """``compare_sources`` for bytes made here, named as in the samples."""
    chunking = _given_chunking(options.chunk_size)
    return plain_report(
        read_evidence(sent, name="sent.bin", format="raw"), read_evidence(received, name="received.bin"), chunking
    )


def _given_chunking(size: int | None) -> Chunking | None:
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
            raise UsageError("is a capture, in which the image has no file offset", name=evidence.name)
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


def plain_report(sent: Evidence, received: Evidence, chunking: Chunking | None) -> Report:
    """The report on bytes of which nothing else is known."""
    facts = facts_of(sent, received, chunking)
    findings = tuple(_told_both_ways(finding, sent, received) for finding in classify(facts))
    if any(finding.slug in _RECEIVERS_LEAVE for finding in findings):
        from forensics.classify.captures.receivers import with_receivers  # noqa: PLC0415 - for few findings only

        findings = with_receivers(facts, findings)
    return report_of(sent, received, facts, findings, summary=summary_of(findings, received.name))


def facts_of(sent: Evidence, received: Evidence, chunking: Chunking | None) -> Facts:
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
        received_side = side_of(received.name, data, None if transform else received.image)
    if transform:
        stored = received.content
        received_side = replace(received_side, checks=walk(stored, parse_image(stored)).checks)
    return Facts(
        sent=sent_side,
        received=received_side,
        alignment=alignment,
        transform=transform,
        lossy=None if decoded else lossy(sent.content, data),
        erased_tail=received.erased_tail,
    )


def report_of(
    sent: Evidence,
    received: Evidence,
    facts: Facts,
    findings: tuple[Finding, ...],
    *,
    summary: str,
    verdict: Verdict | None = None,
) -> Report:
    """The report on ``facts``; the verdict is what the findings say unless it is given."""
    alignment = facts.alignment
    contiguous = received.region.size == len(received.content) == len(facts.received.data)
    begin = received.region.start if contiguous else 0
    return Report(
        tool=Tool(name="otadiff", version=VERSION),
        verdict=verdict or verdict_of(findings),
        summary=summary,
        sent=_artefact(sent, facts.sent),
        received=_read_as(replace(_artefact(received, facts.received), transform=facts.transform), alignment),
        chunking=alignment.chunking,
        spans=_in_file(alignment.spans, begin),
        edits=_in_file(alignment.edits, begin),
        layers=alignment.layers,
        findings=findings,
        device=DeviceWalks(sent=facts.sent.checks, received=facts.received.checks),
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
    other = plain_report(received, sent, None)
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
