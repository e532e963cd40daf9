"""Pasted device logs, however they were pasted, into walks, errors and events."""

from __future__ import annotations

import gc

from forensics.model.log import DeviceLog
from forensics.parse.logs.passes import PassBuilder
from forensics.parse.logs.records import RecordReader
from forensics.parse.logs.source import read_lines


def parse_log(text: str | bytes) -> DeviceLog:
    """What a device's log says, in whatever shape it was pasted.

    Any text gives a result; one that holds no line of a device gives a log without passes and events. Lines
    are numbered from one as an editor shows them. Lines of the verifier without level, time and tag are taken
    for prose that quotes the log, unless the text has no others.

    Args:
        text: The paste. Bytes may be in any encoding in which the log itself is ASCII.
    """
    # All that is made is kept: the collector would walk it again and again, and find nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        log, seen_loose = _parse(text, loose=False)
        if seen_loose and not log.passes:
            log, _ = _parse(text, loose=True)
        return log
    finally:
        if collecting:
            gc.enable()


def _parse(text: str | bytes, *, loose: bool) -> tuple[DeviceLog, bool]:
    builder = PassBuilder()
    reader = RecordReader(builder=builder, loose=loose)
    for numbers, lines in read_lines(text):
        reader.feed_block(numbers, lines)
    unread = reader.finish()
    return builder.finish(unread), reader.seen_loose
