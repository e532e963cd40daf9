"""Looks up where received bytes come from, by the report's spans."""

from __future__ import annotations

from bisect import bisect_right

from forensics.model.alignment import Relation, Span
from forensics.model.report import Report


class Origins:
    """The spans of one report, found by received offset."""

    def __init__(self, spans: tuple[Span, ...]) -> None:
        self._spans = spans

    def span_at(self, received: int) -> Span | None:
        """The span that holds the received byte at this offset, or None outside the compared region."""
        index = bisect_right(self._spans, received, key=_received_start) - 1
        if index < 0 or received >= self._spans[index].received.end:
            return None
        return self._spans[index]

    def sent_of(self, received: int) -> int | None:
        """Sent offset whose byte stands at this received offset, or None when it is of no sent byte."""
        span = self.span_at(received)
        if span is None or span.sent is None or span.relation not in (Relation.SAME, Relation.ALTERED):
            return None
        return span.sent.start + received - span.received.start


def _received_start(span: Span) -> int:
    return span.received.start


def region_starts(report: Report) -> tuple[int, int]:
    """Offsets at which the compared bytes begin in SENT and in RECEIVED."""
    sent = report.sent.region.start if report.sent is not None and report.sent.region is not None else 0
    if report.spans:
        return sent, report.spans[0].received.start
    received = report.received
    return sent, received.region.start if received is not None and received.region is not None else 0
