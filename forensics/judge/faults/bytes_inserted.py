"""Bytes that were never sent stand inside the image."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, moves_the_rest, notes, total
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Finding


def detect(case: Compared) -> Finding | None:
    """Bytes that were never sent, the rest pushed back."""
    edits = case.of_kind(EditKind.INSERTED)
    if not edits:
        return None
    return finding_of(
        "bytes-inserted",
        summary=_summary(case, edits),
        edits=indexes(edits),
        notes=notes(consequence(case)),
    )


def _summary(case: Compared, edits: list[tuple[int, Edit]]) -> str:
    first = edits[0][1]
    size = sum(edit.received.size * (edit.repeat.count if edit.repeat else 1) for _, edit in edits)
    if total(edits) > 1:
        return f"{amount(size, 'foreign byte')}, never sent, in {amount(total(edits), 'place')}"
    where = "before the image" if first.received.start == 0 else "inside the image"
    late = f"; everything behind sits {amount(size, 'byte')} too late" if moves_the_rest(case, first) else ""
    return f"{amount(size, 'foreign byte')}, never sent, {where}{late}"
