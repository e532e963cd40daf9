"""What the distances and the places of losses say of their cause, read as an engineer reads them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from forensics.judge.case import Compared
from forensics.model.alignment import Edit, EditKind, places_of
from forensics.model.finding import Remedy, Where
from forensics.model.span import ByteSpan
from forensics.spec.flash import SECTOR

_FEWEST = 3
"""So many places that agree are a rule."""

_COUNTER = 256
_SIXTEEN_BITS = 1 << 16


class Cause(NamedTuple):
    """A cause that the places show: a sentence for the notes, and what to change."""

    note: str
    change: Remedy


def cause_of(case: Compared, edits: Sequence[tuple[int, Edit]]) -> Cause | None:
    """The cause that the places of these losses or holes show, or None."""
    places = [one for _, edit in edits for one in places_of(edit) if one.sent is not None]
    if len(places) == 1 and places[0].kind is EditKind.TRUNCATED:
        return _length_in_16_bits(case, places[0])
    if len(places) < _FEWEST:
        return None
    return _counter(places, case.chunking.size) or _full_buffer(places) or _erased_behind(case, places)


def _device(text: str) -> Remedy:
    return Remedy(where=Where.DEVICE, text=text)


def _counter(places: Sequence[Edit], size: int | None) -> Cause | None:
    """Every 256th chunk, or the chunk at every 65536th byte: a counter that starts again."""
    starts = [place.sent.start for place in places if place.sent]
    apart = {after - before for before, after in itertools.pairwise(starts)}
    if size and places[0].chunks and all(step > 0 and step % (_COUNTER * size) == 0 for step in apart):
        note = f"the losses are {_COUNTER} chunks apart: a counter of 8 bits starts again at each of them"
        return Cause(note, _device("Hold the chunk number in 16 or 32 bits, and accept 0 behind 255."))
    if all(step > 0 and step % _SIXTEEN_BITS == 0 for step in apart):
        note = "the losses are 65536 bytes apart: an offset of 16 bits starts again at each of them"
        return Cause(note, _device("Hold offsets and lengths in 32 bits (uint32_t, size_t)."))
    return None


def _full_buffer(places: Sequence[Edit]) -> Cause | None:
    """Each loss begins where a buffer is full: the rest of the chunk that filled it is dropped."""
    if any(place.kind is not EditKind.DROPPED or place.received.start % SECTOR for place in places):
        return None
    note = (
        f"each loss begins where {SECTOR} bytes had arrived and ends at the end of a chunk: a buffer of {SECTOR} bytes "
        "was written, and the rest of the chunk that filled it was dropped"
    )
    return Cause(note, _device("When a buffer is full, write it, and put the rest of the chunk into the next one."))


def _erased_behind(case: Compared, places: Sequence[Edit]) -> Cause | None:
    """Each hole begins with a sector: the sector was erased when the chunk that reaches into it had been written."""
    if not all(place.value == 0xFF and place.sent and _from_sector(case.sent.data, place.sent) for place in places):
        return None
    note = (
        f"each hole begins at a multiple of {SECTOR} and ends at the end of a chunk: the sector was erased after the write "
        "that reached into it"
    )
    return Cause(note, _device("Erase each sector before the first write that reaches into it, wherever that begins."))


def _from_sector(sent: bytes, hole: ByteSpan) -> bool:
    """The hole begins with a sector; bytes that were 0xff before do not show."""
    start = hole.start // SECTOR * SECTOR
    return hole.end - start < SECTOR and not sent[start : hole.start].strip(b"\xff")


def _length_in_16_bits(case: Compared, edit: Edit) -> Cause | None:
    """As much arrived as the length modulo 65536 says."""
    arrived, size = edit.received.start, len(case.sent.data)
    if size <= _SIXTEEN_BITS or arrived == 0 or arrived != size % _SIXTEEN_BITS:
        return None
    note = f"{arrived} is {size} modulo 65536: the length of the image was kept in 16 bits"
    return Cause(note, _device("Hold offsets and lengths in 32 bits (uint32_t, size_t)."))
