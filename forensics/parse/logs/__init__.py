"""Pasted device logs, however they were pasted, into walks, errors and events."""

from __future__ import annotations

import gc
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, pairwise

from forensics.model.log import DeviceLog
from forensics.parse.logs.passes import PassBuilder
from forensics.parse.logs.records import RecordReader
from forensics.parse.logs.source import read_lines

_TIME = re.compile(r"^[^(\n]{0,60}[EWIDV] \((\d{1,10})\) ", re.MULTILINE)
_LOOKED_AT = 400
_FEWEST_TIMES = 2
"""Lines with a time from which their order can be told; of two, one may be of another boot."""


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


def _is_newest_first(lines: Sequence[str]) -> bool:
    """The device's own times fall from line to line, and never by a restart, after which they begin near zero."""
    times = [int(found) for found in _TIME.findall("\n".join(lines[:_LOOKED_AT]))]
    falls = sum(after < before for before, after in pairwise(times))
    return len(times) > _FEWEST_TIMES and falls * 5 >= 4 * (len(times) - 1)


def _parse(text: str | bytes, *, loose: bool) -> tuple[DeviceLog, bool]:
    builder = PassBuilder()
    reader = RecordReader(builder=builder, loose=loose)
    blocks = read_lines(text)
    first = next(blocks, None)
    newest_first = first is not None and _is_newest_first(first[1])
    for numbers, lines in () if first is None else chain((first,), blocks):
        if newest_first:
            # Only a page of it is ever pasted so, and the first block holds that.
            reader.feed_block(range(1, len(lines) + 1), lines[::-1])
        else:
            reader.feed_block(numbers, lines)
    unread = reader.finish()
    log = builder.finish(unread)
    network = {event.line for event in log.events if event.kind.startswith(("http_", "tls_", "curl_"))}
    hints = tuple(sorted(set(reader.hints).intersection(unread) | set(reader.hints).intersection(network)))
    log = replace(log, newest_first=newest_first, update_lines=hints, spoke=reader.spoke)
    return log, reader.seen_loose
