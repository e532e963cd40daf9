"""The shipped cases: one small folder a fault, healthy and mixed ones beside them, rebuilt identically by one command.

``python -m tests.write_samples samples`` writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from forensics.model.chunk_plan import ChunkPlan
from forensics.spec.partition_table import PARTITION_ENTRY, PARTITION_MAGIC
from forensics.synth.content import Content
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from forensics.synth.layouts import SMALL_LAYOUT, Layout, SegmentPlan
from forensics.synth.variants import other_build

SECTOR = 4096
_PLAN = ChunkPlan(size=244)
_SEED = 7


@dataclass(frozen=True, slots=True)
class Sample:
    """One case: ``slug`` of the fault it shows, one line about it, and how to make what was sent and received."""

    name: str
    slug: str | None
    about: str
    build: Callable[[], tuple[bytes, bytes]]


def image() -> bytes:
    """The image that nearly all samples send: 16 KiB for an ESP32."""
    return build_image(layout=SMALL_LAYOUT, seed=_SEED)


def _broken(fault: str, plan: ChunkPlan = _PLAN, seed: int = 1) -> Callable[[], tuple[bytes, bytes]]:
    def build() -> tuple[bytes, bytes]:
        injection = inject(image(), fault, plan, seed)
        return injection.sent, injection.received

    return build


def _stale_sector() -> tuple[bytes, bytes]:
    sent = image()
    old = other_build(build_image(layout=SMALL_LAYOUT, seed=_SEED + 1), seed=3)
    return sent, sent[:SECTOR] + old[SECTOR : 2 * SECTOR] + sent[2 * SECTOR :]


def _sector_padded() -> tuple[bytes, bytes]:
    """Each short write at the end of a sector was taken for a full one."""
    sent = image()
    pieces = [sent[at : at + SECTOR - 96].ljust(SECTOR, b"\0") for at in range(0, len(sent), SECTOR - 96)]
    return sent, b"".join(pieces)


def _other_build() -> tuple[bytes, bytes]:
    sent = build_image(size=64 * 1024, seed=_SEED)
    return sent, other_build(sent, seed=5)


_BOOTLOADER = Layout(
    chip="ESP32",
    entry_addr=0x40080400,
    segments=(
        SegmentPlan(content=Content.DATA, load_addr=0x3FFF0030, data_len=0x200),
        SegmentPlan(content=Content.RAM_CODE, load_addr=0x40080400, data_len=0xC00),
    ),
    app_descriptor=False,
)
"""Runs from RAM alone, as the second-stage bootloader does."""


def _merged() -> tuple[bytes, bytes]:
    app = image()
    merged = b"\xff" * 0x1000 + build_image(layout=_BOOTLOADER, seed=2)
    merged = merged.ljust(0x8000, b"\xff") + _partition_table()
    merged = merged.ljust(0x10000, b"\xff") + app
    return merged, merged


def _partition_table() -> bytes:
    """One factory app at 0x10000."""
    entry = {"magic": PARTITION_MAGIC, "type": 0, "subtype": 0, "offset": 0x10000, "size": 0x100000, "flags": 0}
    return bytes(PARTITION_ENTRY.build({**entry, "label": b"factory".ljust(16, b"\0")}))


def _invalid() -> tuple[bytes, bytes]:
    sent = bytearray(image())
    sent[0x400] ^= 0x10
    return bytes(sent), bytes(sent)


def _exchanged() -> tuple[bytes, bytes]:
    sent, received = _broken("drop-one")()
    return received, sent


def _elf() -> tuple[bytes, bytes]:
    elf = b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00\x5e\x00\x01\x00\x00\x00" + Random(_SEED).randbytes(2024)
    return elf, elf


def _text() -> tuple[bytes, bytes]:
    sent = image()
    return sent, sent.decode("latin-1").encode("utf-8")


def _healthy() -> tuple[bytes, bytes]:
    return image(), image()


SAMPLES = (
    Sample("healthy", None, "every byte arrived", _healthy),
    Sample("mixed", None, "several faults in one transfer", _broken("mixed", seed=3)),
    Sample("not-an-app-image", "not-an-app-image", "the ELF was sent instead of the .bin", _elf),
    Sample("merged-image", "merged-image", "the merged flash image was sent instead of the app", _merged),
    Sample("image-invalid", "image-invalid", "one bit of the file was wrong before it was sent", _invalid),
    Sample("chunk-reordered", "chunk-reordered", "two neighbouring chunks of 244 changed places", _broken("swap-one")),
    Sample("chunk-missing", "chunk-missing", "one chunk of 244 was lost", _broken("drop-one")),
    Sample("chunk-duplicated", "chunk-duplicated", "one chunk of 244 came twice", _broken("repeat-one")),
    Sample(
        "chunk-overwritten",
        "chunk-overwritten",
        "a chunk's place holds the chunk before",
        _broken("overwrite-previous"),
    ),
    Sample("tail-missing", "tail-missing", "the transfer ended early", _broken("tail-on-edge")),
    Sample("chunk-filled", "chunk-filled", "one chunk's place was never written", _broken("zero-one")),
    Sample("bytes-altered", "bytes-altered", "thirty single bits changed", _broken("flip-many")),
    Sample("chunk-shortened", "chunk-shortened", "every chunk was cut to 20 bytes", _broken("cut-to-20")),
    Sample(
        "header-in-payload",
        "header-in-payload",
        "a two-byte header was stored with each chunk",
        _broken("header-counter"),
    ),
    Sample("flash-not-erased", "flash-not-erased", "chunks were written over old bytes", _broken("and-many")),
    Sample("stale-data", "stale-data", "one sector still holds the old firmware", _stale_sector),
    Sample("stream-restarted", "stream-restarted", "the sender began again", _broken("restart")),
    Sample("text-encoded", "text-encoded", "the bytes were stored as UTF-8 text", _text),
    Sample("wrong-image", "wrong-image", "the slot holds another build", _other_build),
    Sample("harmless-tail", "harmless-tail", "zeros up to the next sector follow the image", _broken("pad-4096")),
    Sample("sector-padded", "sector-padded", "short writes were padded to sectors", _sector_padded),
    Sample("bytes-inserted", "bytes-inserted", "37 foreign bytes in five places", _broken("insert-many")),
    Sample("inputs-exchanged", "inputs-exchanged", "sent and received were given the wrong way round", _exchanged),
)
"""Every shipped case."""
