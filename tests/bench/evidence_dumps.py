"""Dumps as people make them, and what the report must say: ``python -m tests.bench.evidence_dumps``.

Each is made of a healthy transfer and of one that lost a chunk. An answer is right when its verdict and its faults are. The
healthy one must never be faulty, but where the device really stored something else than the image.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import NamedTuple

import forensics
from forensics.model.finding import Verdict
from forensics.model.report import Report
from forensics.synth.image import build_image
from tests.bench.evidence import serious
from tests.unit.read.test_evidence import flash
from tests.unit.read.test_uf2 import uf2
from tests.unit.read.text_forms import intel_hex, s_record

SECTOR = 4096
HEALTHY = (Verdict.HEALTHY, frozenset[str]())
LOST = (Verdict.FAULTY, frozenset({"chunk-missing"}))
LOST_IN_PART = (Verdict.FAULTY, frozenset({"chunk-missing", "evidence-damaged"}))
OPEN = (Verdict.INCONCLUSIVE, None)
FAULTY = (Verdict.FAULTY, None)
"""A verdict, and the faults; None where they are not asked for."""

Expected = tuple[Verdict, frozenset[str] | None]


class Dump(NamedTuple):
    """How the evidence is made, and what must be said of a healthy transfer and of one that lost a chunk."""

    name: str
    make: Callable[[bytes], bytes]
    healthy: Expected = HEALTHY
    lost: Expected = LOST


def _zip(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("received.bin", data)
    return stream.getvalue()


def _noise(size: int) -> bytes:
    return Random(size).randbytes(size)


def _slot(data: bytes, size: int = 0x20000) -> bytes:
    return data.ljust(size, b"\xff")


def _encrypted_flash(data: bytes) -> bytes:
    gaps = b"\xff" * 0x5000, b"\xff" * 0x7000
    return _noise(0x3000) + gaps[0] + _noise(0x1000) + gaps[1] + _noise(len(data) // SECTOR * SECTOR)


DUMPS: tuple[Dump, ...] = (
    Dump("the image", bytes),
    Dump("a slot", _slot),
    Dump("a slot with an older image behind", lambda data: data + _noise(0x8000)),
    Dump("whole flash", flash),
    Dump("begun 0x1000 too early, as long as the image", lambda data: b"\xff" * 0x1000 + data[:-0x1000], OPEN, LOST_IN_PART),
    Dump("begun 0x10000 too early, long enough", lambda data: _noise(0x10000) + _slot(data)),
    Dump("begun 0x1000 too late", lambda data: data[0x1000:], OPEN, LOST_IN_PART),
    Dump("begun 0x2000 too late, in a slot", lambda data: _slot(data)[0x2000:], OPEN, LOST_IN_PART),
    Dump("zip", _zip),
    Dump("zip, stored", lambda data: _zip(data, zipfile.ZIP_STORED)),
    Dump("zip, LZMA", lambda data: _zip(data, zipfile.ZIP_LZMA)),
    Dump("cut zip", lambda data: _zip(data)[:5000], OPEN, OPEN),
    Dump("gzip", gzip.compress),
    Dump("gzip of a slot", lambda data: gzip.compress(_slot(data))),
    Dump("gzip of a text", lambda data: gzip.compress("\n".join(map(bytes.hex, _rows(data))).encode())),
    Dump("gzip in gzip", lambda data: gzip.compress(gzip.compress(data))),
    Dump("cut gzip", lambda data: gzip.compress(data)[:5000], OPEN, OPEN),
    Dump("gzip that a device stored", lambda data: _slot(gzip.compress(data)), FAULTY, FAULTY),
    Dump("zlib that a device stored", lambda data: _slot(zlib.compress(data)), FAULTY, FAULTY),
    Dump("xz that a device stored", lambda data: _slot(lzma.compress(data)), FAULTY, FAULTY),
    Dump("bzip2 that a device stored", lambda data: _slot(bz2.compress(data)), FAULTY, FAULTY),
    Dump("UF2", uf2),
    Dump("UF2 without two blocks", lambda data: uf2(data, without=(7, 8)), OPEN, LOST_IN_PART),
    Dump("Intel HEX", lambda data: intel_hex(data).encode()),
    Dump("S-records", lambda data: s_record(data).encode()),
    Dump("ciphertext in a slot", lambda data: _noise(len(data)), OPEN, OPEN),
    Dump("encrypted flash with erased gaps", _encrypted_flash, OPEN, OPEN),
    Dump("erased slot", lambda data: b"\xff" * 0x20000, FAULTY, FAULTY),
    Dump("a boot log", lambda data: b"I (30) boot: ESP-IDF v5.4\nI (31) boot: chip revision: v3.0\n" * 30, OPEN, OPEN),
    Dump("hex in one line", lambda data: data.hex().encode(), OPEN, FAULTY),
    Dump("hex in one line, stored", lambda data: _slot(data.hex().encode()), FAULTY, FAULTY),
)


def _rows(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 16] for at in range(0, len(data), 16))


def is_right(expected: Expected, report: Report) -> bool:
    """The verdict is the expected one, and so are the faults where they are asked for."""
    verdict, faults = expected
    return report.verdict is verdict and (faults is None or serious(report) == faults)


def cases(dumps: Iterable[Dump] = DUMPS) -> Iterator[tuple[str, bool, Report, bool]]:
    """Name, whether the transfer was healthy, the report, and whether it is right."""
    sent = build_image(size=40960)
    lost = sent[: 244 * 80] + sent[244 * 81 :]
    for dump in dumps:
        for received, expected in ((sent, dump.healthy), (lost, dump.lost)):
            report = forensics.compare(sent, dump.make(received))
            yield dump.name, received is sent, report, is_right(expected, report)


def main() -> None:
    """Print what is wrong, and the sum."""
    right = of = 0
    for name, healthy, report, good in cases():
        right, of = right + good, of + 1
        if not good:
            transfer = "healthy" if healthy else "lost"
            sys.stdout.write(f"{name}, {transfer}: {report.verdict} {sorted(serious(report))}: {report.summary}\n")
    sys.stdout.write(f"{len(DUMPS)} kinds of dumps, {right} of {of} right\n")


if __name__ == "__main__":
    main()
