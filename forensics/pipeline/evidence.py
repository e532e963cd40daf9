"""SENT against evidence that knows more than bytes: a capture of the link, or a log that lost some."""

from __future__ import annotations

from dataclasses import replace

from forensics.classify.captures.evidence import nothing_finding
from forensics.classify.captures.facts import EvidenceFacts, joined
from forensics.classify.captures.findings import evidence_findings, evidence_summary, evidence_verdict
from forensics.classify.facts import Facts
from forensics.errors import InputError
from forensics.model.alignment import Alignment, Chunking, ChunkSource
from forensics.model.evidence import Evidence
from forensics.model.finding import Verdict
from forensics.model.report import Report
from forensics.model.span import ByteSpan
from forensics.model.transfer import DecodedTransfer
from forensics.pipeline.captures import UNKNOWN, decode_capture, logged_transfer
from forensics.pipeline.comparison import facts_of, plain_report, report_of
from forensics.read.captures import read_capture

_MOSTLY = 0.9


def compare_evidence(sent: Evidence, received: Evidence, chunking: Chunking | None) -> Report:
    """What a capture or a log of writes says of the transfer, with its own damage kept apart.

    Raises:
        InputError: a capture cannot be read at all.
    """
    if not received.is_capture:
        transfer = logged_transfer(received, sent.content)
        if transfer is None and not received.damaged:
            return plain_report(sent, received, chunking)
        damaged = joined(received.damaged)
        if transfer is not None:
            received = replace(received, content=transfer.image)
            damaged = _damaged_chunks(transfer)
        return _report(sent, received, EvidenceFacts(name=received.name, damaged=damaged), transfer, chunking)
    capture = read_capture(received)
    try:
        transfer = decode_capture(capture, sent.content)
    except InputError as error:
        return _nothing(sent, received, EvidenceFacts(name=received.name, capture=capture), error.reason)
    evidence = EvidenceFacts(name=received.name, damaged=_damaged_chunks(transfer), capture=capture, transfer=transfer)
    if not transfer.image:
        return _nothing(sent, received, evidence, "no write carries a byte of an image")
    return _report(sent, replace(received, content=transfer.image), evidence, transfer, chunking)


def _report(
    sent: Evidence,
    received: Evidence,
    evidence: EvidenceFacts,
    transfer: DecodedTransfer | None,
    chunking: Chunking | None,
) -> Report:
    plan = chunking or (None if transfer is None else chunking_of(transfer))
    facts = facts_of(sent, received, plan)
    if transfer is not None and transfer.protocol == UNKNOWN and not facts.alignment.related:
        return _nothing(sent, received, evidence, f"none of its writes carries bytes of {sent.name}")
    if transfer is not None and facts.chunking.source is not ChunkSource.GIVEN:
        facts = _with_overhead(facts, transfer)
    if facts.transform is not None:
        evidence = _without_damage(evidence)
    findings = evidence_findings(_unpredicted(facts, evidence), evidence)
    summary = evidence_summary(findings, received.name, is_capture=evidence.capture is not None)
    verdict = evidence_verdict(findings)
    return report_of(sent, received, _unpredicted(facts, evidence), findings, summary=summary, verdict=verdict)


def _without_damage(evidence: EvidenceFacts) -> EvidenceFacts:
    """Without damaged ranges: they count in the bytes of the text and not in those that it encodes."""
    return EvidenceFacts(name=evidence.name, capture=evidence.capture, transfer=evidence.transfer)


def _unpredicted(facts: Facts, evidence: EvidenceFacts) -> Facts:
    """Where the evidence lost bytes nobody can say what the device will print."""
    if not evidence.damaged:
        return facts
    return replace(facts, received=replace(facts.received, checks=()))


def chunking_of(transfer: DecodedTransfer) -> Chunking | None:
    """The chunk plan that the protocol shows, or null when its chunks lie on no grid."""
    size, reset = transfer.chunk_size, transfer.reset
    if not size:
        return None
    on_grid = sum((chunk.offset % reset if reset else chunk.offset) % size == 0 for chunk in transfer.chunks)
    if on_grid < _MOSTLY * len(transfer.chunks):
        return None
    return Chunking(size=size, reset=reset, overhead=transfer.overhead, source=ChunkSource.PROTOCOL, support=on_grid)


def _with_overhead(facts: Facts, transfer: DecodedTransfer) -> Facts:
    alignment: Alignment = facts.alignment
    chunking = replace(alignment.chunking, overhead=transfer.overhead)
    return replace(facts, alignment=replace(alignment, chunking=chunking))


def _damaged_chunks(transfer: DecodedTransfer) -> tuple[ByteSpan, ...]:
    return joined([ByteSpan(chunk.offset, chunk.offset + chunk.size) for chunk in transfer.chunks if chunk.damaged])


def _nothing(sent: Evidence, received: Evidence, evidence: EvidenceFacts, reason: str) -> Report:
    """An inconclusive report on a capture without an image: nothing was compared."""
    finding = nothing_finding(evidence, reason)
    facts = facts_of(sent, replace(sent, name=received.name), None)
    empty = Alignment(spans=(), edits=(), chunking=Chunking())
    report = report_of(
        sent,
        received,
        replace(facts, alignment=empty),
        (finding,),
        summary=finding.summary,
        verdict=Verdict.INCONCLUSIVE,
    )
    artefact = None if report.received is None else replace(report.received, image=None)
    return replace(report, received=artefact, device=replace(report.device, received=()))
