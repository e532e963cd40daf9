"""The place of a chunk holds another chunk of the same image."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, listed, notes, segments_hit, total, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Finding, Where

TWO_BUFFERS = 32000
"""Two part buffers of 16 000 bytes used in turn and never cleared (fbiego's ESP32_BLE_OTA receivers)."""


def detect(case: Compared) -> Finding | None:
    """Places that hold other sent bytes of the same length."""
    edits = case.of_kind(EditKind.REPLACED)
    if not edits:
        return None
    sources = list(dict.fromkeys(_source(case, edit) for _, edit in edits))
    return finding_of(
        "chunk-overwritten",
        summary=_summary(edits, sources),
        edits=indexes(edits),
        where=Where.DEVICE if _from_buffers(edits) else Where.UNKNOWN,
        notes=notes(segments_hit(case, edits), _buffers(edits), consequence(case)),
    )


def _summary(edits: list[tuple[int, Edit]], sources: list[str]) -> str:
    first = edits[0][1]
    if total(edits) == 1:
        return f"the place of {what_of(first)} holds {sources[0]}"
    return f"{amount(total(edits), 'place')} hold {listed(sources)} instead of their own bytes"


def _source(case: Compared, edit: Edit) -> str:
    if edit.sent is None or edit.source is None:
        return "other sent bytes"
    back = edit.sent.start - edit.source.start
    size = case.chunking.size
    if back == edit.sent.size or (size and back == size):
        return "the chunk before it"
    if -back == edit.sent.size or (size and -back == size):
        return "the chunk after it"
    if size and back % size == 0:
        return f"the chunk {abs(back) // size} {'back' if back > 0 else 'further on'}"
    return f"the bytes sent {abs(back)} bytes {'before' if back > 0 else 'after'} it"


def _from_buffers(edits: list[tuple[int, Edit]]) -> bool:
    return all(edit.sent and edit.source and edit.sent.start - edit.source.start == TWO_BUFFERS for _, edit in edits)


def _buffers(edits: list[tuple[int, Edit]]) -> str | None:
    if not _from_buffers(edits):
        return None
    return "32000 bytes back is what a receiver with two buffers of 16000 bytes shows when a chunk did not arrive"
