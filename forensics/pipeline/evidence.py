"""SENT against evidence that knows more than bytes: a capture of the link, or a log that lost some."""

from __future__ import annotations

from dataclasses import replace

from forensics.classify.captures.evidence import ciphertext_finding, nothing_finding
from forensics.classify.captures.facts import EvidenceFacts, damaged_chunks, joined
from forensics.classify.captures.findings import claims_of, evidence_findings, evidence_summary, evidence_verdict
from forensics.classify.captures.timeline import timeline_of
from forensics.classify.facts import Facts
from forensics.classify.logs import log_findings
from forensics.classify.logs.findings import join_findings
from forensics.errors import InputError
from forensics.model.alignment import Alignment, Chunking, ChunkSource
from forensics.model.evidence import Evidence
from forensics.model.finding import Finding, Verdict
from forensics.model.report import Report
from forensics.model.transfer import DecodedTransfer
from forensics.parse.logs import parse_log
from forensics.pipeline.captures import UNKNOWN, carries, chunking_of, decode_capture, logged_transfer, observed_in
from forensics.pipeline.comparison import facts_of, plain_report, report_of
from forensics.pipeline.log_support import locate, predict_walks, with_quotes
from forensics.pipeline.sector_map import slot_map_of_log
from forensics.pipeline.sides import side_of
from forensics.read.captures import Progress, read_capture


def compare_evidence(
    sent: Evidence, received: Evidence, chunking: Chunking | None, progress: Progress | None = None
) -> Report:
    """What a capture or a log of writes says of the transfer, with its own damage kept apart.

    Args:
        sent: The image.
        received: The evidence.
        chunking: The chunk plan, when the user gave it.
        progress: Told now and then how many bytes of a capture were read.

    Raises:
        InputError: a capture cannot be read at all.
    """
    said = notes_of(sent, received)
    if not received.is_capture:
        transfer = logged_transfer(received, sent.content)
        if transfer is None and not (received.damaged or sent.damaged):
            return plain_report(sent, received, chunking)
        damaged = joined(received.damaged)
        if transfer is not None:
            received = received.holding(transfer.image)
            damaged = damaged_chunks(transfer)
        evidence = EvidenceFacts(name=received.name, damaged=damaged, sent_damaged=sent.damaged, notes=said)
        return _report(sent, received, evidence, transfer, chunking)
    capture = read_capture(received, progress=progress)
    observed = observed_in(capture, sent.content)
    if observed is not None:
        from forensics.pipeline.observation import report_of_journal  # noqa: PLC0415 - builds on this module

        return report_of_journal(sent, received, capture, observed)
    try:
        transfer = decode_capture(capture, sent.content)
    except InputError as error:
        return _nothing(sent, received, EvidenceFacts(name=received.name, capture=capture), error.reason)
    evidence = EvidenceFacts(
        name=received.name,
        damaged=damaged_chunks(transfer, received.damaged),
        sent_damaged=sent.damaged,
        notes=said,
        capture=capture,
        transfer=transfer,
    )
    if not carries(transfer, sent.content):
        if transfer.image and _is_ciphertext(transfer.image):
            return _without_image(sent, received, evidence, ciphertext_finding(evidence))
        if not transfer.image or transfer.protocol == UNKNOWN:
            return _nothing(sent, received, evidence, f"none of its writes carries bytes of {sent.name}")
    return _report(sent, received.holding(transfer.image), evidence, transfer, chunking)


def with_log_of_device(report: Report, sent: Evidence, received: Evidence, text: str | bytes, name: str) -> Report:
    """The report with what the device's log says beside it. A capture is no dump: the log is held against SENT alone.

    Args:
        report: The comparison of ``sent`` and ``received``.
        sent: The image.
        received: The evidence that was compared.
        text: The log as it was given.
        name: How the log is called in commands.
    """
    log = parse_log(text)
    size = report.chunking.size if report.chunking else None
    sizes = (size,) if size else None
    image = side_of(sent.name, sent.content, sent.image)
    said = log_findings(
        log,
        image,
        locate=locate,
        predict=predict_walks,
        chunk_sizes=sizes,
        slot_map=slot_map_of_log(log, image, chunk_sizes=sizes),
        name=name,
    )
    # The report's edits are those of the evidence that was compared.
    findings = join_findings(report.findings, tuple(replace(one, edits=()) for one in said))
    return replace(
        report,
        verdict=evidence_verdict(findings),
        summary=evidence_summary(findings, received.name, is_capture=received.is_capture),
        findings=findings,
        log=with_quotes(log, text, findings),
    )


def notes_of(*evidence: Evidence) -> tuple[str, ...]:
    """What the readers said of evidence that is damaged."""
    return tuple(f"{one.name}: {note}" for one in evidence if one.damaged for note in one.notes)


def _report(
    sent: Evidence,
    received: Evidence,
    evidence: EvidenceFacts,
    transfer: DecodedTransfer | None,
    chunking: Chunking | None,
) -> Report:
    plan = chunking or (None if transfer is None else chunking_of(transfer))
    facts = facts_of(sent, received, plan)
    if transfer is not None and facts.chunking.source is not ChunkSource.GIVEN:
        facts = _with_overhead(facts, transfer)
    if facts.transform is not None:
        evidence = _without_damage(evidence)
    claims = claims_of(facts, evidence)
    if not claims.decided:
        facts = replace(facts, received=replace(facts.received, checks=()))
    findings = evidence_findings(facts, evidence, claims)
    summary = evidence_summary(findings, received.name, is_capture=evidence.capture is not None)
    report = report_of(sent, received, facts, findings, summary=summary, verdict=evidence_verdict(findings))
    return replace(report, timeline=timeline_of(evidence, findings, facts.alignment.edits))


def _without_damage(evidence: EvidenceFacts) -> EvidenceFacts:
    """Without damaged ranges: they count in the bytes of the text and not in those that it encodes."""
    return replace(evidence, damaged=())


def _with_overhead(facts: Facts, transfer: DecodedTransfer) -> Facts:
    alignment: Alignment = facts.alignment
    chunking = replace(alignment.chunking, overhead=transfer.overhead)
    return replace(facts, alignment=replace(alignment, chunking=chunking))


def _nothing(sent: Evidence, received: Evidence, evidence: EvidenceFacts, reason: str) -> Report:
    return _without_image(sent, received, evidence, nothing_finding(evidence, reason))


def _is_ciphertext(data: bytes) -> bool:
    from forensics.parse.identify import identify  # noqa: PLC0415 - for captures of something else only

    return identify(data).kind == "ciphertext"


def _without_image(sent: Evidence, received: Evidence, evidence: EvidenceFacts, finding: Finding) -> Report:
    """An inconclusive report on a capture without an image: nothing was compared."""
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
    device = replace(report.device, received=())
    return replace(report, received=artefact, device=device, timeline=timeline_of(evidence, (finding,), ()))
