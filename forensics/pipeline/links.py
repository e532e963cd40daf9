"""SENT against evidence that knows more than bytes: a capture, what the device told, a log that lost some."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forensics.errors import InputError, UsageError
from forensics.judge.captures.claims import claims_of
from forensics.judge.captures.evidence import ciphertext_finding, nothing_finding
from forensics.judge.captures.facts import EvidenceFacts, damaged_chunks, joined
from forensics.judge.captures.legs import FirstLeg
from forensics.judge.captures.timeline import timeline_of
from forensics.judge.case import NOT_COMPARED, Compared
from forensics.judge.judgement import Judgement, judge
from forensics.model.alignment import Chunking, ChunkSource
from forensics.model.capture import Capture
from forensics.model.evidence import Evidence
from forensics.model.finding import Finding, Verdict
from forensics.model.observation import Observation
from forensics.model.report import Report
from forensics.pipeline.captures import UNKNOWN, carries, chunking_of, decode_capture, logged_transfer, observed_in
from forensics.pipeline.comparison import Options, Source, compared, report_of, with_log, with_quoted_log
from forensics.pipeline.observation import evidence_of, observed_case
from forensics.read import read_evidence
from forensics.read.captures import Progress, read_capture
from forensics.read.weighing import told_by


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """What RECEIVED holds, taken out of the evidence.

    Attributes:
        received: The bytes to compare; ``evidence`` is what else is known of them.
        chunking: The chunk plan that the protocol shows, with ``overhead``, its bytes per write.
        observed: What the device told, where RECEIVED is the journal of a session with the tap.
        writes: The writes in that journal.
        nothing: Why there is no image to compare.
    """

    received: Evidence
    evidence: EvidenceFacts | None = None
    chunking: Chunking | None = None
    overhead: int = 0
    observed: Observation | None = None
    writes: Capture | None = None
    nothing: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """A capture beside RECEIVED: the first leg, or why it is no use."""

    evidence: EvidenceFacts
    carried: Evidence | None = None
    useless: Finding | None = None

    @property
    def chunking(self) -> Chunking | None:
        """The chunk plan that its protocol shows."""
        transfer = self.evidence.transfer
        return None if transfer is None or self.carried is None else chunking_of(transfer)


def told_with_link(sent: Evidence, received: Evidence, chunking: Chunking | None, options: Options) -> Report:
    """What a capture, a session or a log of writes says of the transfer, with its own damage kept apart.

    Args:
        sent: The image.
        received: The evidence.
        chunking: The chunk plan, when the user gave it.
        options: How to compare; the capture and the log beside RECEIVED.

    Raises:
        InputError: a capture cannot be read at all.
        UsageError: RECEIVED is a capture itself, and another one is beside it.
    """
    if options.capture is not None and received.is_capture:
        raise UsageError(
            "is a capture itself: give what the device stored as RECEIVED",
            name=received.name,
            next_step="leave --capture out to compare with the capture alone",
        )
    link = _link_of(sent, received, options.progress)
    if link.nothing is not None:
        return _without_image(sent, received, link, link.nothing)
    beside = None
    if options.capture is not None:
        beside = _beside(sent, received, _capture(options.capture, sent, options.progress))
    elif link.writes is not None:
        beside = _beside(sent, received, link.writes)
    plan = chunking or (beside.chunking if beside else None) or link.chunking
    case = _with_evidence(compared(sent, link.received, plan), link)
    if link.observed is not None:
        case = observed_case(case, link.observed)
    if beside is not None and beside.carried is not None:
        case = replace(case, first_leg=_first_leg(sent, beside.carried, beside.evidence, plan))
    return with_quoted_log(_report(with_log(case, options), sent, link.received, beside), options)


def observed_report(sent: Evidence, observed: Observation, *, name: str) -> Report:
    """What happened to the bytes, by what the device told of each chunk and of its slot.

    Args:
        sent: The image.
        observed: What was seen.
        name: How to call the device.
    """
    link = _observed_link(evidence_of(observed, name), observed)
    case = _with_evidence(compared(sent, link.received, link.chunking), link)
    return _report(observed_case(case, observed), sent, link.received, None)


def _link_of(sent: Evidence, received: Evidence, progress: Progress | None) -> _Link:
    said = tuple(f"{one.name}: {note}" for one in (sent, received) if one.damaged for note in one.notes)
    if not received.is_capture:
        return _logged(sent, received, said)
    capture = read_capture(received, progress=progress)
    observed = observed_in(capture, sent.content)
    if observed is not None:
        return _journal(received, capture, observed)
    bare = EvidenceFacts(name=received.name, capture=capture)
    try:
        transfer = decode_capture(capture, sent.content)
    except InputError as error:
        return _Link(received=received, evidence=bare, nothing=nothing_finding(bare, error.reason))
    evidence = replace(
        bare,
        damaged=damaged_chunks(transfer, received.damaged),
        sent_damaged=sent.damaged,
        notes=said,
        transfer=transfer,
    )
    nothing = None
    if not carries(transfer, sent.content):
        if transfer.image and _is_ciphertext(transfer.image):
            nothing = ciphertext_finding(evidence)
        elif not transfer.image or transfer.protocol == UNKNOWN:
            nothing = nothing_finding(evidence, f"none of its writes carries bytes of {sent.name}")
    return _Link(
        received=received.holding(transfer.image),
        evidence=evidence,
        chunking=chunking_of(transfer),
        overhead=transfer.overhead,
        nothing=nothing,
    )


def _logged(sent: Evidence, received: Evidence, said: tuple[str, ...]) -> _Link:
    """A text that shows writes, or evidence that lost bytes; of a plain file there is nothing to say."""
    transfer = logged_transfer(received, sent.content)
    damaged = joined(received.damaged)
    if transfer is None:
        known = damaged or sent.damaged
        evidence = EvidenceFacts(name=received.name, damaged=damaged, sent_damaged=sent.damaged, notes=said)
        return _Link(received=received, evidence=evidence if known else None)
    evidence = EvidenceFacts(name=received.name, damaged=damaged_chunks(transfer), sent_damaged=sent.damaged, notes=said)
    image = received.holding(transfer.image)
    return _Link(received=image, evidence=evidence, chunking=chunking_of(transfer), overhead=transfer.overhead)


def _journal(received: Evidence, capture: Capture, observed: Observation) -> _Link:
    """A session in which the tap spoke; the sender's writes tell on which leg a fault is."""
    told = evidence_of(observed, received.name)
    told = replace(told, raw_size=received.raw_size, raw_sha256=received.raw_sha256, region=received.region)
    wrote = any(event.kind == "write" and event.offset is not None for event in capture.journal)
    return replace(_observed_link(told, observed), writes=capture if wrote else None)


def _observed_link(told: Evidence, observed: Observation) -> _Link:
    size = observed.chunk_size
    return _Link(
        received=told,
        evidence=EvidenceFacts(name=told.name, damaged=joined(observed.unseen)) if observed.unseen else None,
        chunking=Chunking(size=size, source=ChunkSource.PROTOCOL) if size else None,
        observed=observed,
    )


def _with_evidence(case: Compared, link: _Link) -> Compared:
    """The case with what is known of its evidence; damage counts in the bytes of a text, not in those that it encodes."""
    evidence = link.evidence
    if evidence is None:
        return case
    if case.transform is not None:
        evidence = replace(evidence, damaged=())
    chunking = case.chunking
    if link.overhead and chunking.source is not ChunkSource.GIVEN:
        case = replace(case, alignment=replace(case.alignment, chunking=replace(chunking, overhead=link.overhead)))
    claims = claims_of(case, evidence)
    received = case.received if claims.decided else replace(case.received, checks=())
    return replace(case, evidence=evidence, claims=claims, received=received)


def _capture(source: Source | Evidence, sent: Evidence, progress: Progress | None) -> Capture:
    """The capture of the link, or the writes of a log that shows bytes of SENT."""
    evidence = source if isinstance(source, Evidence) else read_evidence(source)
    return read_capture(told_by(evidence, sent.content), progress=progress)


def _beside(sent: Evidence, received: Evidence, capture: Capture) -> _Beside:
    evidence = EvidenceFacts(name=capture.name, capture=capture)
    try:
        transfer = decode_capture(capture, sent.content)
    except InputError as error:
        return _useless(evidence, error.reason)
    evidence = replace(evidence, damaged=damaged_chunks(transfer), transfer=transfer)
    if not carries(transfer, sent.content):
        return _useless(evidence, f"none of its writes carries bytes of {sent.name}")
    carried = replace(received.holding(transfer.image), name=capture.name, damaged=(), erased_tail=0)
    return _Beside(evidence=evidence, carried=carried)


def _useless(evidence: EvidenceFacts, reason: str) -> _Beside:
    return _Beside(evidence=evidence, useless=replace(nothing_finding(evidence, reason), benign=True))


def _first_leg(sent: Evidence, carried: Evidence, evidence: EvidenceFacts, plan: Chunking | None) -> FirstLeg:
    case = compared(sent, carried, plan)
    return FirstLeg(case=case, evidence=evidence, claims=claims_of(case, evidence))


def _report(case: Compared, sent: Evidence, received: Evidence, beside: _Beside | None) -> Report:
    judgement = judge(case)
    report = report_of(case, judgement, sent, received)
    if beside is not None and beside.useless is not None:
        timeline = timeline_of(beside.evidence, (), ())
        return replace(report, findings=(*report.findings, beside.useless), timeline=timeline)
    if case.link is None:
        return report
    carried = case.first_leg.carried if case.first_leg else None
    return replace(report, timeline=timeline_of(case.link, judgement.findings, case.alignment.edits, carried))


def _is_ciphertext(data: bytes) -> bool:
    from forensics.parse.identify import identify  # noqa: PLC0415 - for captures of something else only

    return identify(data).kind == "ciphertext"


def _without_image(sent: Evidence, received: Evidence, link: _Link, finding: Finding) -> Report:
    """An inconclusive report on a capture without an image: nothing was compared."""
    case = replace(compared(sent, replace(sent, name=received.name), None), alignment=NOT_COMPARED)
    report = report_of(case, Judgement((finding,), Verdict.INCONCLUSIVE, finding.summary), sent, received)
    artefact = None if report.received is None else replace(report.received, image=None)
    timeline = timeline_of(link.evidence, (finding,), ()) if link.evidence else ()
    return replace(report, received=artefact, device=replace(report.device, received=()), timeline=timeline)
