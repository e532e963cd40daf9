"""What the hand-made reports are put together from: the blink image, walks, spans, excerpts."""

from __future__ import annotations

from hashlib import sha256

from forensics.model.alignment import Chunking, ChunkSource, Excerpt, Relation, Span
from forensics.model.check import Check, Outcome
from forensics.model.finding import Remedy, Where
from forensics.model.image import AppDescriptor, EspImage, ImageHeader, Segment
from forensics.model.report import Artefact, Tool
from forensics.model.span import ByteSpan

TOOL = Tool(name="otadiff", version="0.1.0")
SIZE = 182368
CHUNK = 509
DIGEST = "10f48f4a71a48cc4c917d70d13bf717b1bc7f3187b3d564b00192f7e381531b7"
SEGMENTS = (
    (0x3F000020, 0x08C18, 0x00018, "DROM", True),
    (0x3FFBDE90, 0x0204C, 0x08C38, "DRAM", False),
    (0x40022000, 0x05384, 0x0AC8C, "IRAM", False),
    (0x40080020, 0x15CE8, 0x10018, "IROM", True),
    (0x40027384, 0x06B0C, 0x25D08, "IRAM", False),
    (0x50000000, 0x00010, 0x2C81C, "RTC_DATA", False),
)
NOT_CHECKED = ("secure boot signature", "anti-rollback", "chip revision")
CHUNKING = Chunking(size=CHUNK, source=ChunkSource.INFERRED, support=2)
RESEND = Remedy(where=Where.SENDER, text="send the offset with each chunk and resend what the device did not confirm")
REFUSE = Remedy(
    where=Where.DEVICE,
    text="refuse a chunk that does not begin where the last one ended; check the result of every queue send",
)


def image(size: int = SIZE) -> EspImage:
    """The blink image of esptool's tests, as far as the reports show it."""
    header = ImageHeader(
        magic=0xE9,
        segment_count=6,
        spi_mode=2,
        spi_speed=15,
        spi_size=1,
        entry_addr=0x40022F84,
        wp_pin=0xEE,
        spi_pin_drv=b"\0\0\0",
        chip_id=2,
        min_chip_rev=0,
        min_chip_rev_full=0,
        max_chip_rev_full=0,
        reserved=b"\0\0\0\0",
        hash_appended=1,
    )
    segments = tuple(
        Segment(
            index=index,
            load_addr=address,
            data_len=length,
            header=ByteSpan(offset, offset + 8),
            data=ByteSpan(offset + 8, offset + 8 + length),
            region=region,
            mapped=mapped,
        )
        for index, (address, length, offset, region, mapped) in enumerate(SEGMENTS)
    )
    app = AppDescriptor(
        secure_version=0,
        version="qa-test-v5.0-20220830",
        project_name="blink",
        time="19:46:07",
        date="Sep 13 2022",
        idf_ver="v5.0-beta1",
        app_elf_sha256="3059e6b5" * 8,
        min_efuse_blk_rev_full=0,
        max_efuse_blk_rev_full=0,
        mmu_page_size=0,
        span=ByteSpan(0x20, 0x120),
    )
    return EspImage(
        size=size,
        chip="ESP32-S2",
        header=header,
        segments=segments,
        complete=True,
        end=SIZE - 32,
        image_size=SIZE,
        checksum_stored=0x18,
        checksum_calculated=0x18,
        digest_stored=DIGEST,
        digest_calculated=DIGEST,
        app=app,
    )


def artefact(name: str, size: int = SIZE, *, parsed: bool = True) -> Artefact:
    """A file of the given size."""
    digest = sha256(f"{name} {size}".encode()).hexdigest()
    return Artefact(name=name, size=size, sha256=digest, image=image(size) if parsed else None)


def walk(failing: str | None = None, lines: tuple[str, ...] = (), *, stops: bool = True) -> tuple[Check, ...]:
    """The device's checks; from ``failing`` on nothing is reached, unless it does not stop there."""
    steps = ["partition-size", "magic", "chip", "segment-count", *[f"segment-{n}" for n in range(6)]]
    steps += ["end", "checksum", "length", "digest"]
    actual = {"magic": "0xe9", "checksum": "0x18", "digest": DIGEST}
    checks = []
    failed = False
    for step in steps:
        if step == failing:
            failed = True
            found = "0x503f0008" if step.startswith("segment") else "8d31c0de" * 8
            checks.append(Check(step=step, outcome=Outcome.FAILED, expected=actual.get(step), actual=found, lines=lines))
        elif failed and stops:
            would = Outcome.FAILED if step == "digest" else None
            checks.append(Check(step=step, outcome=Outcome.NOT_REACHED, would=would))
        else:
            checks.append(Check(step=step, outcome=Outcome.PASSED, actual=actual.get(step)))
    return tuple(checks)


PASSED = walk()
DIGEST_FAILED = walk("digest", ("E (412) esp_image: Image hash failed - image is corrupt",))


def same(received: int, end: int, sent: int) -> Span:
    """Received bytes that equal the sent bytes from ``sent`` on."""
    return Span(received=ByteSpan(received, end), relation=Relation.SAME, sent=ByteSpan(sent, sent + end - received))


def excerpt(sent: str, received: str) -> Excerpt:
    """From hex."""
    return Excerpt(sent=bytes.fromhex(sent), received=bytes.fromhex(received))


BYTES_100 = "0520988330858380507497080cc1c7fa"
BYTES_101 = "a14565db5e65fa052d0a16aa00a157fa"


def chunk(number: int, count: int = 1) -> ByteSpan:
    """The sent range of some whole chunks."""
    return ByteSpan(number * CHUNK, min(SIZE, (number + count) * CHUNK))
