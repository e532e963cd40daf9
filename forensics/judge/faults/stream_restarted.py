"""The transfer began again and the device appended it."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, notes
from forensics.model.alignment import EditKind, Layer, LayerKind
from forensics.model.finding import Finding

_SHORTEST = 512


def detect(case: Compared) -> Finding | None:
    """The stream begins again from the start of the image behind what had already arrived."""
    edits = [
        (index, edit)
        for index, edit in case.of_kind(EditKind.DUPLICATED)
        if edit.sent and edit.sent.start == 0 and edit.sent.size >= _SHORTEST and not edit.repeat
    ]
    again = next((layer for layer in case.alignment.layers if layer.kind is LayerKind.ATTEMPT), None)
    if again is not None:
        return _attempt(case, again)
    if not edits:
        return None
    at = edits[0][1].received.start
    return finding_of(
        "stream-restarted",
        summary=f"after {amount(at, 'byte')} the stream began again from the start of the image",
        edits=indexes(edits),
        notes=notes("what had arrived before was kept in front of the second attempt", consequence(case)),
    )


def _attempt(case: Compared, again: Layer) -> Finding:
    """Two attempts, each with faults of its own; what both of them brought arrived twice."""
    edits = case.of_kind(EditKind.DUPLICATED)
    where = "from the start of the image" if again.sent == 0 else f"at byte {again.sent} of the image"
    return finding_of(
        "stream-restarted",
        summary=f"after {amount(again.received or 0, 'byte')} the stream began again {where}",
        edits=indexes([one for one in edits if one[1].received.size >= _SHORTEST]),
        notes=notes("what had arrived before was kept in front of the second attempt", consequence(case)),
    )
