from __future__ import annotations

import pytest

from forensics.align.details import with_details
from forensics.align.pair import Pair
from forensics.model.alignment import Edit, EditKind
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan
from forensics.synth.image import build_image

SENT = build_image(size=16 * 1024, seed=4)
GRID = ChunkPlan(244)


def dropped(start: int, end: int) -> Edit:
    return Edit(kind=EditKind.DROPPED, sent=ByteSpan(start, end), received=ByteSpan(start, start))


def detailed(edit: Edit, received: bytes = SENT, grid: ChunkPlan | None = GRID) -> Edit:
    return with_details(Pair(SENT, received), [edit], grid)[0]


@pytest.mark.parametrize(
    ("start", "end", "chunks"),
    [
        (0, 244, (0, 0)),
        (244, 732, (1, 2)),
        (16104, len(SENT), (66, 67)),
        (245, 488, None),
        (244, 487, None),
        (244, 244, None),
    ],
)
def test_chunks_are_named_only_when_both_edges_are_chunk_edges(start: int, end: int, chunks: tuple[int, int] | None) -> None:
    assert detailed(dropped(start, end)).chunks == chunks


def test_without_a_grid_there_are_no_chunk_numbers() -> None:
    assert detailed(dropped(244, 488), grid=None).chunks is None


@pytest.mark.parametrize(
    ("tail", "content", "value"),
    [
        (b"\xff" * 300, "erased", 0xFF),
        (b"\0" * 300, "zero", 0x00),
        (SENT[500:800], "stale", None),
        (SENT[500:800] + b"\xff" * 40, "stale", None),
        (bytes(range(1, 250)), "unknown", None),
        (b"\x55" * 300, "unknown", None),
    ],
    ids=["erased", "zero", "stale", "stale-then-erased", "unknown", "another-run"],
)
@pytest.mark.parametrize("kind", [EditKind.TRAILING, EditKind.TRUNCATED])
def test_what_stands_at_the_end(kind: EditKind, tail: bytes, content: str, value: int | None) -> None:
    place = 8000
    received = SENT[:place] + tail
    sent = ByteSpan(place, len(SENT)) if kind is EditKind.TRUNCATED else None
    edit = detailed(Edit(kind=kind, sent=sent, received=ByteSpan(place, len(received))), received)
    assert (edit.content, edit.value) == (content, value)


def test_nothing_at_the_end_has_no_content() -> None:
    edit = Edit(kind=EditKind.TRUNCATED, sent=ByteSpan(8000, len(SENT)), received=ByteSpan(8000, 8000))
    assert detailed(edit, SENT[:8000]).content is None


def test_the_excerpt_shows_both_sides_where_the_edit_begins() -> None:
    received = SENT[:1000] + SENT[1244:]
    excerpt = detailed(dropped(1000, 1244), received).excerpt
    assert excerpt is not None
    assert (excerpt.sent, excerpt.received) == (SENT[1000:1016], SENT[1244:1260])
