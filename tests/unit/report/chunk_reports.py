"""Reports of single chunks that went wrong, built by hand."""

from __future__ import annotations

from dataclasses import replace

from forensics.model.alignment import Chunking, ChunkSource, Edit, EditKind, Relation, Repeat, Span
from forensics.model.finding import Certainty, Finding, Remedy, Verdict, Where
from forensics.model.report import DeviceWalks, Report
from forensics.model.span import ByteSpan
from tests.unit.report.parts import (
    BYTES_100,
    BYTES_101,
    CHUNK,
    CHUNKING,
    DIGEST_FAILED,
    NOT_CHECKED,
    PASSED,
    REFUSE,
    RESEND,
    SIZE,
    TOOL,
    artefact,
    chunk,
    excerpt,
    same,
    walk,
)


def dropped() -> Report:
    """Chunk 100 never arrived."""
    gap = chunk(100)
    size = SIZE - CHUNK
    edit = Edit(
        kind=EditKind.DROPPED,
        sent=gap,
        received=ByteSpan(gap.start, gap.start),
        chunks=(100, 100),
        excerpt=excerpt(BYTES_100, BYTES_101),
    )
    finding = Finding(
        code="OTA202",
        slug="chunk-missing",
        certainty=Certainty.PROVEN,
        summary="509 bytes are missing",
        edits=(0,),
        where=Where.UNKNOWN,
        notes=(
            "byte by byte 128464 bytes differ; aligned, all the others are equal",
            "the device stops at segment 3: it reads its length 509 bytes past the real header",
            "exactly one whole chunk is gone, so a write was dropped, not damaged",
        ),
        remedies=(RESEND, REFUSE),
    )
    return Report(
        tool=TOOL,
        verdict=Verdict.FAULTY,
        summary="chunk 100 never arrived; everything after it sits 509 bytes too early",
        sent=artefact("sent.bin"),
        received=artefact("received.bin", size),
        chunking=CHUNKING,
        spans=(same(0, gap.start, 0), same(gap.start, size, gap.end)),
        edits=(edit,),
        findings=(finding,),
        device=DeviceWalks(
            sent=PASSED,
            received=walk("segment-3", ("E (47250) esp_image: invalid segment length 0x503f0008",)),
        ),
        not_checked=NOT_CHECKED,
    )


def swapped() -> Report:
    """Chunks 100 and 101 in the wrong order."""
    first, second = chunk(100), chunk(101)
    edit = Edit(
        kind=EditKind.REORDERED,
        sent=first,
        received=ByteSpan(second.start, second.end),
        chunks=(100, 100),
        excerpt=excerpt(BYTES_100, BYTES_100),
    )
    finding = Finding(
        code="OTA201",
        slug="chunk-reordered",
        certainty=Certainty.PROVEN,
        summary="two neighbouring chunks are swapped",
        edits=(0,),
        where=Where.DEVICE,
        notes=(
            "every byte arrived, so the checksum still passes (XOR has no order); only the digest fails",
            "one ATT connection delivers writes in order: look at what runs before it "
            "(sender threads) or after it (device tasks and queues)",
        ),
        remedies=(REFUSE,),
    )
    return Report(
        tool=TOOL,
        verdict=Verdict.FAULTY,
        summary="chunks 100 and 101 arrived in the wrong order; nothing else differs",
        sent=artefact("sent.bin"),
        received=artefact("received.bin"),
        chunking=replace(CHUNKING, support=3),
        spans=(
            same(0, first.start, 0),
            same(first.start, second.start, second.start),
            same(second.start, second.end, first.start),
            same(second.end, SIZE, second.end),
        ),
        edits=(edit,),
        findings=(finding,),
        device=DeviceWalks(sent=PASSED, received=DIGEST_FAILED),
        not_checked=NOT_CHECKED,
    )


def filled() -> Report:
    """Chunks 200 to 207 read as erased flash."""
    hole = chunk(200, 8)
    edit = Edit(
        kind=EditKind.FILLED,
        sent=hole,
        received=hole,
        value=0xFF,
        chunks=(200, 207),
        slack=(0, 2),
        excerpt=excerpt("36410081e2ffe0080082a00086060000", "ff" * 16),
    )
    finding = Finding(
        code="OTA206",
        slug="chunk-filled",
        certainty=Certainty.PROVEN,
        summary="8 chunks were never written: the flash there is erased (0xff)",
        edits=(0,),
        where=Where.DEVICE,
        notes=("the device counted these chunks, or later ones would have moved up",),
        remedies=(RESEND, REFUSE),
    )
    return Report(
        tool=TOOL,
        verdict=Verdict.FAULTY,
        summary="8 chunks (200-207) hold only 0xff; everything else is as sent",
        sent=artefact("sent.bin"),
        received=artefact("received.bin"),
        chunking=replace(CHUNKING, source=ChunkSource.GIVEN),
        spans=(
            same(0, hole.start, 0),
            Span(received=hole, relation=Relation.FILL, value=0xFF),
            same(hole.end, SIZE, hole.end),
        ),
        edits=(edit,),
        findings=(finding,),
        device=DeviceWalks(
            sent=PASSED,
            received=walk("checksum", ("E (397) esp_image: Checksum failed. Calculated 0x3e read 0x18",)),
        ),
        not_checked=NOT_CHECKED,
    )


def header_in_every_chunk() -> Report:
    """Four protocol bytes before each chunk were stored with it."""
    count = -(-SIZE // CHUNK)
    spans: list[Span] = []
    for number in range(count):
        start = number * (CHUNK + 4)
        data = chunk(number)
        spans.append(Span(received=ByteSpan(start, start + 4), relation=Relation.FOREIGN))
        spans.append(same(start + 4, start + 4 + data.size, data.start))
    edit = Edit(
        kind=EditKind.INSERTED,
        sent=ByteSpan(0, 0),
        received=ByteSpan(0, 4),
        chunks=(0, 0),
        repeat=Repeat(count=count, sent_step=CHUNK, received_step=CHUNK + 4),
        excerpt=excerpt("e906021f842f0240ee00000002000000", "00000000e906021f842f0240ee000000"),
    )
    finding = Finding(
        code="OTA209",
        slug="header-in-payload",
        certainty=Certainty.PROVEN,
        summary="4 bytes before each chunk were stored with it: a counter from 0, little-endian",
        edits=(0,),
        where=Where.DEVICE,
        notes=("without them the rest is exactly what was sent",),
        remedies=(Remedy(where=Where.DEVICE, text="skip the first 4 bytes of each write before esp_ota_write"),),
    )
    return Report(
        tool=TOOL,
        verdict=Verdict.FAULTY,
        summary=f"each of the {count} chunks was stored with 4 protocol bytes before it",
        sent=artefact("sent.bin"),
        received=artefact("received.bin", SIZE + 4 * count, parsed=False),
        chunking=Chunking(size=CHUNK, source=ChunkSource.INFERRED, support=count),
        spans=tuple(spans),
        edits=(edit,),
        findings=(finding,),
        device=DeviceWalks(
            sent=PASSED,
            received=walk(
                "magic",
                ("E (210) esp_image: image at 0x110000 has invalid magic byte (nothing flashed here?)",),
            ),
        ),
        not_checked=NOT_CHECKED,
    )
