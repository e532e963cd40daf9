"""The place of chunks holds one repeated byte."""

from __future__ import annotations

from forensics.judge.captures.fixed_writes import notes_of_zeros
from forensics.judge.case import Compared
from forensics.judge.causes import cause_of
from forensics.judge.wording import amount, consequence, finding_of, indexes, listed, notes, segments_hit, total, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Finding


def detect(case: Compared) -> Finding | None:
    """Places that hold one repeated byte: erased flash, or a buffer that was never filled."""
    edits = case.of_kind(EditKind.FILLED)
    if not edits:
        return None
    cause = cause_of(case, edits)
    return finding_of(
        "chunk-filled",
        summary=_summary(edits),
        edits=indexes(edits),
        notes=notes(
            cause and cause.note,
            segments_hit(case, edits),
            _meaning(edits),
            consequence(case),
            *notes_of_zeros(case, edits[0][1]),
        ),
        changes=(cause.change,) if cause else None,
    )


def _summary(edits: list[tuple[int, Edit]]) -> str:
    values = listed(sorted({f"0x{edit.value:02x}" for _, edit in edits if edit.value is not None}))
    if total(edits) == 1:
        return f"the place of {what_of(edits[0][1])} holds nothing but {values}"
    return f"{amount(total(edits), 'place')} hold nothing but {values}; first {what_of(edits[0][1])}"


def _meaning(edits: list[tuple[int, Edit]]) -> str | None:
    values = {edit.value for _, edit in edits}
    if values == {0xFF}:
        return "0xff is erased flash: these bytes were never written"
    if values == {0x00}:
        return "0x00 is a buffer that was cleared and then written without being filled"
    return None
