"""Chunks lost a part of their bytes."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.causes import cause_of
from forensics.judge.wording import amount, consequence, finding_of, indexes, notes, segments_hit, total
from forensics.model.alignment import ChunkSource, Edit, EditKind
from forensics.model.finding import Finding, Remedy, Where

_AT_ZERO = Remedy(
    where=Where.DEVICE,
    text="Take the length that the stack gives with the write (OS_MBUF_PKTLEN, param->write.len), not strlen.",
)


def detect(case: Compared) -> Finding | None:
    """Bytes lost from inside chunks: every chunk cut to the same size, or holes that begin or end within one."""
    size = case.chunking.size
    if size is None:
        return None
    if case.free and _cut_at_zeros(case):
        return _as_text(case, size)
    edits = [(index, edit) for index, edit in case.of_kind(EditKind.DROPPED) if edit.chunks is None and not _slides(edit)]
    if not edits:
        return None
    if any(edit.repeat for _, edit in edits):
        edits += [item for item in case.of_kind(EditKind.TRUNCATED) if item[1].sent and item[1].sent.size < size]
    cause = cause_of(case, [item for item in edits if item[1].kind is EditKind.DROPPED])
    return finding_of(
        "chunk-shortened",
        summary=_summary(edits, size),
        edits=indexes(edits),
        notes=notes(cause and cause.note, segments_hit(case, edits), _other_size(case), consequence(case)),
        changes=(cause.change,) if cause else None,
    )


def _cut_at_zeros(case: Compared) -> bool:
    """No zero byte arrived, and every loss begins with one: the receiver measured the chunks as text."""
    edits, sent = case.edits, case.sent.data
    losses = all(edit.kind in (EditKind.DROPPED, EditKind.TRUNCATED) and edit.received.size == 0 for edit in edits)
    at_zero = losses and all(edit.sent is not None and sent[edit.sent.start] == 0 for edit in edits)
    return at_zero and len(edits) > 1 and 0 not in case.received.data


def _as_text(case: Compared, size: int) -> Finding:
    edits = case.of_kind(EditKind.DROPPED, EditKind.TRUNCATED)
    lost = sum(edit.sent.size for _, edit in edits if edit.sent)
    return finding_of(
        "chunk-shortened",
        summary=(
            f"every chunk of {size} bytes ends at its first zero byte: "
            f"{lost} of {amount(len(case.sent.data), 'byte')} were left out"
        ),
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes("no zero byte arrived at all: the payload was measured as text, as strlen does", consequence(case)),
        changes=(_AT_ZERO,),
    )


def _slides(edit: Edit) -> bool:
    """The place is open, so that it may as well be a whole chunk."""
    return sum(edit.slack) >= 64


def _summary(edits: list[tuple[int, Edit]], size: int) -> str:
    _, edit = edits[0]
    lost = edit.sent.size if edit.sent else 0
    if edit.repeat and edit.sent and edit.repeat.sent_step == size:
        return f"every chunk of {size} bytes was cut to {size - lost}: each lost {amount(lost, 'byte')}"
    if total(edits) == 1:
        if lost > size:
            return f"{amount(lost, 'byte')} never arrived, which are no whole chunks of {size}"
        return f"a chunk of {size} lost {amount(lost, 'byte')}; the rest closed up"
    return f"{amount(total(edits), 'chunk')} lost a part of their bytes"


def _other_size(case: Compared) -> str | None:
    """The size that the holes speak for, when another was given."""
    chunking = case.chunking
    if chunking.source is not ChunkSource.GIVEN or not chunking.alternatives:
        return None
    return f"the holes do not fit chunks of {chunking.size}; they fit chunks of {chunking.alternatives[0]}"
