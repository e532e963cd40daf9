"""The events of a capture on an axis of time and in a table. Pure data, no drawing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forensics.model.capture import TimelineEvent
from forensics.model.finding import Finding
from forensics.model.report import Report

EVENTS_SHOWN = 200
"""Rows of the table; the packets of a finding are always among them."""
MARKS_SHOWN = 600
"""Events on the axis: those of a finding, and as many of the others, evenly spread."""
LANES = 8
"""Kinds of events with a lane of their own; the others share the last one."""
WIDTH = 960
LEFT = 150
RIGHT = 12
LANE = 16
"""User units from one lane to the next."""

FINDINGS_LINKED = 5
"""Findings that one event leads to."""

_CODE = re.compile(r"OTA\d{3}\b")
_PACKETS = re.compile(r"\bpackets? (\d{1,12})(?: (?:to|and) (\d{1,12}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event: seconds after the first one, and the findings (by their place in the report) that it bears out."""

    seconds: str
    event: TimelineEvent
    findings: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMark:
    """One event on the axis, in user units; ``told`` when a finding rests on it."""

    x: float
    y: int
    title: str
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The words beside one lane."""

    y: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineView:
    """Everything that is shown; ``more`` counts the events that are left out of the table."""

    rows: tuple[EventRow, ...]
    more: int
    width: int
    height: int
    left: int
    lanes: tuple[Lane, ...]
    marks: tuple[EventMark, ...]
    end: str


def timeline_of(report: Report) -> TimelineView | None:
    """The timeline of a report, or None when it has no capture."""
    events = sorted(report.timeline, key=_order)
    if not events:
        return None
    first, last = events[0].time, events[-1].time
    told = _packets_told(report.findings)
    rows = [
        EventRow(seconds=_seconds(event.time - first), event=event, findings=_findings_of(event, told, report.findings))
        for event in events
    ]
    room = max(0, EVENTS_SHOWN - sum(1 for row in rows if row.findings))
    plain = [row for row in rows if not row.findings]
    shown = {id(row) for row in plain[:room]}
    kept = tuple(row for row in rows if row.findings or id(row) in shown)[: 2 * EVENTS_SHOWN]
    lanes = _lanes(events)
    return TimelineView(
        rows=kept,
        more=len(rows) - len(kept),
        width=WIDTH,
        left=LEFT,
        height=(len(lanes) + 1) * LANE + 4,
        lanes=lanes,
        marks=_marks(rows, lanes, max(1, last - first), first),
        end=_seconds(last - first),
    )


def _order(event: TimelineEvent) -> tuple[int, int]:
    return event.time, event.number


def _seconds(microseconds: int) -> str:
    milliseconds = microseconds // 1000
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d} s"


def _packets_told(findings: Sequence[Finding]) -> dict[int, list[int]]:
    """Packet numbers that a finding names, with the places of those findings in the report."""
    told: dict[int, list[int]] = {}
    for place, finding in enumerate(findings):
        words = " ".join((finding.summary, *finding.notes))
        numbers = {int(number) for hit in _PACKETS.finditer(words) for number in hit.groups() if number}
        for number in numbers:
            told.setdefault(number, []).append(place)
    return told


def _findings_of(event: TimelineEvent, told: dict[int, list[int]], findings: Sequence[Finding]) -> tuple[int, ...]:
    """The findings of the code that the event names, else those that name its packet."""
    code = _CODE.match(event.text)
    places = range(len(findings)) if code else told.get(event.number, ())
    return tuple(place for place in places if code is None or findings[place].code == code[0])[:FINDINGS_LINKED]


def _lanes(events: Sequence[TimelineEvent]) -> tuple[Lane, ...]:
    kinds = list(dict.fromkeys(event.kind for event in events))
    labels = kinds if len(kinds) <= LANES else [*kinds[: LANES - 1], "other"]
    return tuple(Lane(y=(index + 1) * LANE, label=label) for index, label in enumerate(labels))


def _marks(rows: Sequence[EventRow], lanes: tuple[Lane, ...], duration: int, first: int) -> tuple[EventMark, ...]:
    heights = {lane.label: lane.y for lane in lanes}
    marks: dict[tuple[float, int], EventMark] = {}
    for row in rows:
        # Whole numbers: the times of a saved report may be larger than a float holds.
        x = LEFT + (WIDTH - LEFT - RIGHT) * 10 * (row.event.time - first) // duration / 10
        y = heights.get(row.event.kind, lanes[-1].y)
        title = f"{row.seconds}, packet {row.event.number}, {row.event.kind}: {row.event.text}"
        if (x, y) not in marks or row.findings:
            marks[x, y] = EventMark(x=x, y=y, title=title, told=bool(row.findings))
    told = [mark for mark in marks.values() if mark.told][:MARKS_SHOWN]
    plain = [mark for mark in marks.values() if not mark.told]
    every = -(-len(plain) // max(1, MARKS_SHOWN - len(told)))
    return (*plain[:: max(1, every)], *told)
