"""Which edits are the fault of the evidence, and which are the transfer's own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forensics.judge.captures.facts import EvidenceFacts, Numbered, is_inside, places_of, widened
from forensics.judge.case import Case, Compared
from forensics.judge.wording import amount, chunk_count, chunk_words, finding_of, indexes, total
from forensics.model.alignment import Edit, EditKind
from forensics.model.capture import Operation
from forensics.model.finding import Finding, Where
from forensics.model.span import ByteSpan

_CLOSED_UP = (EditKind.DROPPED,)
_IN_PLACE = (EditKind.FILLED, EditKind.ALTERED, EditKind.REPLACED)


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


def claims_of(case: Compared, evidence: EvidenceFacts) -> Claims:
    """Which edits belong to the evidence and which to the transfer."""
    rest = list(enumerate(case.alignment.edits))
    damaged = damaged_edits(rest, evidence, len(case.sent.data))
    rest = _without(rest, damaged)
    lost = lost_edits(rest, evidence)
    rest = _without(rest, lost)
    holes = _holes(rest, evidence)
    return Claims(damaged=damaged, lost=lost, holes=holes, rest=_without(rest, holes))


def damaged_edits(edits: Numbered, evidence: EvidenceFacts, sent_size: int) -> Numbered:
    """Edits that lie wholly where the evidence is damaged: they say nothing about the transfer.

    From the air, an edit beside a damaged chunk belongs to it: with bytes missing and bytes wrong, the line between
    both is not to be found.
    """
    damaged = widened(evidence.damaged, _reach(evidence)) if evidence.is_lossy_air else evidence.damaged
    cut = any(span.end >= sent_size for span in evidence.sent_damaged)
    return [
        (index, edit)
        for index, edit in edits
        if all(is_inside(place, damaged) for place in places_of(edit))
        or evidence.is_sent_damaged(edit)
        or (cut and edit.kind is EditKind.TRAILING)
    ]


def lost_edits(edits: Numbered, evidence: EvidenceFacts) -> Numbered:
    """Edits where the capture lost packets, or that begin where it ends: perhaps only it lost the chunks."""
    transfer = evidence.transfer
    if transfer is None:
        return []
    ended = _ends_with_the_transfer(evidence)
    losses = transfer.losses
    if begins_inside(evidence):
        losses = (transfer.chunks[0].offset, *losses)
    near = widened([ByteSpan(offset, offset) for offset in losses], _reach(evidence))
    return [
        (index, edit)
        for index, edit in edits
        if (edit.kind is EditKind.TRUNCATED and ended)
        or _at_losses(edit, losses)
        or (evidence.is_lossy_air and _perhaps_lost_on_the_air(edit, near, evidence))
    ]


def _perhaps_lost_on_the_air(edit: Edit, near: Sequence[ByteSpan], evidence: EvidenceFacts) -> bool:
    """A sniffer that missed packets may have missed others without knowing: absent bytes prove nothing then."""
    if edit.kind in (*_CLOSED_UP, EditKind.TRUNCATED):
        return True
    return all(is_inside(place, near) or evidence.is_hole(place) for place in places_of(edit))


def begins_inside(evidence: EvidenceFacts) -> bool:
    """Nothing of the connection comes before the first chunk: the capture may have begun amid the transfer."""
    capture, transfer = evidence.capture, evidence.transfer
    if capture is None or transfer is None or not transfer.chunks or capture.journal:
        return False
    first = transfer.chunks[0].number
    opened = any(
        event.connection == transfer.connection and event.kind in ("connected", "mtu") and event.number < first
        for event in capture.timeline
    )
    columns = capture.values.columns
    row = columns.connections.index(transfer.connection)
    return not opened and columns.numbers[row] == first


def _reach(evidence: EvidenceFacts) -> int:
    """Bytes: one chunk."""
    transfer = evidence.transfer
    return (transfer.chunk_size or 0) if transfer else 0


def _at_losses(edit: Edit, losses: Sequence[int]) -> bool:
    if edit.kind not in (*_CLOSED_UP, *_IN_PLACE):
        return False
    back, forward = edit.slack
    return all(_any_between(losses, place.start - back, place.end + forward) for place in places_of(edit))


def _any_between(losses: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(losses, first)
    return place < len(losses) and losses[place] <= last


def _ends_with_the_transfer(evidence: EvidenceFacts) -> bool:
    """Nothing of the connection comes after the last chunk, its end neither."""
    capture, transfer = evidence.capture, evidence.transfer
    if capture is None or transfer is None or not transfer.chunks:
        return False
    if any(problem.kind in ("cut", "cut-file", "encrypted") for problem in capture.problems):
        return True
    last = max(chunk.number for chunk in transfer.chunks)
    ended = any(event.kind == "disconnected" and event.number > last for event in capture.timeline)
    return not ended and not capture.journal and not _written_after(evidence, last)


def _written_after(evidence: EvidenceFacts, last: int) -> bool:
    """The client wrote something else after packet ``last``, such as the command that ends a transfer."""
    capture, transfer = evidence.capture, evidence.transfer
    assert capture is not None
    assert transfer is not None
    columns = capture.values.columns
    for row in range(len(columns.numbers) - 1, -1, -1):
        if columns.numbers[row] <= last:
            return False
        if columns.connections[row] == transfer.connection and Operation(columns.operations[row]).is_write:
            return True
    return False


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


def detect_never_written(case: Case) -> Iterator[Finding]:
    """OTA202: the sender never wrote chunks that the protocol places by number."""
    evidence, holes = case.evidence, case.claims.holes if case.claims else []
    if evidence is None or not holes:
        return
    counts = [chunk_count(edit) for _, edit in holes]
    known = [count for count in counts if count is not None]
    what = amount(sum(known), "chunk") if len(known) == len(counts) else amount(total(holes), "range")
    if len(holes) == 1:
        what = chunk_words(holes[0][1]) or what
    yield finding_of(
        "chunk-missing",
        summary=f"{what} never went over the link",
        edits=indexes(holes),
        where=Where.SENDER,
    )
