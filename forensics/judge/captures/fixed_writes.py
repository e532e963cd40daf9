"""Receivers that store a fixed number of bytes for every write, or leave behind what they held before.

Source: michael-angerer/esp32_ble_ota, its static chunk buffer; sparkleo-io/flutter_ota, which announces 200 bytes
and writes 197; fbiego/ESP32_BLE_OTA_Arduino, its two part buffers.
"""

from __future__ import annotations

from forensics.judge.captures.facts import Numbered, places_of
from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, notes
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


def detect_announced(case: Compared) -> Finding | None:
    """OTA217: the sender announced longer chunks than it wrote."""
    edits = [] if case.evidence else _fixed_size_writes(case)
    return _announced(case, edits) if edits else None


def _fixed_size_writes(case: Compared) -> Numbered:
    """The same few bytes behind every chunk, and what that leaves at the end of the image."""
    edits = [(index, case.alignment.edits[index]) for index in case.free]
    received = case.received.data
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


def _announced(case: Compared, edits: Numbered) -> Finding:
    repeats = [edit.repeat for _, edit in edits if edit.repeat is not None]
    written, announced = repeats[0].sent_step, repeats[0].received_step
    count = sum(repeat.count for repeat in repeats)
    size = amount(announced - written, "byte")
    return finding_of(
        "bytes-inserted",
        certainty=Certainty.LIKELY,
        summary=f"{size} follow each of {count} chunks of {written}: the receiver stores {announced} bytes per write",
        edits=indexes(edits),
        where=Where.SENDER,
        notes=notes(_ANNOUNCED.format(announced=announced, written=written), consequence(case)),
    )


def detect_stale_end(case: Compared) -> Finding | None:
    """OTA211: older bytes are where the image ends."""
    edits = [] if case.evidence else _stale_end(case)
    return _older(case, edits) if edits else None


def _stale_end(case: Compared) -> Numbered:
    """A copy of sent bytes at their own offset, where RECEIVED ends: behind a loss it is no second arrival."""
    end = len(case.received.data)
    if all(edit.kind is not EditKind.DROPPED for edit in case.edits):
        return []
    last = case.of_kind(EditKind.DUPLICATED, EditKind.TRAILING)
    return [(index, edit) for index, edit in last if edit.received.end == end and _is_older(case, edit)]


def _is_older(case: Compared, edit: Edit) -> bool:
    """These are the bytes that belong at their own offsets, so they were there before."""
    if edit.kind is EditKind.TRAILING:
        own = slice(edit.received.start, edit.received.end)
        return case.received.data[own] == case.sent.data[own]
    return edit.kind is EditKind.DUPLICATED and edit.sent == edit.received


def _older(case: Compared, edits: Numbered) -> Finding:
    edit = edits[0][1]
    chunk = case.chunking.size or 0
    in_buffer = chunk > 0 and edit.received.size == -len(case.sent.data) % chunk
    return finding_of(
        "stale-data",
        certainty=Certainty.LIKELY,
        summary=f"the last {amount(edit.received.size, 'byte')} are older: nothing was written there in their place",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(_WHOLE_BUFFER if in_buffer else _SAME_IMAGE, consequence(case)),
    )


def notes_of_zeros(case: Compared, edit: Edit) -> tuple[str, ...]:
    """Which receivers leave zeros in the place of a chunk, where ``edit`` is one of 0x00."""
    if case.evidence:
        return ()
    size, place = case.chunking.size, edit.sent
    if edit.value != 0 or place is None or not size:
        return ()
    said = []
    if place.end <= _PARTS * _PART_SIZE and place.start % _PART_SIZE % size == 0:
        first = f"its first {_PARTS} parts of {_PART_SIZE} bytes"
        said.append(f"fbiego's receiver shows zeros for a chunk that did not arrive in {first}")
    ends_a_sector = place.end % SECTOR == 0 and place.start % SECTOR % size == 0
    if ends_a_sector and (place.start % size or case.chunking.reset == SECTOR):
        said.append("Espressif's ble_ota on Bluedroid shows zeros for the end of a sector that did not arrive")
    return tuple(said)
