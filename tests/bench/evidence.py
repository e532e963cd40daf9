"""How often the diagnosis is right when the evidence is a text: ``python -m tests.bench.evidence [part of a form's name]``.

Each form of ``evidence_forms`` shows a transfer that is healthy, lost a chunk, or had two chunks swapped, at three chunk
sizes. Right is what ``compare`` would say about the raw bytes. Where the text itself counts its lines, a missing number may
be a line that the text lost, so an inconclusive answer is right as well. A healthy transfer that is called faulty is counted
apart: there must be none. The images are built, and real ones beside the clone are used where they are there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from random import Random

import forensics
from forensics.model.finding import Verdict
from forensics.model.report import Report
from forensics.synth.image import build_image
from tests.bench.evidence_forms import Chunk, chunks_of, forms
from tests.conftest import SHARED

SIZES = (20, 180, 244)
FAULTS = ("healthy", "lost", "swapped")
LARGEST = 64 * 1024


def images() -> list[bytes]:
    """Images that pass the device's checks."""
    built = [
        build_image(size=size, chip=chip) for size, chip in ((16384, "ESP32"), (24576, "ESP32-C3"), (20480, "ESP32-S3"))
    ]
    real = [path.read_bytes() for path in sorted((SHARED / "images").glob("*.bin"))]
    fit = [one for one in real if len(one) <= LARGEST and forensics.inspect_image(one).verdict is Verdict.HEALTHY]
    return built + fit


def broken(chunks: list[Chunk], fault: str, chance: Random) -> list[Chunk]:
    """The chunks as they arrived."""
    place = chance.randrange(2, len(chunks) - 3)
    if fault == "lost":
        return chunks[:place] + chunks[place + 1 :]
    if fault == "swapped":
        return [*chunks[:place], chunks[place + 1], chunks[place], *chunks[place + 2 :]]
    return chunks


def serious(report: Report) -> set[str]:
    """The faults that it reports."""
    return {finding.slug for finding in report.findings if not finding.benign}


def is_right(sent: bytes, chunks: list[Chunk], report: Report) -> bool:
    """The diagnosis is that of the raw bytes, or leaves open what the text leaves open."""
    raw = forensics.compare(sent, b"".join(data for _, _, data in chunks))
    if report.verdict is Verdict.INCONCLUSIVE:
        return serious(report) == {"evidence-damaged"} and serious(raw) == {"chunk-missing"}
    return (report.verdict, serious(report)) == (raw.verdict, serious(raw))


def cases(part: str = "") -> Iterator[tuple[str, str, Report, bool]]:
    """Form, fault, report and whether that is right, of every case."""
    pool = images()
    for name, form in forms():
        if part not in name:
            continue
        for size in SIZES:
            for fault in FAULTS:
                chance = Random(f"{name} {size} {fault}")
                sent = chance.choice(pool)
                chunks = broken(chunks_of(sent, size), fault, chance)
                report = forensics.compare(sent, form(chunks).encode("utf-8", "surrogateescape"))
                yield name, fault, report, is_right(sent, chunks, report)


def main() -> None:
    """Print the table."""
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    counts: dict[str, list[int]] = {}
    slandered = 0
    for name, fault, report, right in cases(part):
        row = counts.setdefault(name, [0, 0])
        row[0] += right
        row[1] += 1
        slandered += fault == "healthy" and report.verdict is Verdict.FAULTY
        if not right:
            how = report.received.reading.how[:80] if report.received and report.received.reading else ""
            codes = " ".join(finding.slug for finding in report.findings)
            sys.stderr.write(f"{name}, {fault}: {report.verdict} {codes}; {how}\n")
    sys.stdout.write("| form | right | of |\n| --- | ---: | ---: |\n")
    for name, (good, of) in counts.items():
        sys.stdout.write(f"| {name} | {good} | {of} |\n")
    good, of = (sum(row[at] for row in counts.values()) for at in (0, 1))
    sys.stdout.write(f"| all {len(counts)} forms | {good} ({good / of:.1%}) | {of} |\n\n")
    sys.stdout.write(f"healthy transfers called faulty: {slandered}\n")


if __name__ == "__main__":
    main()
