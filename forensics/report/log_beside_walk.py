"""The device's log beside the lines that were predicted for the image, step by step. Pure data, no drawing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forensics.model.check import Check, Outcome
from forensics.model.image import EspImage
from forensics.model.log import DeviceLog, LogError, LogPass, LogSegment
from forensics.model.report import Report
from forensics.report.checks import step_words
from forensics.report.log_view import line_words

WALKS_SHOWN = 6
EVENTS_SHOWN = 40
AFTERWARDS = "afterwards"
"""Row of the error lines that come behind the walk."""

_NUMBER = re.compile(r"\b(?:0x[0-9A-Fa-f]{1,8}|0|[1-9]\d{0,9})\b")

_STEP_OF_ERROR = {
    "checksum_failed": "checksum",
    "hash_failed": "digest",
    "invalid_magic_byte": "magic",
    "invalid_spi_mode": "magic",
    "invalid_spi_speed": "magic",
    "invalid_spi_size": "magic",
    "segment_count": "segment-count",
    "chip_id_mismatch": "chip",
    "chip_rev_too_low": "revision",
    "chip_rev_too_high": "revision",
    "image_too_long": "length",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedLine:
    """One line of the log: its number from 1, and its words or what was read from them."""

    number: int
    words: str
    bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkRow:
    """One step: what the device would print for the image, and what it did print."""

    step: str
    predicted: tuple[str, ...]
    logged: tuple[LoggedLine, ...]
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkView:
    """One verification walk of the log."""

    walk: LogPass
    rows: tuple[WalkRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """The whole log.

    Attributes:
        subject: File whose predicted lines stand beside it; empty when no image is at hand.
        more_walks: How many walks are left out; the last ones are shown.
        events: What else the log tells, in order; ``more_events`` counts what is left out.
    """

    subject: str
    walks: tuple[WalkView, ...]
    more_walks: int
    events: tuple[LoggedLine, ...]
    more_events: int


def log_beside_walk(report: Report) -> LogView | None:
    """The log of a report, or None when it has none."""
    log = report.log
    if log is None:
        return None
    side, checks = (report.received, report.device.received) if report.received else (report.sent, report.device.sent)
    quotes = {quote.line: quote.text for quote in log.quotes}
    image = side.image if side is not None else None
    walks = tuple(WalkView(walk=walk, rows=_rows(walk, checks, image, quotes)) for walk in log.passes[-WALKS_SHOWN:])
    events = _events(log)
    return LogView(
        subject=side.name if side is not None and checks else "",
        walks=walks,
        more_walks=len(log.passes) - len(walks),
        events=events[:EVENTS_SHOWN],
        more_events=max(0, len(events) - EVENTS_SHOWN),
    )


def _events(log: DeviceLog) -> tuple[LoggedLine, ...]:
    return tuple(LoggedLine(number=event.line, words=line_words(event)) for event in log.events)


def _rows(walk: LogPass, checks: tuple[Check, ...], image: EspImage | None, quotes: dict[int, str]) -> tuple[WalkRow, ...]:
    logged = _logged(walk, quotes)
    predicted = {check.step: tuple(line for line in check.lines if line[:1] in "IWE") for check in checks}
    failing = {check.step for check in checks if check.outcome is Outcome.FAILED}
    segments = {f"segment-{segment.index}": segment for segment in image.segments} if image is not None else {}
    rows = []
    for step in dict.fromkeys([*predicted, *logged]):
        lines = logged.get(step, ())
        differs = bool(checks) and step != AFTERWARDS and any(line.bad for line in lines) != (step in failing)
        found = next((segment for segment in walk.segments if f"segment-{segment.index}" == step), None)
        if found is not None and step in segments:
            start = walk.image_start if walk.image_start is not None else found.paddr - segments[step].data.start
            wanted = (start + segments[step].data.start, segments[step].load_addr, segments[step].data_len)
            differs = differs or (found.paddr, found.vaddr, found.size) != wanted
        differs = differs or (step in failing and _other_numbers(step, walk, predicted[step]))
        if lines or predicted.get(step):
            rows.append(WalkRow(step=step_words(step), predicted=predicted.get(step, ()), logged=lines, differs=differs))
    return tuple(rows)


def _other_numbers(step: str, walk: LogPass, predicted: tuple[str, ...]) -> bool:
    """An error line of this step holds a number that is in no predicted line; the words differ between releases."""
    numbers = {int(number, 0) for line in predicted for number in _NUMBER.findall(line)}
    errors = [error for error in walk.errors if _step_of(error, walk) == step]
    logged = {value for error in errors for value in error.fields.values() if isinstance(value, int)}
    return bool(numbers) and not logged <= numbers


def _logged(walk: LogPass, quotes: dict[int, str]) -> dict[str, tuple[LoggedLine, ...]]:
    """The lines of one walk by the step that prints them."""
    lines: dict[str, list[LoggedLine]] = {}
    for segment in walk.segments:
        words = quotes.get(segment.line) or _segment_words(segment)
        lines.setdefault(f"segment-{segment.index}", []).append(LoggedLine(number=segment.line, words=words))
    for error in walk.errors:
        words = quotes.get(error.line) or line_words(error)
        lines.setdefault(_step_of(error, walk), []).append(LoggedLine(number=error.line, words=words, bad=True))
    for number in walk.hash_lines:
        words = quotes.get(number) or _hash_words(walk, number)
        lines.setdefault("digest", []).append(LoggedLine(number=number, words=words))
    return {step: tuple(sorted(found, key=_number)) for step, found in lines.items()}


def _number(line: LoggedLine) -> int:
    return line.number


def _segment_words(segment: LogSegment) -> str:
    """The line as the device prints it, from the numbers in it."""
    how = " map" if segment.map else ""
    place = f"paddr={segment.paddr:08x} vaddr={segment.vaddr:08x}"
    return f"segment {segment.index}: {place} size={segment.size:05x}h ({segment.size}){how}"


def _hash_words(walk: LogPass, number: int) -> str:
    hashes = walk.hash
    if hashes is None:
        return "hash"
    first = number == min(walk.hash_lines)
    name, digits = ("calculated", hashes.calculated) if first else ("expected", hashes.expected)
    return f"{name} hash {digits or 'not printed'}"


def _step_of(error: LogError, walk: LogPass) -> str:
    index = error.fields.get("index")
    if isinstance(index, int):
        return f"segment-{index}"
    if error.kind == "invalid_segment_length":
        reached = [segment.index for segment in walk.segments]
        return f"segment-{max(reached, default=-1) + 1}"
    return _STEP_OF_ERROR.get(error.kind, AFTERWARDS)
