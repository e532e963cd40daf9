"""The image was written over flash that had not been erased."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, notes, segments_hit, total, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Certainty, Finding, Where

_SEVEN_BITS = bytes(value & 0x7F for value in range(256))


def detect(case: Compared) -> Finding | None:
    """Bytes in which bits were only cleared: the flash still held older bytes when it was written."""
    edits = [(index, edit) for index, edit in case.of_kind(EditKind.ALTERED) if _mixed(case, edit)]
    if not edits:
        return None
    size = sum(edit.received.size for _, edit in edits)
    first = what_of(edits[0][1])
    where = first if total(edits) == 1 else f"{amount(total(edits), 'place')} ({amount(size, 'byte')})"
    return finding_of(
        "flash-not-erased",
        certainty=Certainty.LIKELY,
        summary=f"flash was written without being erased: in {where} bits were only cleared",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(
            segments_hit(case, edits),
            "every received byte is the sent byte AND something else, which is how NOR flash mixes old and new",
            consequence(case),
        ),
    )


def _mixed(case: Compared, edit: Edit) -> bool:
    """Bits were only cleared, and not the same one in every byte, which a 7-bit channel would do."""
    if edit.pattern != "and" or edit.sent is None:
        return False
    was = case.sent.data[edit.sent.start : edit.sent.end]
    now = case.received.data[edit.received.start : edit.received.end]
    return now != was.translate(_SEVEN_BITS)
