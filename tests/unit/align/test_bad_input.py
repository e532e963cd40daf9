"""Whatever the two sides hold there is an alignment, and it covers every received byte."""

from __future__ import annotations

from random import Random

import pytest

from forensics.align.aligner import align
from forensics.align.pair import Pair
from forensics.align.proof import spans_of
from forensics.model.alignment import Chunking, ChunkSource, EditKind
from forensics.synth.image import build_image

MIB = 1 << 20
RANDOM = Random(17)
IMAGE = build_image(size=16 * 1024, seed=6)

PAIRS = {
    "both-empty": (b"", b""),
    "sent-empty": (b"", IMAGE),
    "received-empty": (IMAGE, b""),
    "one-byte-each": (b"a", b"b"),
    "one-byte-sent": (b"\xe9", IMAGE),
    "one-byte-received": (IMAGE, b"\xe9"),
    "zeros-against-erased": (bytes(MIB), b"\xff" * MIB),
    "zeros-against-fewer-zeros": (bytes(MIB), bytes(MIB - 1000)),
    "zeros-against-more-zeros": (bytes(MIB), bytes(MIB + 1000)),
    "image-against-erased": (IMAGE, b"\xff" * MIB),
    "erased-against-image": (b"\xff" * MIB, IMAGE),
    "random-against-random": (RANDOM.randbytes(MIB), RANDOM.randbytes(MIB)),
    "random-against-its-reverse": ((data := RANDOM.randbytes(5000)), data[::-1]),
    "one-block-again-and-again": (IMAGE[:244] * 1000, IMAGE[:244] * 997),
    "one-block-shifted": (IMAGE[:244] * 1000, (IMAGE[:244] * 1000)[100:]),
    "prefix": (IMAGE, IMAGE[:5000]),
    "suffix": (IMAGE, IMAGE[5000:]),
    "twice": (IMAGE, IMAGE + IMAGE),
    "backwards-halves": (IMAGE, IMAGE[8192:] + IMAGE[:8192]),
    "every-second-byte": (IMAGE, IMAGE[::2]),
    "every-byte-twice": (IMAGE, bytes(byte for byte in IMAGE for _ in range(2))),
    "every-byte-inverted": (IMAGE, bytes(byte ^ 0xFF for byte in IMAGE)),
    "two-values": (
        RANDOM.randbytes(40000).translate(bytes((0, 1)) * 128),
        RANDOM.randbytes(40000).translate(bytes((0, 1)) * 128),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("chunk_size", [None, 1, 244, 1 << 30])
def test_there_is_a_proven_alignment(name: str, chunk_size: int | None) -> None:
    sent, received = PAIRS[name]
    chunking = Chunking(size=chunk_size, source=ChunkSource.GIVEN) if chunk_size else None
    alignment = align(sent, received, chunking=chunking)
    content = received if alignment.content is None else alignment.content
    assert spans_of(Pair(sent, content), alignment.edits) == alignment.spans
    assert sum(span.received.size for span in alignment.spans) == len(received)
    assert bool(alignment.edits or alignment.layers) == (sent != received)


def test_nothing_received_is_one_lost_tail() -> None:
    (edit,) = align(IMAGE, b"").edits
    assert edit.kind is EditKind.TRUNCATED
    assert edit.sent is not None
    assert edit.sent.size == len(IMAGE)


def test_unrelated_random_bytes_are_recognised_as_such() -> None:
    alignment = align(*PAIRS["random-against-random"])
    assert not alignment.related
    assert alignment.similarity == 0
    assert len(alignment.edits) <= 2
