"""Whole chunks stand in another order than they were sent."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import amount, chunk_words, consequence, finding_of, indexes, notes, segments_hit, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.check import Outcome
from forensics.model.finding import Finding


def detect(case: Compared) -> Finding | None:
    """Blocks that stand elsewhere in the order; every byte arrived."""
    edits = case.of_kind(EditKind.REORDERED)
    if not edits:
        return None
    return finding_of(
        "chunk-reordered",
        summary=_summary(case, [edit for _, edit in edits]),
        edits=indexes(edits),
        notes=notes(segments_hit(case, edits), _blind(case), consequence(case)),
    )


def _summary(case: Compared, edits: list[Edit]) -> str:
    if len(edits) > 1:
        return f"{amount(len(edits), 'block')} arrived in the wrong order; first {what_of(edits[0])}"
    edit = edits[0]
    if edit.sent is None:
        return "a block arrived in the wrong order"
    distance = _passed_over(case, edit)
    if edit.chunks and distance == edit.sent.size:
        first, last = edit.chunks
        other = first - 1 if _early(case, edit) else last + 1
        pair = sorted((first, other))
        if first == last:
            return f"chunks {pair[0]} and {pair[1]} arrived in the wrong order"
    direction = "early" if _early(case, edit) else "late"
    name = chunk_words(edit) or f"a block of {amount(edit.sent.size, 'byte')}"
    return f"{name} arrived {amount(distance, 'byte')} too {direction}"


def _early(case: Compared, edit: Edit) -> bool:
    return edit.sent is not None and _expected(case, edit) > edit.received.start


def _passed_over(case: Compared, edit: Edit) -> int:
    if edit.sent is None:
        return 0
    expected = _expected(case, edit)
    return expected - edit.received.end if expected > edit.received.start else edit.received.start - expected


def _expected(case: Compared, edit: Edit) -> int:
    """Where in received the block would stand if it had kept its place."""
    if edit.sent is None:
        return edit.received.start
    for span in case.alignment.spans:
        if span.sent and span.sent.end == edit.sent.start and span.received != edit.received:
            return span.received.end
    return edit.sent.start


def _blind(case: Compared) -> str | None:
    checksum = next((check for check in case.received.checks if check.step == "checksum"), None)
    if checksum and checksum.outcome is Outcome.PASSED:
        return "every byte arrived, so the checksum still passes (XOR does not see the order); only the digest can fail"
    return None
