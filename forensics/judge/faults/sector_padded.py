"""A sector lost bytes and was filled up to 4096."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, notes, times, total
from forensics.model.alignment import EditKind
from forensics.model.finding import Certainty, Finding, Where
from forensics.spec.flash import SECTOR


def detect(case: Compared) -> Finding | None:
    """Padding put in before a sector edge in the middle of the image."""
    edits = [
        (index, edit)
        for index, edit in case.of_kind(EditKind.INSERTED)
        if edit.received.end % SECTOR == 0 and len(set(case.received.data[edit.received.start : edit.received.end])) == 1
    ]
    if not edits:
        return None
    size = sum(edit.received.size * times(edit) for _, edit in edits)
    return finding_of(
        "sector-padded",
        certainty=Certainty.LIKELY,
        summary=f"{amount(size, 'byte')} of padding were put in before {amount(total(edits), 'sector edge')}",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes("each padding ends on a 4096-byte edge: a short write was taken for a whole sector", consequence(case)),
    )
