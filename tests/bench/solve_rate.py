"""How near the search comes to what SHA-256 itself allows: ``python -m tests.bench.solve_rate``.

Prints, for one core and for all, megabytes hashed a second by searches of a 600 KB image with a known chunk
size, and the ratio to one plain SHA-256 over as many bytes on the same machine in the same run.
The target is 0.8.
"""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import replace

from forensics.model.solve import SolveFacts, SolveLimits, SolveResult
from forensics.solve import solve
from forensics.solve.families import FAMILIES
from tests.unit.solve.damage import facts_of, geometry, sample

SIZE = 600 * 1024
CHUNK_SIZE = 244
WANTED = (
    "filled",
    "overwritten-nearby",
    "adjacent-swap",
    "dropped",
    "duplicated",
    "truncated",
    "near-swap",
    "overwritten",
)
"""What has to be done within 30 s on one core."""


def floor_rate(data: bytes) -> float:
    """Bytes a second of SHA-256 alone, over pieces of half the image: the mean of a search."""
    half = memoryview(data)[: len(data) // 2]
    start = time.perf_counter()
    for _ in range(2000):
        hashlib.sha256(half)
    return 2000 * len(half) / (time.perf_counter() - start)


def search(sent: bytes, facts: SolveFacts, hypotheses: int, workers: int | None) -> tuple[SolveResult, float]:
    """A search that finds nothing, and its seconds."""
    limits = SolveLimits(chunk_sizes=(CHUNK_SIZE,), hypotheses=hypotheses, workers=workers)
    start = time.perf_counter()
    result = solve(sent, facts, limits)
    return result, time.perf_counter() - start


def main() -> None:
    """Measures and prints."""
    sent = sample(1, SIZE)
    facts = replace(facts_of(sent, sent), hash_prefix=b"none", checksum_calculated=None, stored_hash=None)
    covered = geometry(sent)[2]
    show = sys.stdout.write
    order = [family.name for family in FAMILIES]
    last = max(order.index(name) for name in WANTED)
    probe = search(sent, facts, 150_000, None)[0]
    needed = sum(cell.hashed for cell in probe.covered if order.index(cell.family) <= last)
    floor = floor_rate(sent)
    show(f"SHA-256 alone, one core: {floor / 1e6:.0f} MB/s; image {len(sent)} bytes, chunks of {CHUNK_SIZE}\n")
    for workers, name in ((1, "one core"), (None, "all cores")):
        result, seconds = search(sent, facts, needed, workers)
        # A hypothesis hashes from its change to the end: half the bytes when changes are spread evenly.
        rate = result.hypotheses * covered / 2 / seconds
        show(f"{name}: {result.hypotheses} in {seconds:.1f} s, {result.hypotheses / seconds:.0f} a second, ")
        show(f"{rate / 1e6:.0f} MB/s, ratio {rate / floor:.2f}\n")


if __name__ == "__main__":
    main()
