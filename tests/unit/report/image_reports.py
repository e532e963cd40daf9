"""Reports of whole images: cut, followed by a tail, mistaken, sound, or faulty in many places."""

from __future__ import annotations

from dataclasses import replace

from forensics.model.alignment import Chunking, Edit, EditKind, Relation, Span
from forensics.model.finding import Certainty, Finding, Remedy, Verdict, Where
from forensics.model.log import DeviceLog, LogError, LogPass, LogSegment
from forensics.model.report import DeviceWalks, Report
from forensics.model.span import ByteSpan
from tests.unit.report.parts import (
    BYTES_100,
    BYTES_101,
    CHUNK,
    CHUNKING,
    NOT_CHECKED,
    PASSED,
    REFUSE,
    RESEND,
    SEGMENTS,
    SIZE,
    TOOL,
    artefact,
    chunk,
    excerpt,
    image,
    same,
    walk,
)


def truncated() -> Report:
    """The end never arrived; the file stops in the middle of chunk 300."""
    end = 300 * CHUNK + 200
    edit = Edit(
        kind=EditKind.TRUNCATED,
        sent=ByteSpan(end, SIZE),
        received=ByteSpan(end, end),
        excerpt=excerpt("1df0000036410021c0ff", ""),
    )
    finding = Finding(
        code="OTA205",
        slug="tail-missing",
        certainty=Certainty.PROVEN,
        summary="the last 29468 bytes never arrived; the last write was cut inside chunk 300",
        edits=(0,),
        where=Where.SENDER,
        remedies=(RESEND,),
    )
    return Report(
        tool=TOOL,
        verdict=Verdict.FAULTY,
        summary="the transfer stopped after 152900 of 182368 bytes",
        sent=artefact("sent.bin"),
        received=artefact("received.bin", end),
        chunking=Chunking(alternatives=(509, 244, 200, 100)),
        spans=(same(0, end, 0),),
        edits=(edit,),
        findings=(finding,),
        device=DeviceWalks(sent=PASSED, received=walk("end")),
        not_checked=NOT_CHECKED,
    )


def trailing() -> Report:
    """Healthy, with erased flash after the end of the image."""
    size = 0x100000
    edit = Edit(kind=EditKind.TRAILING, sent=None, received=ByteSpan(SIZE, size), content="erased")
    finding = Finding(
        code="OTA215",
        slug="harmless-tail",
        certainty=Certainty.PROVEN,
        summary="866208 bytes of erased flash follow the image; the device does not read them",
        edits=(0,),
        where=Where.DEVICE,
        benign=True,
    )
    return Report(
        tool=TOOL,
        verdict=Verdict.HEALTHY,
        summary="slot.bin holds exactly what was sent and passes the device's checks",
        sent=artefact("sent.bin"),
        received=replace(artefact("slot.bin", size), container="slot", region=ByteSpan(0, SIZE)),
        chunking=Chunking(),
        spans=(same(0, SIZE, 0),),
        edits=(edit,),
        findings=(finding,),
        device=DeviceWalks(sent=PASSED, received=PASSED),
        not_checked=NOT_CHECKED,
    )


def wrong_image() -> Report:
    """Another project's image arrived."""
    size = 201104
    other = image(size)
    assert other.app is not None
    parsed = replace(other, app=replace(other.app, project_name="gatt_server", version="v2.1.0"))
    edit = Edit(
        kind=EditKind.ALTERED,
        sent=ByteSpan(0, SIZE),
        received=ByteSpan(0, size),
        pattern="noise",
        excerpt=excerpt("e906021f842f0240ee00000002000000", "e905021f1c2c0240ee00000002000000"),
    )
    finding = Finding(
        code="OTA214",
        slug="wrong-image",
        certainty=Certainty.PROVEN,
        summary="received.bin is gatt_server v2.1.0, not blink",
        edits=(0,),
        where=Where.SENDER,
        notes=("it is a whole and valid image of its own", "1 of 64 sampled windows occurs in sent.bin"),
        remedies=(Remedy(where=Where.SENDER, text="check which file the app picked; compare the SHA-256 above"),),
    )
    return Report(
        tool=TOOL,
        verdict=Verdict.FAULTY,
        summary="another image arrived: gatt_server v2.1.0 instead of blink qa-test-v5.0-20220830",
        sent=artefact("sent.bin"),
        received=replace(artefact("received.bin", size), image=parsed),
        chunking=Chunking(),
        spans=(Span(received=ByteSpan(0, size), relation=Relation.FOREIGN),),
        edits=(edit,),
        findings=(finding,),
        device=DeviceWalks(sent=PASSED, received=PASSED),
        not_checked=NOT_CHECKED,
    )


def healthy() -> Report:
    """Everything as it should be."""
    return Report(
        tool=TOOL,
        verdict=Verdict.HEALTHY,
        summary="received.bin equals what was sent and passes the device's checks",
        sent=artefact("sent.bin"),
        received=artefact("received.bin"),
        chunking=Chunking(),
        spans=(same(0, SIZE, 0),),
        device=DeviceWalks(sent=PASSED, received=PASSED),
        not_checked=NOT_CHECKED,
    )


def twelve_findings() -> Report:
    """Twelve chunks in twelve places: dropped, overwritten by the chunk before, or altered, in turn."""
    spans: list[Span] = []
    edits: list[Edit] = []
    findings: list[Finding] = []
    sent = received = 0
    for turn in range(12):
        place = chunk(20 + 25 * turn)
        number = 20 + 25 * turn
        spans.append(same(received, received + place.start - sent, sent))
        received += place.start - sent
        sent = place.end
        here = ByteSpan(received, received + CHUNK)
        if turn % 3 == 0:
            edit = Edit(
                kind=EditKind.DROPPED,
                sent=place,
                received=ByteSpan(received, received),
                chunks=(number, number),
                excerpt=excerpt(BYTES_100, BYTES_101),
            )
            code, slug, summary = "OTA202", "chunk-missing", f"chunk {number} (509 bytes) is missing"
            here = ByteSpan(received, received)
        elif turn % 3 == 1:
            source = chunk(number - 1)
            edit = Edit(
                kind=EditKind.REPLACED,
                sent=place,
                received=here,
                source=source,
                chunks=(number, number),
                excerpt=excerpt(BYTES_100, BYTES_101),
            )
            code, slug = "OTA204", "chunk-overwritten"
            summary = f"chunk {number} holds the bytes of chunk {number - 1}, the one before it"
            spans.append(same(here.start, here.end, source.start))
        else:
            edit = Edit(
                kind=EditKind.ALTERED,
                sent=place,
                received=here,
                bits=3,
                pattern="flips",
                chunks=(number, number),
                excerpt=excerpt(BYTES_100, "0520988330058380507497080cc1c7fe"),
            )
            code, slug, summary = "OTA207", "bytes-altered", f"3 bits of chunk {number} are flipped"
            spans.append(Span(received=here, relation=Relation.ALTERED, sent=place))
        received = here.end
        edits.append(edit)
        findings.append(
            Finding(
                code=code,
                slug=slug,
                certainty=Certainty.PROVEN,
                summary=summary,
                edits=(turn,),
                where=Where.DEVICE,
                remedies=(REFUSE,) if turn < 2 else (),
            )
        )
    size = received + SIZE - sent
    spans.append(same(received, size, sent))
    return Report(
        tool=TOOL,
        verdict=Verdict.FAULTY,
        summary="12 chunks went wrong: 4 missing, 4 overwritten, 4 altered",
        sent=artefact("sent.bin"),
        received=artefact("received.bin", size),
        chunking=replace(CHUNKING, support=20, alternatives=(1018,)),
        spans=tuple(spans),
        edits=tuple(edits),
        findings=tuple(findings),
        device=DeviceWalks(
            sent=PASSED, received=walk("segment-1", ("E (231) esp_image: invalid segment length 0x3ffbde90",))
        ),
        not_checked=NOT_CHECKED,
    )


def log_only() -> Report:
    """A device log and the sent image, no dump."""
    log = DeviceLog(
        passes=(
            LogPass(
                image_start=0x110000,
                segments=tuple(
                    LogSegment(index=index, paddr=0x110000 + offset + 8, vaddr=address, size=length, map=mapped)
                    for index, (address, length, offset, _, mapped) in enumerate(SEGMENTS[:3])
                ),
                checksum=None,
                hash=None,
                errors=(LogError(kind="invalid_segment_length", fields={"length": 0x503F0008}, line=4),),
                outcome="failed",
                lines=(1, 4),
            ),
        ),
        idf_versions="v4.3 to v5.5",
        unread=(9,),
    )
    finding = Finding(
        code="OTA202",
        slug="chunk-missing",
        certainty=Certainty.LIKELY,
        summary="509 bytes are missing",
        log_lines=(4,),
        notes=(
            "the device read this at image offset 0x1001c; sent.bin has it once, 509 bytes further on",
            "the headers of segments 0-2 were right, so the loss is after 0xac94",
        ),
        remedies=(
            Remedy(
                where=Where.DEVICE,
                text="to prove it, read the slot back and compare",
            ),
        ),
        commands=(
            ("esptool", "read-flash", "0x110000", "0x2c860", "received.bin"),
            ("otadiff", "sent.bin", "received.bin"),
        ),
    )
    return Report(
        tool=TOOL,
        verdict=Verdict.FAULTY,
        summary="likely 1 chunk (509 bytes) lost between 0xac94 and 0x10018",
        sent=artefact("sent.bin"),
        findings=(finding,),
        device=DeviceWalks(sent=PASSED),
        log=log,
        not_checked=("checksum and digest: the log ends before them",),
    )
