"""Edits and words for a hypothesis that proved right."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from forensics.model.alignment import Edit, EditKind, Excerpt
from forensics.model.span import ByteSpan
from forensics.solve.family import Scene
from forensics.solve.grid import Grid
from forensics.solve.pieces import ERASED, ZERO, Candidate

_EXCERPT = 16


def edit_of(
    scene: Scene,
    candidate: Candidate,
    kind: EditKind,
    sent: ByteSpan | None,
    received: ByteSpan,
    **fields: Any,  # noqa: ANN401 - the fields that this kind of edit has
) -> Edit:
    """An edit with its chunk numbers and a glance at the bytes. ``received`` counts in the supposed image."""
    excerpt = Excerpt(
        sent=scene.ground.sent[sent.start : min(sent.end, sent.start + _EXCERPT)] if sent else b"",
        received=scene.ground.read(candidate.pieces, received.start, min(received.end, received.start + _EXCERPT)),
    )
    chunks = chunks_of(scene.grid, sent) if sent else None
    return Edit(kind=kind, sent=sent, received=received, chunks=chunks, excerpt=excerpt, **fields)


def chunks_of(grid: Grid, span: ByteSpan) -> tuple[int, int] | None:
    """First and last chunk of a range that begins and ends on chunk edges, else None."""
    first, end = bisect_left(grid.edges, span.start), bisect_left(grid.edges, span.end)
    if end <= first or grid.edges[first] != span.start or end > grid.chunks or grid.edges[end] != span.end:
        return None
    return first, end - 1


def slack_of(sent: bytes, span: ByteSpan) -> tuple[int, int]:
    """How far a lost or repeated range can slide back and forward without changing the outcome."""
    return _alike_before(sent, span.start, span.end), _alike_from(sent, span.start, span.end)


def content_of(value: int | None) -> str:
    """The report's word for a repeated byte behind the end."""
    return {ERASED: "erased", ZERO: "zero"}.get(value if value is not None else -1, "unknown")


def place_words(span: ByteSpan) -> str:
    """A range of SENT for people, its last byte included."""
    return f"bytes 0x{span.start:x} to 0x{max(span.start, span.end - 1):x}"


def chunk_words(grid: Grid, first: int, count: int = 1) -> str:
    """Chunk numbers and their range for people."""
    named = f"chunk {first}" if count == 1 else f"chunks {first} to {first + count - 1}"
    return f"{named} ({place_words(grid.span(first, count))})"


def _alike_from(sent: bytes, low: int, high: int) -> int:
    """How many bytes ``sent[low:]`` and ``sent[high:]`` have in common from their start."""
    alike, step = 0, 16
    while step:
        if high + alike + step <= len(sent) and sent.startswith(sent[low + alike : low + alike + step], high + alike):
            alike += step
            step *= 2
        else:
            step //= 2
    return alike


def _alike_before(sent: bytes, low: int, high: int) -> int:
    """How many bytes ``sent[:low]`` and ``sent[:high]`` have in common at their end."""
    alike, step = 0, 16
    while step:
        start = low - alike - step
        if start >= 0 and sent.startswith(sent[start : low - alike], high - alike - step):
            alike += step
            step *= 2
        else:
            step //= 2
    return alike
