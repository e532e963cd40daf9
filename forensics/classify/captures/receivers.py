"""Receivers that are known by what they store: which of them explains the edits, asked after the faults.

Source: espressif/esp-iot-solution ``ble_ota`` 0.1.16 (Bluedroid); ClaesClaes/Arduino-ESP32-NimBLE-OTA-iOS-SwiftUI.
"""

from __future__ import annotations

import binascii
from dataclasses import replace

from forensics.classify.captures.evidence import Numbered
from forensics.classify.captures.findings import reclassified
from forensics.classify.captures.fixed_writes import (
    fixed_size_writes,
    notes_of_zeros,
    stale_end,
    told_by_announcement,
    told_by_stale_end,
)
from forensics.classify.facts import Facts
from forensics.classify.faults import fault
from forensics.classify.wording import amount, chunk_count, chunk_words, consequence, finding_of, indexes, notes
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


def with_receivers(facts: Facts, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, told by the receiver that leaves such bytes where one is recognised."""
    padded, surplus, left_over = _padded_sectors(facts), fixed_size_writes(facts), stale_end(facts)
    own = [
        tell(facts, edits)
        for edits, tell in ((padded, _sector_padded), (surplus, told_by_announcement), (left_over, told_by_stale_end))
        if edits
    ]
    if own:
        gone = {index for finding in own for index in finding.edits}
        rest = [(index, edit) for index, edit in enumerate(facts.alignment.edits) if index not in gone]
        others = reclassified(facts, rest)
        # What stands at the end for a loss is told behind the loss.
        ordered = (*own, *others) if padded or surplus else (*others, *own)
        findings = tuple(sorted(ordered, key=lambda finding: finding.benign))
    return tuple(_told(finding, facts) for finding in findings)


def _padded_sectors(facts: Facts) -> Numbered:
    """Losses and the padding that makes them good, in sectors that end in the CRC of what was sent and zeros."""
    edits = list(enumerate(facts.alignment.edits))
    claimed: Numbered = []
    for index, edit in edits:
        if edit.kind is not EditKind.INSERTED or not _ends_in_crc(facts, edit):
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


def _ends_in_crc(facts: Facts, edit: Edit) -> bool:
    start, end = edit.received.start, edit.received.end
    if end % SECTOR or edit.repeat or not _CRC_SIZE < end - start < SECTOR:
        return False
    crc = _crc(facts.sent.data[end - SECTOR : end])
    return facts.received.data[start:end] == crc.ljust(end - start, b"\0")


def _crc(sector: bytes) -> bytes:
    """CRC-16 with polynomial 0x1021 and initial value 0, as the sender puts it behind a sector."""
    return binascii.crc_hqx(sector, 0).to_bytes(_CRC_SIZE, "little")


def _sector_padded(facts: Facts, edits: Numbered) -> Finding:
    found = fault("sector-padded")
    assert found is not None
    lost = [edit for _, edit in edits if edit.kind is EditKind.DROPPED]
    sectors = sum(edit.kind is EditKind.INSERTED for _, edit in edits)
    counts = [chunk_count(edit) for edit in lost]
    chunks = sum(count or 0 for count in counts)
    what = amount(sum(edit.sent.size for edit in lost if edit.sent), "byte")
    if None not in counts:
        what = (len(lost) == 1 and chunk_words(lost[0])) or amount(chunks, "chunk")
    where = "its sector was" if len(lost) == 1 else f"{amount(sectors, 'sector')} were"
    return finding_of(
        found,
        summary=f"{what} never arrived, and {where} filled up with a CRC and zeros",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(_PADDED, consequence(facts)),
    )


def _told(finding: Finding, facts: Facts) -> Finding:
    """The finding with a note on the receiver, where its edit is one that a receiver is known for."""
    edits = [facts.alignment.edits[index] for index in finding.edits]
    if finding.slug == "harmless-tail" and any(_is_sector_tail(facts, edit) for edit in edits):
        return replace(finding, notes=(_TAIL,))
    if finding.slug == "tail-missing" and edits and 0 < edits[0].received.start < _SHORTEST_FULL_WRITE:
        arrived = edits[0].received.start
        note = (
            f"the first write had {arrived} bytes: a receiver that takes the first write under "
            f"{_SHORTEST_FULL_WRITE} bytes for the last one ends the transfer there (otadiff explain OTA312)"
        )
        return replace(finding, notes=(note, *finding.notes))
    if finding.slug == "chunk-filled" and edits:
        return replace(finding, notes=(*finding.notes, *notes_of_zeros(facts, edits[0])))
    return finding


def _is_sector_tail(facts: Facts, edit: Edit) -> bool:
    sent, start, end = facts.sent.data, edit.received.start, edit.received.end
    if edit.kind is not EditKind.TRAILING or start != len(sent) or end % SECTOR or end - start < _CRC_SIZE:
        return False
    crc = _crc(sent[start - start % SECTOR :])
    if crc == bytes(_CRC_SIZE):
        return False
    return facts.received.data[start:end] == crc.ljust(end - start, b"\0")
