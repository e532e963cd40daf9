"""Sections of the Markdown that show the evidence: an inspected file, the device's log, the capture's timeline."""

from __future__ import annotations

import re

from forensics.model.report import Report
from forensics.report.facts import Fact, image_shown, inspection_of
from forensics.report.inputs import kind_words, role_words
from forensics.report.inspection import device_words
from forensics.report.inspection_flash import flash_facts
from forensics.report.inspection_image import identity_facts, integrity_facts, segment_table
from forensics.report.log_beside_walk import LoggedLine, WalkView, log_beside_walk
from forensics.report.markdown_text import coded, escaped, folded, table
from forensics.report.timeline import timeline_of
from forensics.report.words import counted, hex_offset

EVENTS_SHOWN = 40
FILES_SHOWN = 40
WALKS_SHOWN = 2
_ADDRESS = re.compile(r"\b([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){2})(?::[0-9A-Fa-f]{2}){3}\b")


def inspection_blocks(report: Report) -> list[str]:
    """What the file is and holds, unfolded: there is nothing else that the report of one file is read for."""
    inspection, image = inspection_of(report), image_shown(report)
    blocks = []
    flash = inspection.flash if inspection is not None else None
    if flash is not None:
        blocks.append(_fact_table(flash_facts(flash)))
    if image is not None:
        device = (Fact(name="device", words=device_words(inspection, report.device.sent)),) if inspection is not None else ()
        blocks.append(_fact_table((*identity_facts(image, inspection), *integrity_facts(image, inspection), *device)))
        segments = segment_table(image, inspection, report.device.sent)
        if segments is not None:
            rows = [tuple(escaped(cell) for cell in row.cells) for row in segments.rows]
            blocks.append(table(tuple(escaped(head) for head in segments.heads), rows))
            blocks += [f"**{escaped(segments.broken)}**"] if segments.broken else []
    return blocks


def _fact_table(facts: tuple[Fact, ...]) -> str:
    rows: list[tuple[str, str]] = []
    for fact in facts:
        words = escaped(fact.words)
        if fact.name or not rows:
            rows.append((f"**{escaped(fact.name)}**", words))
        else:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]}<br>{words}")
    return table(("what", "the file says"), rows)


def log_blocks(report: Report) -> list[str]:
    """The device's log beside the predicted one, folded."""
    view = log_beside_walk(report)
    if view is None:
        return []
    blocks = []
    for walk in view.walks[-WALKS_SHOWN:]:
        start = walk.walk.image_start
        place = f", image at flash address {hex_offset(start)}" if start is not None else ""
        first, last = walk.walk.lines
        blocks.append(f"Lines {first} to {last}: {escaped(walk.walk.outcome)}{place}")
        if walk.rows:
            blocks.append(_walk_table(walk, view.subject))
    more = view.more_walks + len(view.walks[:-WALKS_SHOWN])
    if more:
        blocks.insert(0, f"The first {counted(more, 'walk')} of the log left out.")
    title = "Device log beside the predicted one" if view.subject else "Device log"
    return [folded(title, blocks)] if blocks else []


def _walk_table(walk: WalkView, subject: str) -> str:
    rows = []
    for row in walk.rows:
        step = f"**{escaped(row.step)}: differs**" if row.differs else escaped(row.step)
        predicted = "<br>".join(coded(line) for line in row.predicted)
        rows.append((step, *((predicted,) if subject else ()), "<br>".join(_logged(line) for line in row.logged)))
    heads = ("step", *((f"predicted for {coded(subject)}",) if subject else ()), "in the log")
    return table(heads, rows)


def _logged(line: LoggedLine) -> str:
    words = f"<code>{escaped(line.words)}</code>"
    return f"{line.number}: {words}" if line.number else words


def timeline_blocks(report: Report) -> list[str]:
    """The events of the capture, folded, without the half of a device address that tells one device from others."""
    view = timeline_of(report)
    if view is None:
        return []
    rows = []
    for row in view.rows[:EVENTS_SHOWN]:
        codes = " ".join(coded(report.findings[place].code) for place in row.findings)
        words = _ADDRESS.sub(r"\1:xx:xx:xx", row.event.text)
        rows.append((row.seconds, str(row.event.number), escaped(row.event.kind), escaped(words), codes))
    blocks = [table(("after", "packet", "event", "what happened", "finding"), rows)]
    more = view.more + len(view.rows) - len(rows)
    return [folded("Capture timeline", [*blocks, *([f"... and {counted(more, 'more event')}"] if more else [])])]


def inputs_blocks(report: Report) -> list[str]:
    """What each file of a triage was taken for, folded."""
    files = report.inputs[:FILES_SHOWN]
    if not files:
        return []
    rows = [(role_words(file), coded(file.name), escaped(kind_words(file)), escaped(file.why)) for file in files]
    blocks = [table(("taken as", "file", "what it is", "why"), rows)]
    more = len(report.inputs) - len(files)
    return [folded("What each file was taken for", [*blocks, *([f"... and {counted(more, 'more file')}"] if more else [])])]
