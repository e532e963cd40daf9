"""What the device told of a transfer while it ran, as a part of a case."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from forensics.judge.case import Compared
from forensics.judge.logs.slot_map import SlotMap
from forensics.model.alignment import Edit, EditKind
from forensics.model.evidence import Evidence
from forensics.model.observation import Observation
from forensics.model.span import ByteSpan
from forensics.pipeline.sector_map import held_against


def evidence_of(observed: Observation, name: str) -> Evidence:
    """The image as the device put it together."""
    content = observed.content
    return Evidence(
        name=name,
        container=observed.source,
        raw_size=len(content),
        raw_sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        region=ByteSpan(0, len(content)),
        damaged=tuple(sorted((*observed.unseen, *observed.changed))),
    )


def observed_case(case: Compared, observed: Observation) -> Compared:
    """The case with what the device told of its chunks and of its slot."""
    size = observed.chunk_size
    sizes = (size,) if size else None
    known = held_against(SlotMap(crcs=observed.sectors), case.sent, chunk_sizes=sizes) if observed.sectors else None
    alignment = case.alignment
    if observed.source == "tap":
        edits = tuple(_without_unknown_bytes(edit, observed.changed) for edit in alignment.edits)
        alignment = replace(alignment, edits=edits)
    return replace(case, alignment=alignment, observed=observed, slot_map=known)


def _without_unknown_bytes(edit: Edit, changed: Sequence[ByteSpan]) -> Edit:
    """Of chunks the tap tells the CRC32: where that is of no sent chunk, and behind the end, nobody has the bytes."""
    if edit.kind is EditKind.TRAILING:
        return replace(edit, excerpt=None, value=None, content="unknown")
    if any(one.start <= edit.received.start and edit.received.end <= one.end for one in changed):
        return replace(edit, kind=EditKind.ALTERED, value=None, source=None, bits=None, pattern=None, excerpt=None)
    return edit
