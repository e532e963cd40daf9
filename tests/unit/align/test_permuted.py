"""All chunks in another order."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from forensics.align.aligner import align
from forensics.model.alignment import EditKind
from forensics.model.document import to_document
from forensics.synth.image import build_image
from tests.property.replay import replay

SENT = build_image(size=61_000)

Chunks = list[bytes]


def in_windows(chunks: Chunks, size: int) -> Chunks:
    rng = random.Random(size)
    windows = [chunks[at : at + size] for at in range(0, len(chunks), size)]
    return [chunk for window in windows for chunk in rng.sample(window, len(window))]


ORDERS: dict[str, Callable[[Chunks], Chunks]] = {
    "each pair changed places": lambda chunks: in_windows(chunks, 2),
    "a window of eight": lambda chunks: in_windows(chunks, 8),
    "any order": lambda chunks: [*random.Random(1).sample(chunks[:-1], len(chunks) - 1), chunks[-1]],
    "the last first": lambda chunks: chunks[::-1],
    "four senders in turn": lambda chunks: [chunk for first in range(4) for chunk in chunks[first:-1:4]] + chunks[-1:],
}


@pytest.mark.slow
@pytest.mark.parametrize("size", [20, 128, 244])
@pytest.mark.parametrize("order", ORDERS)
def test_no_other_event_is_told(order: str, size: int) -> None:
    received = b"".join(ORDERS[order]([SENT[at : at + size] for at in range(0, len(SENT), size)]))
    alignment = align(SENT, received)
    assert replay(SENT, received, to_document(alignment.edits)) == received
    assert {edit.kind for edit in alignment.edits} == {EditKind.REORDERED}
    assert alignment.chunking.size == size


def test_one_changed_byte_among_them_is_no_change_of_order_alone() -> None:
    chunks = in_windows([SENT[at : at + 244] for at in range(0, len(SENT), 244)], 4)
    chunks[100] = bytes([chunks[100][0] ^ 1]) + chunks[100][1:]
    received = b"".join(chunks)
    alignment = align(SENT, received)
    assert replay(SENT, received, to_document(alignment.edits)) == received
    assert {edit.kind for edit in alignment.edits} != {EditKind.REORDERED}
