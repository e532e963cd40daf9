"""The same bytes added to, or taken from, every chunk, however small."""

from __future__ import annotations

import random

import pytest

from forensics.align.aligner import align
from forensics.model.alignment import EditKind
from forensics.model.document import to_document
from forensics.synth.image import build_image
from tests.property.replay import replay

SENT = build_image(size=60_000)
SIZES = [16, 20, 32, 100, 244]


def chunks(size: int) -> list[bytes]:
    return [SENT[at : at + size] for at in range(0, len(SENT), size)]


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("size", SIZES)
def test_bytes_behind_every_chunk_are_one_edit(size: int, count: int) -> None:
    rng = random.Random(size * count)
    received = b"".join(chunk + rng.randbytes(count) for chunk in chunks(size))
    alignment = align(SENT, received)
    assert replay(SENT, received, to_document(alignment.edits)) == received
    first = alignment.edits[0]
    assert (first.kind, first.received.size, alignment.chunking.size) == (EditKind.INSERTED, count, size)
    assert first.repeat is not None
    assert first.repeat.count >= len(chunks(size)) - 2


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("end", ["first", "last"])
def test_bytes_taken_from_every_chunk_are_one_edit(size: int, count: int, end: str) -> None:
    received = b"".join(chunk[count:] if end == "first" else chunk[:-count] for chunk in chunks(size))
    alignment = align(SENT, received)
    assert replay(SENT, received, to_document(alignment.edits)) == received
    first = alignment.edits[0]
    assert first.kind is EditKind.DROPPED
    assert first.sent is not None
    assert (first.sent.size, alignment.chunking.size) == (count, size)
    assert len(alignment.edits) <= 3
