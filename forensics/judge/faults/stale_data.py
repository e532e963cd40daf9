"""The place of chunks holds data from an earlier time."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, notes, segments_hit, sent_words, total
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.span import ByteSpan
from forensics.spec.flash import SECTOR


def detect(case: Compared) -> Finding | None:
    """Whole sectors that hold bytes of something else: they were not written, and not erased either."""
    edits = [(index, edit) for index, edit in case.of_kind(EditKind.ALTERED) if _whole_sectors(edit)]
    if not edits:
        return None
    first = edits[0][1]
    sectors = ByteSpan(first.received.start // SECTOR * SECTOR, -(-first.received.end // SECTOR) * SECTOR)
    place = sent_words(sectors) if total(edits) == 1 else amount(total(edits), "place")
    return finding_of(
        "stale-data",
        certainty=Certainty.LIKELY,
        summary=f"whole sectors hold bytes that were never sent, in {place}: they still hold older data",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(segments_hit(case, edits), "the damage begins and ends on 4096-byte sectors", consequence(case)),
    )


def _whole_sectors(edit: Edit) -> bool:
    """Both edges within some bytes of a sector edge, since bytes may be equal by chance."""
    start, end = edit.received.start, edit.received.end
    return edit.pattern == "noise" and edit.received.size >= SECTOR - 16 and start % SECTOR <= 8 and -end % SECTOR <= 8
