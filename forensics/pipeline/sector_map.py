"""The map of the slot that the tap in the device printed or notified, held against the files."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forensics.judge.case import Side
from forensics.judge.logs.slot_map import SlotMap
from forensics.model.log import DeviceLog, LogEvent
from forensics.solve import map_sectors, sector_stories
from forensics.spec.log_lines.tap import SECTOR_MAP
from forensics.spec.tap import MOST_SECTORS_OF_A_LINE, TAP_SECTOR_SIZE, line_check

_SECTORS_BEHIND = 16
"""Sectors behind the end of SENT that are looked at; the slot may be mapped whole."""


_WITHHELD = 16
"""Bytes at the start of the slot that Arduino writes last, so that a partial image does not boot.

Source: arduino-esp32 ``libraries/Update/src/Updater.cpp``, ``_writeBuffer`` (``ENCRYPTED_BLOCK_SIZE``) and
``_enablePartition``.
"""


@dataclass(slots=True)
class _Printed:
    """One map as its lines come in."""

    crcs: dict[int, int] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    damaged: list[int] = field(default_factory=list)
    last: int = -1

    def add(self, first: int, crcs: Sequence[int], line: int) -> None:
        """Takes in the sectors of one line."""
        self.last = first
        for index, crc in enumerate(crcs, first):
            self.crcs[index] = crc
            self.lines[index] = line

    def agrees(self, other: _Printed) -> bool:
        """What both hold is the same, so both may be of one attempt, as in a log that was pasted twice."""
        return all(other.crcs.get(index, crc) == crc for index, crc in self.crcs.items())


def printed_map(log: DeviceLog) -> SlotMap | None:
    """The last map in a log, without the files; None when it holds none."""
    maps = _maps(log)
    newest = maps.pop()
    while maps and maps[-1].agrees(newest):
        older = maps.pop()
        newest.crcs = older.crcs | newest.crcs
        newest.lines = older.lines | newest.lines
        newest.damaged = [*older.damaged, *newest.damaged]
    if not newest.crcs and not newest.damaged:
        return None
    return SlotMap(crcs=newest.crcs, lines=newest.lines, damaged=tuple(newest.damaged), earlier=len(maps))


def _maps(log: DeviceLog) -> list[_Printed]:
    """Every map in the order of the log: another begins where a line goes back to an earlier sector."""
    maps = [_Printed()]
    for event in log.events:
        if event.kind != SECTOR_MAP:
            continue
        crcs = _crcs(event)
        first = event.fields.get("first")
        if crcs is None or not isinstance(first, int):
            maps[-1].damaged.append(event.line)
            continue
        if first < maps[-1].last or (first == maps[-1].last and maps[-1].crcs[first] != crcs[0]):
            maps.append(_Printed())
        maps[-1].add(first, crcs, event.line)
    return maps


def slot_map_of_log(
    log: DeviceLog, sent: Side | None, received: Side | None = None, chunk_sizes: Sequence[int] | None = None
) -> SlotMap | None:
    """The last map in a log, held against the files that are at hand; None when the log holds none."""
    known = printed_map(log)
    return None if known is None else held_against(known, sent, received, chunk_sizes)


def held_against(
    known: SlotMap, sent: Side | None, received: Side | None = None, chunk_sizes: Sequence[int] | None = None
) -> SlotMap:
    """The map with what it says of SENT and of a dump.

    Args:
        known: The checksums, and where they stand.
        sent: The image that was sent.
        received: A dump of the slot from its start.
        chunk_sizes: Bytes of a chunk, when known.
    """
    if sent is None or not known.crcs:
        return known
    end = -(-len(sent.data) // TAP_SECTOR_SIZE) + _SECTORS_BEHIND
    crcs = {index: crc for index, crc in sorted(known.crcs.items()) if index < end}
    whole = _with_head(sent.data, crcs)
    withheld, crcs = whole != crcs, whole
    found = map_sectors(sent.data, crcs, chunk_sizes=chunk_sizes)
    unlike = None if received is None else _unlike(received.data, crcs)
    readings = () if unlike == () else sector_stories(sent.data, crcs, found, chunk_sizes=chunk_sizes)
    return SlotMap(
        crcs=crcs,
        lines=known.lines,
        damaged=known.damaged,
        earlier=known.earlier,
        found=found,
        readings=readings,
        withheld=withheld,
        unlike_dump=unlike,
    )


def _crcs(event: LogEvent) -> tuple[int, ...] | None:
    """The checksums of a line; None when it lost characters, which its own check tells."""
    first, count, words = (event.fields.get(name) for name in ("first", "count", "crcs"))
    if not isinstance(first, int) or not isinstance(words, str):
        return None
    digits = "".join(words.split())
    crcs = tuple(int(digits[at : at + 8], 16) for at in range(0, len(digits), 8))
    whole = len(crcs) == count and len(crcs) <= MOST_SECTORS_OF_A_LINE
    return crcs if whole and event.fields.get("check") == line_check(first, crcs) else None


def _with_head(sent: bytes, crcs: dict[int, int]) -> dict[int, int]:
    """The checksums as if the first bytes were written, where only they were not."""
    head = sent[:TAP_SECTOR_SIZE].ljust(TAP_SECTOR_SIZE, b"\xff")
    late = zlib.crc32(b"\xff" * _WITHHELD + head[_WITHHELD:])
    return {**crcs, 0: zlib.crc32(head)} if crcs.get(0) == late else crcs


def _unlike(dump: bytes, crcs: Mapping[int, int]) -> tuple[int, ...] | None:
    """Known sectors in which the dump differs; its last one may end early, and then goes on erased or as zeros."""
    compared = [index for index in crcs if index * TAP_SECTOR_SIZE < len(dump)]
    if not compared:
        return None
    return tuple(index for index in compared if not _alike(dump, index, crcs[index]))


def _alike(dump: bytes, index: int, crc: int) -> bool:
    content = dump[index * TAP_SECTOR_SIZE : (index + 1) * TAP_SECTOR_SIZE]
    if len(content) == TAP_SECTOR_SIZE:
        return zlib.crc32(content) == crc
    # What is behind the end of a file cut to the image's size was never read: nothing speaks against it.
    return any(zlib.crc32(content.ljust(TAP_SECTOR_SIZE, fill)) == crc for fill in (b"\xff", b"\0"))
