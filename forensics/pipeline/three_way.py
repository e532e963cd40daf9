"""SENT, a capture of the link, and RECEIVED: what happened, and on which leg."""

from __future__ import annotations

from dataclasses import replace

from forensics.classify.captures.evidence import nothing_finding, quiet_findings
from forensics.classify.captures.facts import EvidenceFacts, damaged_chunks
from forensics.classify.captures.findings import claims_of
from forensics.classify.captures.legs import FirstLeg, localised
from forensics.classify.captures.link import link_findings
from forensics.classify.captures.timeline import timeline_of
from forensics.errors import InputError, UsageError
from forensics.model.alignment import Chunking, EditKind
from forensics.model.capture import Capture
from forensics.model.evidence import Evidence
from forensics.model.report import Report
from forensics.pipeline.captures import carries, chunking_of, decode_capture
from forensics.pipeline.comparison import Source, facts_of, plain_report
from forensics.pipeline.evidence import compare_evidence
from forensics.read import read_evidence
from forensics.read.captures import Progress, read_capture
from forensics.read.weighing import told_by


def compare_three(
    sent: Evidence,
    received: Evidence,
    source: Source | Evidence,
    chunking: Chunking | None,
    progress: Progress | None = None,
) -> Report:
    """The report on ``sent`` and ``received``, each finding with the leg on which it lies.

    Args:
        sent: The image.
        received: What the device stored.
        source: The capture of the link.
        chunking: The chunk plan, when the user gave it; else the capture's protocol does.
        progress: Told now and then how many bytes of the capture were read.

    Raises:
        InputError: the capture cannot be read.
        UsageError: RECEIVED is a capture itself.
    """
    if received.is_capture:
        raise UsageError("is a capture itself: give what the device stored as RECEIVED", name=received.name)
    capture = _capture(source, sent, progress)
    evidence = EvidenceFacts(name=capture.name, capture=capture)
    try:
        transfer = decode_capture(capture, sent.content)
    except InputError as error:
        return _with_useless(_pair(sent, received, chunking), evidence, error.reason)
    evidence = EvidenceFacts(name=capture.name, damaged=damaged_chunks(transfer), capture=capture, transfer=transfer)
    if not carries(transfer, sent.content):
        reason = f"none of its writes carries bytes of {sent.name}"
        return _with_useless(_pair(sent, received, chunking), evidence, reason)
    plan = chunking or chunking_of(transfer)
    carried = replace(received.holding(transfer.image), name=capture.name, damaged=(), erased_tail=0)
    facts = facts_of(sent, carried, plan)
    leg = FirstLeg(facts=facts, evidence=evidence, claims=claims_of(facts, evidence))
    report = _pair(sent, received, plan)
    findings = localised(report.findings, report.edits, leg)
    serious = any(not finding.benign for finding in findings)
    complete = all(edit.kind is not EditKind.TRUNCATED for _, edit in leg.claims.rest)
    link = link_findings(evidence, complete=complete, intact=not serious)
    added = (*link, *quiet_findings(evidence, ()))
    told = tuple(sorted((*findings, *added), key=lambda finding: finding.benign))
    return replace(report, findings=told, timeline=timeline_of(evidence, told, report.edits, leg.carried))


def _capture(source: Source | Evidence, sent: Evidence, progress: Progress | None) -> Capture:
    """The capture of the link, or the writes of a log that shows bytes of SENT."""
    evidence = source if isinstance(source, Evidence) else read_evidence(source)
    return read_capture(told_by(evidence, sent.content), progress=progress)


def _pair(sent: Evidence, received: Evidence, chunking: Chunking | None) -> Report:
    if received.damaged or received.pieces:
        return compare_evidence(sent, received, chunking)
    return plain_report(sent, received, chunking)


def _with_useless(report: Report, evidence: EvidenceFacts, reason: str) -> Report:
    """The report on the pair alone, and why the capture adds nothing."""
    finding = replace(nothing_finding(evidence, reason), benign=True)
    return replace(report, findings=(*report.findings, finding), timeline=timeline_of(evidence, (), ()))
