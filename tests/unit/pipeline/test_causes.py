"""Periods and places name the cause, and the chunk size is not misled by them."""

from __future__ import annotations

import forensics
from forensics.synth.image import build_image

SENT = build_image(size=1_200_000, seed=12)
SIZE = 244


def chunks() -> list[bytes]:
    return [SENT[at : at + SIZE] for at in range(0, len(SENT), SIZE)]


def told(received: bytes) -> tuple[str, str, int | None]:
    """The slug and the notes of the first finding, and the chunk size."""
    report = forensics.compare(SENT, received)
    assert report.chunking is not None
    return report.findings[0].slug, " ".join(report.findings[0].notes), report.chunking.size


def test_every_256th_chunk_is_a_counter_of_8_bits() -> None:
    slug, notes, size = told(b"".join(chunk for number, chunk in enumerate(chunks()) if number % 256 != 255))
    assert (slug, size) == ("chunk-missing", SIZE)
    assert "a counter of 8 bits" in notes


def test_a_loss_at_each_full_buffer_is_its_remainder() -> None:
    received, buffer = bytearray(), b""
    for chunk in chunks():
        buffer += chunk
        if len(buffer) >= 4096:
            received += buffer[:4096]
            buffer = b""
    slug, notes, size = told(bytes(received + buffer))
    assert (slug, size) == ("chunk-shortened", SIZE)
    assert "a buffer of 4096 bytes was written" in notes


def test_a_hole_from_each_sector_on_was_erased_behind_the_write() -> None:
    received = bytearray(SENT)
    for at in range(4096 * 4, len(SENT) - 4096, 4096 * 3):
        end = -(-at // SIZE) * SIZE
        received[at:end] = b"\xff" * (end - at)
    slug, notes, size = told(bytes(received))
    assert (slug, size) == ("chunk-filled", SIZE)
    assert "erased after the write" in notes


def test_as_much_as_16_bits_hold() -> None:
    slug, notes, _ = told(SENT[: len(SENT) % 65536])
    assert slug == "tail-missing"
    assert "modulo 65536" in notes
