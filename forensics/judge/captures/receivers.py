"""Receivers that are known by what they store.

Source: espressif/esp-iot-solution ``ble_ota`` 0.1.16 (Bluedroid); ClaesClaes/Arduino-ESP32-NimBLE-OTA-iOS-SwiftUI.
"""

from __future__ import annotations

import binascii

from forensics.judge.captures.facts import Numbered
from forensics.judge.case import Compared
from forensics.judge.wording import amount, chunk_count, chunk_words, consequence, finding_of, indexes, notes
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Finding, Where
from forensics.spec.flash import SECTOR

_CRC_SIZE = 2
_SHORTEST_FULL_WRITE = 510
_TAIL = "the CRC of the last sector and zeros: Espressif's ble_ota on Bluedroid writes whole sectors of 4096 bytes"
_PADDED = (
    "the sector ends in the CRC of its packets and zeros: Espressif's ble_ota on Bluedroid appends what comes, "
    "takes the CRC for data and writes 4096 bytes whatever it has"
)


def detect(case: Compared) -> Finding | None:
    """OTA216: losses and the padding that makes them good, in sectors that end in the CRC of what was sent and zeros."""
    edits = [] if case.evidence else _padded_sectors(case)
    return _sector_padded(case, edits) if edits else None


def _padded_sectors(case: Compared) -> Numbered:
    """Losses and the padding that makes them good, in sectors that end in the CRC of what was sent and zeros."""
    edits = case.of_kind(EditKind.INSERTED, EditKind.DROPPED)
    claimed: Numbered = []
    for index, edit in edits:
        if edit.kind is not EditKind.INSERTED or not _ends_in_crc(case, edit):
            continue
        start, end = edit.received.end - SECTOR, edit.received.end
        lost = [
            (other, drop)
            for other, drop in edits
            if drop.kind is EditKind.DROPPED and drop.sent and start <= drop.sent.start and drop.sent.end <= end
        ]
        if sum(drop.sent.size for _, drop in lost if drop.sent) == edit.received.size:
            claimed += [*lost, (index, edit)]
    return sorted(claimed)


def _ends_in_crc(case: Compared, edit: Edit) -> bool:
    start, end = edit.received.start, edit.received.end
    if end % SECTOR or edit.repeat or not _CRC_SIZE < end - start < SECTOR:
        return False
    crc = _crc(case.sent.data[end - SECTOR : end])
    return case.received.data[start:end] == crc.ljust(end - start, b"\0")


def _crc(sector: bytes) -> bytes:
    """CRC-16 with polynomial 0x1021 and initial value 0, as the sender puts it behind a sector."""
    return binascii.crc_hqx(sector, 0).to_bytes(_CRC_SIZE, "little")


def _sector_padded(case: Compared, edits: Numbered) -> Finding:
    lost = [edit for _, edit in edits if edit.kind is EditKind.DROPPED]
    sectors = sum(edit.kind is EditKind.INSERTED for _, edit in edits)
    counts = [chunk_count(edit) for edit in lost]
    chunks = sum(count or 0 for count in counts)
    what = amount(sum(edit.sent.size for edit in lost if edit.sent), "byte")
    if None not in counts:
        what = (len(lost) == 1 and chunk_words(lost[0])) or amount(chunks, "chunk")
    where = "its sector was" if len(lost) == 1 else f"{amount(sectors, 'sector')} were"
    return finding_of(
        "sector-padded",
        summary=f"{what} never arrived, and {where} filled up with a CRC and zeros",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(_PADDED, consequence(case)),
    )


def note_of_tail(case: Compared, edit: Edit) -> str | None:
    """What leaves such bytes behind the end of the image."""
    return _TAIL if not case.evidence and _is_sector_tail(case, edit) else None


def note_of_short_write(case: Compared, edit: Edit) -> str | None:
    """That a receiver takes the first short write for the last one, where only one arrived."""
    arrived = edit.received.start
    if case.evidence or not 0 < arrived < _SHORTEST_FULL_WRITE:
        return None
    return (
        f"the first write had {arrived} bytes: a receiver that takes the first write under "
        f"{_SHORTEST_FULL_WRITE} bytes for the last one ends the transfer there (otadiff explain OTA312)"
    )


def _is_sector_tail(case: Compared, edit: Edit) -> bool:
    sent, start, end = case.sent.data, edit.received.start, edit.received.end
    if edit.kind is not EditKind.TRAILING or start != len(sent) or end % SECTOR or end - start < _CRC_SIZE:
        return False
    crc = _crc(sent[start - start % SECTOR :])
    if crc == bytes(_CRC_SIZE):
        return False
    return case.received.data[start:end] == crc.ljust(end - start, b"\0")
