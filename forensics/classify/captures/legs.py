"""On which leg a fault lies: SENT to the link, shown by a capture, or the link to the flash."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forensics.classify.captures.evidence import Numbered
from forensics.classify.captures.facts import EvidenceFacts, sent_places
from forensics.classify.captures.findings import Claims, gap_words
from forensics.classify.facts import Facts
from forensics.classify.wording import listed, notes
from forensics.model.alignment import Edit, EditKind, Relation
from forensics.model.finding import Finding, Where
from forensics.model.span import ByteSpan

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLeg:
    """SENT against what the capture carries: ``facts`` of that pair, and which of its edits the evidence claims."""

    facts: Facts
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
        for span in self.facts.alignment.spans:
            if span.relation is Relation.SAME and span.sent and span.sent.start <= sent.start < span.sent.end:
                start = span.received.start + sent.start - span.sent.start
                return ByteSpan(start, min(start + sent.size, span.received.end))
        return None


def localised(findings: tuple[Finding, ...], edits: tuple[Edit, ...], leg: FirstLeg) -> tuple[Finding, ...]:
    """The findings with the leg on which each lies, as far as the capture tells."""
    return tuple(_localised(finding, [edits[index] for index in finding.edits], leg) for finding in findings)


def _localised(finding: Finding, edits: list[Edit], leg: FirstLeg) -> Finding:
    if not edits or finding.benign:
        return finding
    open_, early = leg.claims.damaged + leg.claims.lost, leg.claims.rest + leg.claims.holes
    unclear = [edit for edit in edits if leg.edits_at(edit, open_)]
    shown = {index: found for index, edit in enumerate(edits) if (found := leg.edits_at(edit, early))}
    if unclear:
        return replace(finding, notes=notes(*finding.notes, _unclear_words(len(unclear), len(edits))))
    name = leg.evidence.name
    if not shown:
        packets = _packets([place for edit in edits if (place := _carried(edit, leg))], leg)
        said = f"{name} carries these bytes as they were sent{packets}: the fault is behind the link, in the device"
        return replace(finding, where=Where.DEVICE, notes=notes(*finding.notes, said, gap_words(leg.evidence)))
    packets = _packets([other.received for found in shown.values() for other in found], leg)
    if len(shown) == len(edits):
        said = f"{name} already shows it{packets}: the fault is before the link, in the sender"
        return replace(finding, where=Where.SENDER, notes=notes(*finding.notes, said))
    said = f"{name} already shows {len(shown)} of the {len(edits)} places{packets}; the others arose in the device"
    return replace(finding, where=Where.UNKNOWN, notes=notes(*finding.notes, said))


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
