"""A transfer that was watched while it ran, through all the stages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from forensics.classify.captures.findings import evidence_summary, evidence_verdict
from forensics.classify.facts import Side
from forensics.classify.logs import log_findings
from forensics.classify.logs.facts import SlotMap
from forensics.classify.logs.sector_map import holds_all, map_words
from forensics.classify.observation import changed_finding, evidence_findings
from forensics.model.alignment import Chunking, ChunkSource, Edit, EditKind
from forensics.model.capture import Capture
from forensics.model.evidence import Evidence
from forensics.model.finding import Finding, Verdict, Where
from forensics.model.log import DeviceLog
from forensics.model.observation import Observation
from forensics.model.report import Report
from forensics.model.span import ByteSpan
from forensics.open import open_content
from forensics.pipeline.comparison import plain_report
from forensics.pipeline.evidence import compare_evidence
from forensics.pipeline.sector_map import held_against
from forensics.pipeline.sides import side_of
from forensics.pipeline.three_way import compare_three

_BEHIND_THE_LINK = "the fault is behind the link, in the device"
_BEFORE_THE_CALLBACK = "the fault is between the sender's Bluetooth stack and the device's write callback"
_NO_LOG = DeviceLog(passes=(), idf_versions=None, unread=())


def observed_report(sent: Evidence, observed: Observation, *, name: str) -> Report:
    """What happened to the bytes, by what the device told of each chunk and of its slot.

    Args:
        sent: The image.
        observed: What was seen.
        name: How to call the device.
    """
    received = _evidence(observed, name)
    unknown = observed.unseen or observed.changed
    compare = compare_evidence if unknown else plain_report
    return _completed(compare(sent, received, _chunking(observed)), sent, observed, name)


def report_of_journal(sent: Evidence, journal: Evidence, capture: Capture, observed: Observation) -> Report:
    """The same for the journal of a session in which the tap spoke; the sender's writes tell on which leg a fault lies.

    Args:
        sent: The image.
        journal: The journal's file.
        capture: What it holds.
        observed: What the tap told in it.
    """
    device = next((event.result for event in capture.journal if event.kind == "connected" and event.result), journal.name)
    told = _evidence(observed, journal.name)
    received = replace(told, raw_size=journal.raw_size, raw_sha256=journal.raw_sha256, region=journal.region)
    if not any(event.kind == "write" and event.offset is not None for event in capture.journal):
        compare = compare_evidence if received.damaged else plain_report
        return _completed(compare(sent, received, _chunking(observed)), sent, observed, device)
    writes = journal.stream or open_content(journal.content, name=journal.name)
    report = compare_three(sent, received, writes, _chunking(observed))
    findings = tuple(_on_the_way(one) for one in report.findings)
    return _completed(replace(report, findings=findings), sent, observed, device)


def _on_the_way(one: Finding) -> Finding:
    """The tap stands at the write callback: what is wrong there became so before the device's own code."""
    if one.where is not Where.DEVICE or not one.edits:
        return one
    notes = tuple(note.replace(_BEHIND_THE_LINK, _BEFORE_THE_CALLBACK) for note in one.notes)
    return replace(one, where=Where.AIR, notes=notes)


def _chunking(observed: Observation) -> Chunking | None:
    return Chunking(size=observed.chunk_size, source=ChunkSource.PROTOCOL) if observed.chunk_size else None


def _completed(report: Report, sent: Evidence, observed: Observation, name: str) -> Report:
    """The report with what the chunks alone do not say: the slot, what was not seen, and the answer of all."""
    if observed.source == "tap":
        report = _without_unknown_tail(_with_changed(report, observed))
    image = side_of(sent.name, sent.content, sent.image)
    slot_map = _slot_map(observed, image)
    # The evidence's own gaps are told below, in its own words.
    told = tuple(one for one in report.findings if not (one.benign and one.slug == "evidence-damaged"))
    findings = _with_slot(told, slot_map, image, observed)
    findings = (*findings, *evidence_findings(observed, name))
    verdict, summary = _answer(findings, observed, slot_map, image, name)
    return replace(report, verdict=verdict, summary=summary, findings=findings)


def _evidence(observed: Observation, name: str) -> Evidence:
    content = observed.content
    return Evidence(
        name=name,
        container=observed.source,
        raw_size=len(content),
        raw_sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        region=ByteSpan(0, len(content)),
        damaged=tuple(sorted((*observed.unseen, *observed.changed))),
    )


def _with_changed(report: Report, observed: Observation) -> Report:
    """Chunks whose CRC32 alone is known: proven to differ, and their bytes are not shown, since nobody has them."""
    within = [index for index, edit in enumerate(report.edits) if _inside(edit.received, observed.changed)]
    if not within:
        return report
    edits = tuple(_unknown(edit) if index in within else edit for index, edit in enumerate(report.edits))
    left = [replace(one, edits=tuple(index for index in one.edits if index not in within)) for one in report.findings]
    kept = [now for now, before in zip(left, report.findings, strict=True) if now.edits or not before.edits]
    return replace(report, edits=edits, findings=(changed_finding(edits, within), *kept))


def _without_unknown_tail(report: Report) -> Report:
    """What came behind the end is told as that; its bytes are not known."""
    edits = tuple(
        replace(edit, excerpt=None, value=None, content="unknown") if edit.kind is EditKind.TRAILING else edit
        for edit in report.edits
    )
    return replace(report, edits=edits)


def _inside(span: ByteSpan, ranges: Sequence[ByteSpan]) -> bool:
    return any(one.start <= span.start and span.end <= one.end for one in ranges)


def _unknown(edit: Edit) -> Edit:
    return replace(edit, kind=EditKind.ALTERED, value=None, source=None, bits=None, pattern=None, excerpt=None)


def _slot_map(observed: Observation, image: Side) -> SlotMap | None:
    if not observed.sectors:
        return None
    sizes = (observed.chunk_size,) if observed.chunk_size else None
    return held_against(SlotMap(crcs=observed.sectors), image, chunk_sizes=sizes)


def _with_slot(
    findings: tuple[Finding, ...], slot_map: SlotMap | None, image: Side, observed: Observation
) -> tuple[Finding, ...]:
    """The findings with what the map of the slot says, which lies behind the write callback."""
    known = {one.code for one in findings}
    # The report's edits are those of the chunks.
    said = [replace(one, edits=()) for one in log_findings(_NO_LOG, image, slot_map=slot_map) if one.code not in known]
    if not observed.unseen and all(one.benign for one in findings):
        said = [_behind_the_callback(one) for one in said]
    return (*findings, *said)


def _behind_the_callback(one: Finding) -> Finding:
    note = "every chunk was right in the device's write callback: the fault is between it and the flash"
    return replace(one, where=Where.DEVICE, notes=(note, *one.notes))


def _answer(
    findings: tuple[Finding, ...], observed: Observation, slot_map: SlotMap | None, image: Side, name: str
) -> tuple[Verdict, str]:
    verdict = evidence_verdict(findings)
    if verdict is not Verdict.HEALTHY:
        return verdict, evidence_summary(findings, name, is_capture=False)
    mapped = map_words(slot_map, image) if slot_map is not None else None
    if slot_map is not None and holds_all(slot_map, image):
        return verdict, mapped or ""
    if not observed.chunks:
        return Verdict.INCONCLUSIVE, mapped or f"{name} reported no chunk: no transfer was seen"
    if observed.unseen:
        size = sum(span.size for span in observed.unseen)
        return Verdict.INCONCLUSIVE, f"every chunk that was seen is right, and {size} bytes of {image.name} were not seen"
    return verdict, evidence_summary(findings, name, is_capture=False)
