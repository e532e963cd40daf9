"""Chunks that a receiver measured as text."""

from __future__ import annotations

import random

import pytest

from forensics.align.aligner import align
from forensics.model.alignment import EditKind
from forensics.model.document import to_document
from forensics.synth.image import build_image
from tests.property.replay import replay

SENT = build_image(size=60_000)


def as_text(sent: bytes, size: int) -> bytes:
    return b"".join(sent[at : at + size].partition(b"\0")[0] for at in range(0, len(sent), size))


@pytest.mark.parametrize("size", [16, 20, 128, 244, 509])
def test_every_chunk_ends_at_its_first_zero_byte(size: int) -> None:
    received = as_text(SENT, size)
    alignment = align(SENT, received)
    assert alignment.chunking.size == size
    assert replay(SENT, received, to_document(alignment.edits)) == received
    losses = [edit for edit in alignment.edits if edit.kind in (EditKind.DROPPED, EditKind.TRUNCATED)]
    assert len(losses) == len(alignment.edits)
    assert all(edit.sent is not None and SENT[edit.sent.start] == 0 for edit in losses)


def test_a_transfer_that_broke_off_is_told_too() -> None:
    received = as_text(SENT, 244)[:3000]
    alignment = align(SENT, received)
    assert replay(SENT, received, to_document(alignment.edits)) == received
    assert alignment.chunking.size == 244
    assert alignment.edits[-1].kind is EditKind.TRUNCATED


def test_a_lost_chunk_of_text_is_no_cut() -> None:
    sent = random.Random(1).randbytes(51_000).replace(b"\0", b"\1") + bytes(10)
    received = sent[:2440] + sent[2684:51000]
    assert {edit.kind for edit in align(sent, received).edits} == {EditKind.DROPPED, EditKind.TRUNCATED}
