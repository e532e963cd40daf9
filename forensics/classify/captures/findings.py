"""The findings on SENT against evidence of the link: the transfer's, the link's and the evidence's own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forensics.classify.captures.evidence import (
    Numbered,
    damage_finding,
    damaged_edits,
    loss_finding,
    lost_edits,
    quiet_findings,
)
from forensics.classify.captures.facts import EvidenceFacts, places_of
from forensics.classify.captures.link import link_findings
from forensics.classify.captures.outcome import outcome_finding
from forensics.classify.facts import Facts
from forensics.classify.faults import fault
from forensics.classify.findings import classify, summary_of
from forensics.classify.wording import amount, chunk_count, chunk_words, finding_of, indexes, listed, notes, remedies, total
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Certainty, Finding, Remedy, Verdict, Where

_EVIDENCE_GROUP = "OTA4"
_MOST_DECODED = 5
_ABOUT_SENT = ("image-invalid", "wrong-image")
"""What cannot be said of an image that was read from damaged evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The edits sorted by what explains them.

    Attributes:
        damaged: The evidence is damaged there; ``lost``: perhaps only the capture lost the chunk.
        holes: No write brought the place.
        rest: The transfer's own.
    """

    damaged: Numbered
    lost: Numbered
    holes: Numbered
    rest: Numbered

    @property
    def decided(self) -> bool:
        """The bytes are those that the device got."""
        return not (self.damaged or self.lost or self.holes)


def claims_of(facts: Facts, evidence: EvidenceFacts) -> Claims:
    """Which edits belong to the evidence and which to the transfer."""
    rest = list(enumerate(facts.alignment.edits))
    damaged = damaged_edits(rest, evidence, len(facts.sent.data))
    rest = _without(rest, damaged)
    lost = lost_edits(rest, evidence)
    rest = _without(rest, lost)
    holes = _holes(rest, evidence)
    return Claims(damaged=damaged, lost=lost, holes=holes, rest=_without(rest, holes))


def evidence_findings(facts: Facts, evidence: EvidenceFacts, claims: Claims) -> tuple[Finding, ...]:
    """What happened, with the damage of the evidence kept apart from that of the transfer."""
    found = [_never_written(claims.holes, evidence)] if claims.holes else []
    of_transfer = reclassified(facts, claims.rest)
    sure = [finding for finding in of_transfer if not _is_unsure(finding, evidence)]
    found += [_on_the_link(finding, facts, evidence) for finding in sure]
    hidden = len(sure) < len(of_transfer)
    own = [damage_finding(claims.damaged, evidence, decisive=hidden), loss_finding(claims.lost, evidence)]
    told = [finding for finding in own if finding is not None]
    truncated = any(edit.kind is EditKind.TRUNCATED for _, edit in claims.rest)
    intact = all(finding.benign for finding in found)
    found += link_findings(evidence, complete=not truncated, intact=intact)
    outcome = outcome_finding(evidence, intact=intact and not told)
    found += [outcome] if outcome is not None else []
    found += told + quiet_findings(evidence, told)
    ranked = sorted(found, key=lambda finding: finding.benign)
    return (_with_protocol(ranked[0], evidence), *ranked[1:]) if ranked else ()


def _is_unsure(finding: Finding, evidence: EvidenceFacts) -> bool:
    """It is about the whole image, of which the evidence is too damaged to tell."""
    if evidence.sent_damaged and finding.slug in _ABOUT_SENT:
        return True
    return finding.slug == "wrong-image" and evidence.is_largely_damaged


def _with_protocol(finding: Finding, evidence: EvidenceFacts) -> Finding:
    """The finding with what the decoder of the protocol saw: acknowledgments, refusals, wrong CRCs, gaps."""
    transfer = evidence.transfer
    if transfer is None or not transfer.notes:
        return finding
    said = f"seen by the decoder of {transfer.protocol}: {listed(transfer.notes, most=_MOST_DECODED)}"
    return replace(finding, notes=(*finding.notes, said))


def evidence_verdict(findings: tuple[Finding, ...]) -> Verdict:
    """Faulty when a fault of the transfer is shown; what is wrong with the evidence alone leaves it open."""
    serious = [finding for finding in findings if not finding.benign]
    shown = [finding for finding in serious if not finding.code.startswith(_EVIDENCE_GROUP)]
    if any(finding.certainty is not Certainty.POSSIBLE for finding in shown):
        return Verdict.FAULTY
    return Verdict.INCONCLUSIVE if serious else Verdict.HEALTHY


def evidence_summary(findings: tuple[Finding, ...], name: str, *, is_capture: bool) -> str:
    """The first line that a person reads."""
    if is_capture and all(finding.benign for finding in findings):
        return f"the writes in {name} carry exactly what was sent, and it passes the device's checks"
    return summary_of(findings, name)


def _without(edits: Numbered, claimed: Numbered) -> Numbered:
    gone = {index for index, _ in claimed}
    return [(index, edit) for index, edit in edits if index not in gone]


def _holes(edits: Numbered, evidence: EvidenceFacts) -> Numbered:
    """Places of a decoded image that no write brought; what stands there is not of the transfer."""
    found = [(index, edit) for index, edit in edits if _is_hole(edit, evidence)]
    edges = {edge for _, edit in found for place in places_of(edit) for edge in (place.start, place.end)}
    beside = [
        (index, edit)
        for index, edit in edits
        if edit.kind is EditKind.DROPPED and all(place.start in edges for place in places_of(edit))
    ]
    return sorted([*found, *beside], key=lambda item: item[0])


def _is_hole(edit: Edit, evidence: EvidenceFacts) -> bool:
    return edit.received.size > 0 and all(evidence.is_hole(place) for place in places_of(edit))


def _never_written(holes: Numbered, evidence: EvidenceFacts) -> Finding:
    """OTA202: the sender never wrote chunks that the protocol places by number."""
    found = fault("chunk-missing")
    assert found is not None
    counts = [chunk_count(edit) for _, edit in holes]
    known = [count for count in counts if count is not None]
    what = amount(sum(known), "chunk") if len(known) == len(counts) else amount(total(holes), "range")
    if len(holes) == 1:
        what = chunk_words(holes[0][1]) or what
    words = [places for _, edit in holes if (places := evidence.packet_words(edit.received))]
    return finding_of(
        found,
        summary=f"{what} never went over the link",
        edits=indexes(holes),
        where=Where.SENDER,
        notes=notes(f"in the capture: {listed(words)}" if words else None, gap_words(evidence)),
        changes=_sender_changes(remedies(found.explanation)),
    )


def reclassified(facts: Facts, edits: Numbered) -> list[Finding]:
    """The findings on some of the edits, which keep their numbers."""
    alignment = replace(facts.alignment, edits=tuple(edit for _, edit in edits))
    numbers = [index for index, _ in edits]
    return [
        replace(finding, edits=tuple(numbers[index] for index in finding.edits))
        for finding in classify(replace(facts, alignment=alignment))
    ]


def _on_the_link(finding: Finding, facts: Facts, evidence: EvidenceFacts) -> Finding:
    """A finding on bytes that a capture shows: they left the sender so, and a packet is named."""
    if evidence.capture is None or not finding.edits:
        return finding
    edits = [facts.alignment.edits[index] for index in finding.edits]
    words = [places for edit in edits[:8] if (places := evidence.packet_words(edit.received))]
    gap = gap_words(evidence) if any(edit.kind is EditKind.DROPPED for edit in edits) else None
    said = notes(*finding.notes, f"in the capture: {listed(words)}" if words else None, gap)
    where = finding.where if finding.benign or finding.where is Where.FILE else Where.SENDER
    changes = _sender_changes(finding.remedies) if where is Where.SENDER else finding.remedies
    return replace(finding, where=where, notes=said, remedies=changes)


def _sender_changes(changes: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    """What left the sender wrong is mended there."""
    return tuple(change for change in changes if change.where is Where.SENDER) or changes


def gap_words(evidence: EvidenceFacts) -> str | None:
    """What the receiver does with a chunk that is lost."""
    transfer = evidence.transfer
    return f"{transfer.protocol}: {transfer.gap}" if transfer and transfer.gap else None
