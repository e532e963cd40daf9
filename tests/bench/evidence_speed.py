"""What reading a text costs, as a ratio to SHA-256 over the same text: ``python -m tests.bench.evidence_speed``.

Goals: a log of writes at most 150, ``xxd`` at most 60, memory at most six times the text. CPU time, best of three.
"""

from __future__ import annotations

import hashlib
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from forensics.read.table import Known, readings
from forensics.synth.image import build_image
from tests.bench.evidence_forms import chunks_of
from tests.unit.read import text_forms

_TIMES = 20
IMAGE = build_image(size=1 << 20)


def writes(size: int) -> bytes:
    """A log with one write of ``size`` bytes a line."""
    lines = (f"I ({900 + 3 * number}) ota: write {number} {data.hex(' ')}" for number, _, data in chunks_of(IMAGE, size))
    return "\n".join(lines).encode()


def digests(text: bytes) -> None:
    """SHA-256 over the text, often enough to be measured."""
    for _ in range(_TIMES):
        hashlib.sha256(text).digest()


def read(text: bytes) -> None:
    """All that reading costs, the index of SENT included."""
    readings(text, Known(IMAGE))


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the fastest of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print the table."""
    known = Known(IMAGE)
    texts = {
        "`xxd`": text_forms.xxd(IMAGE).encode(),
        "writes of 244 bytes": writes(244),
        "writes of 20 bytes": writes(20),
    }
    sys.stdout.write("| text of a 1 MiB image | CPU s | times SHA-256 | peak memory, times the text |\n")
    sys.stdout.write("| --- | ---: | ---: | ---: |\n")
    for name, text in texts.items():
        assert readings(text, known)[0].data == IMAGE
        floor = seconds(partial(digests, text)) / _TIMES
        spent = seconds(partial(read, text))
        tracemalloc.start()
        read(text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        sys.stdout.write(f"| {name} | {spent:.2f} | {spent / floor:.0f} | {peak / len(text):.1f} |\n")


if __name__ == "__main__":
    main()
