"""What an edit says beyond its ranges: chunk numbers, a glance at the bytes, what a tail is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forensics.align.pair import Pair, is_constant
from forensics.model.alignment import Edit, EditKind, Excerpt, Span
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan

_EXCERPT = 16
_STALE = 8


def with_details(pair: Pair, edits: Sequence[Edit], grid: ChunkPlan | None) -> tuple[Edit, ...]:
    """The edits with ``chunks``, ``content``, ``value`` and ``excerpt`` filled in."""
    return tuple(_detailed(pair, edit, grid) for edit in edits)


def with_places(edits: Sequence[Edit], spans: Sequence[Span]) -> list[Edit]:
    """The edits with every insertion placed between the sent bytes that really stand beside it."""
    after = {span.received.start: span.sent.start for span in spans if span.sent}
    before = {span.received.end: span.sent.end for span in spans if span.sent}
    return [_placed(edit, before.get(edit.received.start), after.get(edit.received.end)) for edit in edits]


def _placed(edit: Edit, before: int | None, after: int | None) -> Edit:
    beside = [place for place in (after, before) if place is not None]
    if edit.kind is not EditKind.INSERTED or edit.repeat or not edit.sent or not beside or edit.sent.start in beside:
        return edit
    return replace(edit, sent=ByteSpan(beside[0], beside[0]))


def _detailed(pair: Pair, edit: Edit, grid: ChunkPlan | None) -> Edit:
    content = edit.content or _content(pair, edit)
    value = {"erased": 0xFF, "zero": 0x00}.get(content or "", edit.value)
    chunks = _chunks(pair, edit, grid) if grid else None
    return replace(edit, content=content, value=value, chunks=chunks, excerpt=_excerpt(pair, edit))


def _chunks(pair: Pair, edit: Edit, grid: ChunkPlan) -> tuple[int, int] | None:
    """First and last chunk of the sent range, None when its edges are not on chunk edges."""
    if edit.sent is None or edit.sent.size == 0:
        return None
    on_edges = grid.is_edge(edit.sent.start) and (grid.is_edge(edit.sent.end) or edit.sent.end == len(pair.sent))
    return (grid.number(edit.sent.start), grid.number(edit.sent.end - 1)) if on_edges else None


def _excerpt(pair: Pair, edit: Edit) -> Excerpt:
    sent_at = edit.sent.start if edit.sent else len(pair.sent)
    received_at = edit.received.start
    return Excerpt(
        sent=pair.sent[sent_at : sent_at + _EXCERPT], received=pair.received[received_at : received_at + _EXCERPT]
    )


def _content(pair: Pair, edit: Edit) -> str | None:
    """What stands where the end of sent is missing, or behind its end."""
    if edit.kind not in (EditKind.TRUNCATED, EditKind.TRAILING) or edit.received.size == 0:
        return None
    data = pair.received[edit.received.start : edit.received.end]
    if is_constant(data) and data[0] in (0x00, 0xFF):
        return "erased" if data[0] else "zero"
    head = data.rstrip(b"\xff").rstrip(b"\0")
    if len(head) >= _STALE and head in pair.sent:
        return "stale"
    return "unknown"
