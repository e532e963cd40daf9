"""UF2 on both sides: payloads at their addresses, and missing blocks named."""

from __future__ import annotations

import struct

import forensics
from forensics.model.finding import Verdict
from forensics.read import read_evidence
from forensics.synth.image import build_image

SENT = build_image(size=16384)


def uf2(data: bytes, *, start: int = 0x10000, without: tuple[int, ...] = ()) -> bytes:
    pieces = [data[at : at + 256] for at in range(0, len(data), 256)]
    heads = [
        struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, start + 256 * number, len(piece), number, len(pieces), 0x1C5F21B0)
        for number, piece in enumerate(pieces)
    ]
    blocks = [
        head + piece.ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30) for head, piece in zip(heads, pieces, strict=True)
    ]
    return b"".join(block for number, block in enumerate(blocks) if number not in without)


def test_the_payloads_are_the_image() -> None:
    evidence = read_evidence(uf2(SENT))
    assert (evidence.container, evidence.content) == ("uf2", SENT)
    assert forensics.compare(SENT, uf2(SENT)).verdict is Verdict.HEALTHY
    assert forensics.compare(uf2(SENT), SENT).verdict is Verdict.HEALTHY


def test_a_missing_block_is_named_and_no_fault_of_the_transfer() -> None:
    evidence = read_evidence(uf2(SENT, without=(7, 8)))
    assert "blocks are missing: 7, 8 of 64" in evidence.notes
    report = forensics.compare(SENT, uf2(SENT, without=(7,)))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert {finding.slug for finding in report.findings} == {"evidence-damaged"}


def test_a_file_that_is_no_uf2_is_not_read_as_one() -> None:
    for data in (b"UF2\n", b"UF2\n" + b"\0" * 600):
        assert read_evidence(data).container != "uf2"
