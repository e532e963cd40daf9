"""Whole chunks of the image never reached the flash."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.causes import cause_of
from forensics.judge.wording import (
    amount,
    chunk_count,
    consequence,
    finding_of,
    indexes,
    moves_the_rest,
    notes,
    segments_hit,
    sent_words,
    total,
    what_of,
)
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Finding
from forensics.model.span import ByteSpan


def detect(case: Compared) -> Finding | None:
    """Sent bytes that are absent, the rest closed up."""
    edits = case.of_kind(EditKind.DROPPED)
    if not edits:
        return None
    cause = cause_of(case, edits)
    places = segments_hit(case, edits), _shift(edits), _open_place(edits[0][1])
    return finding_of(
        "chunk-missing",
        summary=_summary(case, [edit for _, edit in edits]),
        edits=indexes(edits),
        notes=notes(cause and cause.note, *places, consequence(case)),
        changes=(cause.change,) if cause else None,
    )


def _summary(case: Compared, edits: list[Edit]) -> str:
    first = edits[0]
    size = sum(edit.sent.size * (edit.repeat.count if edit.repeat else 1) for edit in edits if edit.sent)
    if len(edits) == 1 and not first.repeat:
        what = what_of(first)
        if not moves_the_rest(case, first):
            return f"{what} never arrived"
        early = f"everything after it sits {amount(size, 'byte')} too early"
        return f"{what} never arrived; {early}" if first.chunks else f"{what} never arrived: {early}"
    counts = [chunk_count(edit) for edit in edits]
    places = amount(_places(edits), "place")
    if None in counts:
        return f"{amount(size, 'byte')} never arrived, lost in {places}"
    chunks = amount(sum(count or 0 for count in counts), "chunk")
    return f"{chunks} never arrived, in {places}, {amount(size, 'byte')} in all"


def _places(edits: list[Edit]) -> int:
    return total(list(enumerate(edits)))


def _shift(edits: list[tuple[int, Edit]]) -> str | None:
    _, edit = edits[0]
    if edit.repeat and edit.sent:
        return f"every {amount(edit.repeat.sent_step, 'byte')} of sent, {amount(edit.sent.size, 'byte')} are lost"
    return None


def _open_place(edit: Edit) -> str | None:
    back, forward = edit.slack
    if edit.sent is None or back + forward < 16:
        return None
    around = ByteSpan(edit.sent.start - back, edit.sent.end + forward)
    return f"the bytes around it are equal, so the loss may lie anywhere in {sent_words(around)} of sent"
