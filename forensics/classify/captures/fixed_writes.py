"""Receivers that store a fixed number of bytes for every write, or leave behind what they held before.

Source: michael-angerer/esp32_ble_ota, its static chunk buffer; sparkleo-io/flutter_ota, which announces 200 bytes
and writes 197; fbiego/ESP32_BLE_OTA_Arduino, its two part buffers.
"""

from __future__ import annotations

from forensics.classify.captures.evidence import Numbered
from forensics.classify.captures.facts import places_of
from forensics.classify.facts import Facts
from forensics.classify.faults import fault
from forensics.classify.wording import amount, consequence, finding_of, indexes, notes
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Certainty, Finding, Where
from forensics.spec.flash import SECTOR

_PART_SIZE = 16000
_PARTS = 2
_FEWEST_WRITES = 8
_ANNOUNCED = (
    "the same bytes each time, so they are no header: a receiver as michael-angerer's stores {announced} bytes, as the "
    "sender announced, for every write of {written}"
)
_WHOLE_BUFFER = (
    "a receiver as michael-angerer's writes its whole buffer for a short last chunk: the rest is of the one before"
)
_SAME_IMAGE = "the slot held the same image before, and what was lost leaves its end standing there"


def fixed_size_writes(facts: Facts) -> Numbered:
    """The same few bytes behind every chunk, and what that leaves at the end of the image."""
    edits = list(enumerate(facts.alignment.edits))
    received = facts.received.data
    first = next((edit for _, edit in edits if _is_behind_every_chunk(received, edit)), None)
    if first is None or first.repeat is None:
        return []
    piece, end = received[first.received.start : first.received.end], len(received) - 2 * first.repeat.received_step
    return [
        (index, edit)
        for index, edit in edits
        if (edit.kind is EditKind.INSERTED and _brings_only(received, edit, piece))
        or (edit.kind is not EditKind.DROPPED and edit.received.start > end)
    ]


def _is_behind_every_chunk(received: bytes, edit: Edit) -> bool:
    """An insertion after chunk upon chunk, but not before the first, which brought the same bytes each time."""
    repeat = edit.repeat
    if edit.kind is not EditKind.INSERTED or repeat is None or repeat.count < _FEWEST_WRITES:
        return False
    piece = received[edit.received.start : edit.received.end]
    return edit.received.start >= repeat.sent_step and _brings_only(received, edit, piece)


def _brings_only(received: bytes, edit: Edit, piece: bytes) -> bool:
    return edit.received.size == len(piece) and all(received.startswith(piece, place.start) for place in places_of(edit))


def told_by_announcement(facts: Facts, edits: Numbered) -> Finding:
    """OTA217: the sender announced longer chunks than it wrote."""
    found = fault("bytes-inserted")
    assert found is not None
    repeats = [edit.repeat for _, edit in edits if edit.repeat is not None]
    written, announced = repeats[0].sent_step, repeats[0].received_step
    count = sum(repeat.count for repeat in repeats)
    size = amount(announced - written, "byte")
    return finding_of(
        found,
        certainty=Certainty.LIKELY,
        summary=f"{size} follow each of {count} chunks of {written}: the receiver stores {announced} bytes per write",
        edits=indexes(edits),
        where=Where.SENDER,
        notes=notes(_ANNOUNCED.format(announced=announced, written=written), consequence(facts)),
    )


def stale_end(facts: Facts) -> Numbered:
    """A copy of sent bytes at their own offset, where RECEIVED ends: behind a loss it is no second arrival."""
    edits = facts.alignment.edits
    end = len(facts.received.data)
    lost = any(edit.kind is EditKind.DROPPED for edit in edits)
    return [
        (index, edit) for index, edit in enumerate(edits) if lost and edit.received.end == end and _is_older(facts, edit)
    ]


def _is_older(facts: Facts, edit: Edit) -> bool:
    """These are the bytes that belong at their own offsets, so they were there before."""
    if edit.kind is EditKind.TRAILING:
        own = slice(edit.received.start, edit.received.end)
        return facts.received.data[own] == facts.sent.data[own]
    return edit.kind is EditKind.DUPLICATED and edit.sent == edit.received


def told_by_stale_end(facts: Facts, edits: Numbered) -> Finding:
    """OTA211: older bytes stand where the image ends."""
    found = fault("stale-data")
    assert found is not None
    edit = edits[0][1]
    chunk = facts.chunking.size or 0
    in_buffer = chunk > 0 and edit.received.size == -len(facts.sent.data) % chunk
    return finding_of(
        found,
        certainty=Certainty.LIKELY,
        summary=f"the last {amount(edit.received.size, 'byte')} are older: nothing was written there in their place",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(_WHOLE_BUFFER if in_buffer else _SAME_IMAGE, consequence(facts)),
    )


def notes_of_zeros(facts: Facts, edit: Edit) -> tuple[str, ...]:
    """Which receivers leave zeros in the place of a chunk, where ``edit`` is one of 0x00."""
    size, place = facts.chunking.size, edit.sent
    if edit.value != 0 or place is None or not size:
        return ()
    said = []
    if place.end <= _PARTS * _PART_SIZE and place.start % _PART_SIZE % size == 0:
        first = f"its first {_PARTS} parts of {_PART_SIZE} bytes"
        said.append(f"fbiego's receiver shows zeros for a chunk that did not arrive in {first}")
    ends_a_sector = place.end % SECTOR == 0 and place.start % SECTOR % size == 0
    if ends_a_sector and (place.start % size or facts.chunking.reset == SECTOR):
        said.append("Espressif's ble_ota on Bluedroid shows zeros for the end of a sector that did not arrive")
    return tuple(said)
