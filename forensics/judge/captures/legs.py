"""On which leg a fault lies: SENT to the link, shown by a capture, or the link to the flash."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forensics.judge.captures.claims import Claims
from forensics.judge.captures.facts import EvidenceFacts, Numbered, sent_places
from forensics.judge.case import Case, Compared
from forensics.judge.wording import listed, notes
from forensics.model.alignment import Edit, EditKind, Relation
from forensics.model.finding import Finding, Remedy, Where
from forensics.model.span import ByteSpan

_MOST_NAMED = 3
_MOST_PLACES = 8
_MOST_DECODED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLeg:
    """SENT against what the capture carries: ``case`` of that pair, and which of its edits the evidence claims."""

    case: Compared
    evidence: EvidenceFacts
    claims: Claims

    def edits_at(self, edit: Edit, among: Numbered) -> list[Edit]:
        """Those of ``among`` that touch the sent bytes of ``edit``."""
        return [other for _, other in among if any(_touch(span, other) for span in sent_places(edit))] or [
            other for _, other in among if edit.kind is EditKind.TRAILING and other.kind is EditKind.TRAILING
        ]

    def carried(self, edit: Edit) -> ByteSpan | None:
        """Where in the decoded image an edit of the other pair lies: at the same fault, or at the bytes that were lost."""
        claims = self.claims
        early = self.edits_at(edit, claims.rest + claims.holes + claims.lost + claims.damaged)
        if early:
            return early[0].received
        return None if edit.sent is None or edit.sent.size == 0 else self.place_of(edit.sent)

    def place_of(self, sent: ByteSpan) -> ByteSpan | None:
        """Where the capture carries the beginning of ``sent``, in the decoded image."""
        for span in self.case.alignment.spans:
            if span.relation is Relation.SAME and span.sent and span.sent.start <= sent.start < span.sent.end:
                start = span.received.start + sent.start - span.sent.start
                return ByteSpan(start, min(start + sent.size, span.received.end))
        return None


def placed(finding: Finding, case: Case) -> Finding:
    """The finding with the leg on which the fault is, as far as a capture of the link tells."""
    edits = [case.alignment.edits[index] for index in finding.edits]
    if not edits:
        return finding
    if case.first_leg is not None:
        return finding if finding.benign else _localised(finding, edits, case.first_leg, case)
    evidence = case.evidence
    return finding if evidence is None or evidence.capture is None else _on_the_link(finding, edits, evidence)


def with_protocol(finding: Finding, case: Case) -> Finding:
    """The finding with what the decoder of the protocol saw: acknowledgments, refusals, wrong CRCs, gaps."""
    transfer = case.evidence.transfer if case.evidence else None
    if transfer is None or not transfer.notes:
        return finding
    said = f"seen by the decoder of {transfer.protocol}: {listed(transfer.notes, most=_MOST_DECODED)}"
    return replace(finding, notes=(*finding.notes, said))


def _on_the_link(finding: Finding, edits: list[Edit], evidence: EvidenceFacts) -> Finding:
    """A finding on bytes that a capture shows: they left the sender so, and a packet is named."""
    if finding.code.startswith("OTA4"):
        return finding
    words = [places for edit in edits[:_MOST_PLACES] if (places := evidence.packet_words(edit.received))]
    lost = finding.slug == "chunk-missing" or any(edit.kind is EditKind.DROPPED for edit in edits)
    gap = _gap_words(evidence) if lost else None
    said = notes(*finding.notes, f"in the capture: {listed(words)}" if words else None, gap)
    where = finding.where if finding.benign or finding.where is Where.FILE else Where.SENDER
    changes = _sender_changes(finding.remedies) if where is Where.SENDER else finding.remedies
    return replace(finding, where=where, notes=said, remedies=changes)


def _sender_changes(changes: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    """What left the sender wrong is mended there."""
    return tuple(change for change in changes if change.where is Where.SENDER) or changes


def _gap_words(evidence: EvidenceFacts) -> str | None:
    """What the receiver does with a chunk that is lost."""
    transfer = evidence.transfer
    return f"{transfer.protocol}: {transfer.gap}" if transfer and transfer.gap else None


def _localised(finding: Finding, edits: list[Edit], leg: FirstLeg, case: Case) -> Finding:
    open_, early = leg.claims.damaged + leg.claims.lost, leg.claims.rest + leg.claims.holes
    unclear = [edit for edit in edits if leg.edits_at(edit, open_)]
    shown = {index: found for index, edit in enumerate(edits) if (found := leg.edits_at(edit, early))}
    if unclear:
        return replace(finding, notes=notes(*finding.notes, _unclear_words(len(unclear), len(edits))))
    name = leg.evidence.name
    if not shown:
        packets = _packets([place for edit in edits if (place := _carried(edit, leg))], leg)
        where, words = _behind_the_link(case)
        said = f"{name} carries these bytes as they were sent{packets}: the fault is {words}"
        return replace(finding, where=where, notes=notes(*finding.notes, said, _gap_words(leg.evidence)))
    packets = _packets([other.received for found in shown.values() for other in found], leg)
    if len(shown) == len(edits):
        said = f"{name} already shows it{packets}: the fault is before the link, in the sender"
        return replace(finding, where=Where.SENDER, notes=notes(*finding.notes, said))
    said = f"{name} already shows {len(shown)} of the {len(edits)} places{packets}; the others arose in the device"
    return replace(finding, where=Where.UNKNOWN, notes=notes(*finding.notes, said))


def _behind_the_link(case: Case) -> tuple[Where, str]:
    """The tap is in the write callback: what is wrong there became so before the device's own code."""
    if case.observed is not None:
        return Where.AIR, "between the sender's Bluetooth stack and the device's write callback"
    return Where.DEVICE, "behind the link, in the device"


def _unclear_words(count: int, of_all: int) -> str:
    return f"the capture is damaged or incomplete at {count} of the {of_all} places, so it does not show the leg there"


def _packets(places: list[ByteSpan], leg: FirstLeg) -> str:
    words = [found for place in places if (found := leg.evidence.packet_words(place))]
    return f", {listed(words, most=_MOST_NAMED)}" if words else ""


def _carried(edit: Edit, leg: FirstLeg) -> ByteSpan | None:
    return None if edit.sent is None or edit.sent.size == 0 else leg.place_of(edit.sent)


def _touch(span: ByteSpan, other: Edit) -> bool:
    """They share sent bytes, or stand at one place; an edit may slide within its slack."""
    back, forward = other.slack
    for place in sent_places(other):
        start, end = place.start - back, place.end + forward
        if span.start < end and start < span.end:
            return True
        if not (span.size and place.size) and start <= span.start <= end:
            return True
    return False
