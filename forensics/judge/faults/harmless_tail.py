"""The image is intact and only bytes behind its end differ."""

from __future__ import annotations

from forensics.judge.captures.receivers import note_of_tail
from forensics.judge.case import Compared
from forensics.judge.wording import amount, finding_of, indexes
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Finding, Where
from forensics.spec.flash import SECTOR


def detect(case: Compared) -> Finding | None:
    """Bytes behind the end of the image, which the device never reads."""
    edits = case.of_kind(EditKind.TRAILING)
    if not edits and not case.erased_tail:
        return None
    size = edits[0][1].received.size if edits else case.erased_tail
    return finding_of(
        "harmless-tail",
        summary=f"{amount(size, 'byte')} behind the end of the image, which the device does not read",
        edits=indexes(edits),
        where=Where.DEVICE,
        benign=True,
        notes=(
            note_of_tail(case, edits[0][1]) or _origin(edits[0][1], case)
            if edits
            else "erased flash (0xff), the rest of the slot",
        ),
    )


def _origin(edit: Edit, case: Compared) -> str:
    padded = edit.received.end % SECTOR == 0 and edit.received.size < SECTOR
    if edit.content == "erased":
        return "erased flash (0xff)"
    if edit.content == "zero":
        return "zeros up to a full sector: the receiver writes whole sectors" if padded else "zeros"
    if edit.content == "stale":
        return "bytes that were sent before: the receiver writes its whole buffer for a short last chunk"
    from forensics.parse.trailing import parse_trailing  # noqa: PLC0415 - few tails are signatures

    trailing = parse_trailing(case.received.data, case.received.image)
    if trailing is not None and trailing.signatures:
        return f"the signature of the image, {trailing.signatures[0].scheme}, which was not sent with it"
    return "bytes of an older firmware, or of the receiver's buffer"
