"""Chunks of the image stand in the received copy once more."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import (
    amount,
    consequence,
    finding_of,
    indexes,
    moves_the_rest,
    notes,
    segments_hit,
    total,
    what_of,
)
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Finding


def detect(case: Compared) -> Finding | None:
    """Sent bytes that are present once more, the rest pushed back."""
    edits = case.of_kind(EditKind.DUPLICATED)
    if not edits:
        return None
    return finding_of(
        "chunk-duplicated",
        summary=_summary(case, [edit for _, edit in edits], total(edits)),
        edits=indexes(edits),
        notes=notes(segments_hit(case, edits), consequence(case)),
    )


def _summary(case: Compared, edits: list[Edit], count: int) -> str:
    first = edits[0]
    size = first.received.size
    if count == 1 and not moves_the_rest(case, first):
        return f"{what_of(first)} arrived twice"
    if count == 1:
        return f"{what_of(first)} arrived twice; everything after the second copy sits {amount(size, 'byte')} too late"
    return f"{amount(count, 'block')} arrived twice; first {what_of(first)}"
