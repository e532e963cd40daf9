"""The timeline of a report: what happened to the connections, and where on it the transfer and the findings lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from forensics.judge.captures.facts import EvidenceFacts
from forensics.judge.wording import chunk_words
from forensics.model.alignment import Edit
from forensics.model.capture import Capture, TimelineEvent
from forensics.model.finding import Finding
from forensics.model.span import ByteSpan
from forensics.model.transfer import DecodedTransfer, PlacedChunk

MOST_EVENTS = 2000
"""Events of the link that a report keeps; what is left out is counted."""
_MOST_PLACES = 500
_MOST_OF_ONE = 50

Carried = Callable[[Edit], ByteSpan | None]
"""Where in the decoded image an edit lies; None when the capture does not show the place."""


def timeline_of(
    evidence: EvidenceFacts, findings: Sequence[Finding], edits: Sequence[Edit], carried: Carried | None = None
) -> tuple[TimelineEvent, ...]:
    """Everything on the capture's own clock in order of its packets: the link, the transfer, the findings.

    Args:
        evidence: The capture, and the transfer that was decoded from it.
        findings: What was found; each names its ``edits`` by index.
        edits: The edits of the report.
        carried: Where an edit lies in the decoded image, when it was not found by comparing with that.
    """
    capture, transfer = evidence.capture, evidence.transfer
    if capture is None:
        return ()
    events = _of_the_link(capture, None if transfer is None else transfer.connection)
    if transfer is not None and transfer.chunks:
        events += _of_the_transfer(transfer)
        events += _of_the_findings(evidence, transfer, findings, edits, carried or _received)
    return tuple(sorted(events, key=_number))


def _of_the_link(capture: Capture, connection: int | None) -> list[TimelineEvent]:
    """The events of the capture; of too many, those of the transfer's connection before others."""
    events = capture.timeline
    if len(events) <= MOST_EVENTS:
        return list(events)
    ranked = sorted(range(len(events)), key=lambda place: events[place].connection != connection)
    kept = [events[place] for place in sorted(ranked[:MOST_EVENTS])]
    left_out = len(events) - len(kept)
    last = events[-1]
    text = f"{left_out} more events of the link are left out"
    return [*kept, TimelineEvent(number=last.number, time=last.time, connection=None, kind="left-out", text=text)]


def _of_the_transfer(transfer: DecodedTransfer) -> list[TimelineEvent]:
    first, last = (choose(transfer.chunks, key=_number) for choose in (min, max))
    return [
        _event(transfer, first, "first-chunk", f"{transfer.protocol}: first chunk of the image, {first.size} bytes"),
        _event(transfer, last, "last-chunk", f"last chunk, {last.size} bytes, of {len(transfer.chunks)} chunks"),
    ]


def _of_the_findings(
    evidence: EvidenceFacts,
    transfer: DecodedTransfer,
    findings: Sequence[Finding],
    edits: Sequence[Edit],
    carried: Carried,
) -> Iterator[TimelineEvent]:
    """One event for each place of each finding, at the packet that carries it or behind which it is missing."""
    left = _MOST_PLACES
    for finding in findings:
        name = f"{finding.code} {finding.slug}"
        shown = 0
        for index in finding.edits[: min(left, _MOST_OF_ONE)]:
            span = carried(edits[index])
            chunk = None if span is None else evidence.chunk_at(span.start) or evidence.chunk_at(span.start - 1)
            if chunk is not None:
                what = chunk_words(edits[index])
                yield _event(transfer, chunk, "finding", f"{name}: {what}" if what else name)
                shown += 1
        left -= shown


def _event(transfer: DecodedTransfer, chunk: PlacedChunk, kind: str, text: str) -> TimelineEvent:
    return TimelineEvent(number=chunk.number, time=chunk.time, connection=transfer.connection, kind=kind, text=text)


def _received(edit: Edit) -> ByteSpan:
    return edit.received


def _number(item: TimelineEvent | PlacedChunk) -> int:
    return item.number
