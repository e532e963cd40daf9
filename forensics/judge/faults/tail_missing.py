"""The end of the image never reached the flash."""

from __future__ import annotations

from forensics.judge.captures.receivers import note_of_short_write
from forensics.judge.case import Compared
from forensics.judge.causes import cause_of
from forensics.judge.wording import amount, chunk_words, consequence, finding_of, indexes, notes
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Finding

_CONTENT = {
    "erased": "the flash there is erased (0xff)",
    "zero": "zeros are there",
    "stale": "older sent bytes are there",
    "unknown": "other bytes are there, probably of an older firmware",
}


def detect(case: Compared) -> Finding | None:
    """The end of sent never arrived."""
    edits = case.of_kind(EditKind.TRUNCATED)
    if not edits:
        return None
    edit = edits[0][1]
    content = edit.content or ("erased" if case.erased_tail else "")
    cause = cause_of(case, edits)
    return finding_of(
        "tail-missing",
        summary=_summary(case, edit),
        edits=indexes(edits),
        notes=notes(
            note_of_short_write(case, edit),
            cause and cause.note,
            _CONTENT.get(content),
            _cut(case, edit),
            _signed(case, edit),
            consequence(case),
        ),
        changes=(cause.change,) if cause else None,
    )


def _summary(case: Compared, edit: Edit) -> str:
    lost = edit.sent.size if edit.sent else 0
    last = "the last byte" if lost == 1 else f"the last {amount(lost, 'byte')}"
    arrived = len(case.sent.data) - lost
    if arrived == 0:
        return f"nothing of the image arrived: all {amount(lost, 'byte')} are missing"
    chunks = f" ({chunk_words(edit)})" if edit.chunks else ""
    if len(case.edits) > 1:
        return f"{last}{chunks} never arrived"
    return f"{last}{chunks} never arrived; only the first {amount(arrived, 'byte')} did"


def _cut(case: Compared, edit: Edit) -> str | None:
    if edit.sent is None or not case.chunking.size:
        return None
    on_edge = "on a chunk edge, so whole writes are missing" if edit.chunks else "inside a chunk"
    return f"the transfer ends {on_edge}"


def _signed(case: Compared, edit: Edit) -> str | None:
    """What a device with secure boot misses."""
    from forensics.parse.trailing import parse_trailing  # noqa: PLC0415 - not needed where no tail is missing

    trailing = parse_trailing(case.sent.data, case.sent.image)
    if edit.sent is None or trailing is None or not any(edit.sent.end > block.span.start for block in trailing.signatures):
        return None
    return f"its signature, {trailing.signatures[0].scheme}, is in what is missing"
