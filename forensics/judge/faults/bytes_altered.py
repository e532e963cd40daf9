"""Bytes inside the image were changed in place."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, notes, segments_hit, total, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Certainty, Finding


def detect(case: Compared) -> Finding | None:
    """Bytes in their place that differ: single bits, or whole stretches of noise."""
    edits = case.of_kind(EditKind.ALTERED)
    if not edits:
        return None
    unresolved = any(edit.pattern == "unresolved" for _, edit in edits)
    return finding_of(
        "bytes-altered",
        certainty=Certainty.LIKELY if unresolved else Certainty.PROVEN,
        summary=_in_no_order(case) if unresolved else _summary(edits),
        edits=indexes(edits),
        notes=notes(segments_hit(case, edits), _integrity(edits), consequence(case)),
    )


def _in_no_order(case: Compared) -> str:
    """Every chunk is there, and so many changed places that the moves say nothing."""
    size = case.chunking.size
    what = f"chunks of {size} bytes" if size else "chunks"
    return f"all bytes of the image arrived, in {what} and in no order: more chunks moved than can be listed"


def _summary(edits: list[tuple[int, Edit]]) -> str:
    flips = [edit for _, edit in edits if edit.pattern == "flips"]
    bits = sum(edit.bits or 0 for edit in flips)
    noise = [item for item in edits if item[1].pattern != "flips"]
    if not noise:
        return f"{amount(bits, 'bit')} changed in {amount(len(flips), 'place')}; all other bytes are right"
    first = what_of(noise[0][1])
    if total(edits) == 1:
        chunks = noise[0][1].chunks
        single = chunks is not None and chunks[0] == chunks[1]
        return f"{first} {'holds' if single else 'hold'} other bytes"
    return f"{amount(total(edits), 'place')} hold other bytes; first {first}"


def _integrity(edits: list[tuple[int, Edit]]) -> str | None:
    if all(edit.pattern == "flips" for _, edit in edits):
        return "the link layer's CRC would have caught single bits on the air: look at memory, flash and the file itself"
    return None
