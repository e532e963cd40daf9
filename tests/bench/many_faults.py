"""Large images with thousands of faults, as a lossy receiver leaves them: time and memory.

    python -m tests.bench.many_faults

Time is CPU time of ``compare()`` as a ratio to the SHA-256 of both files, memory the growth of the process as a ratio to the
size of both files. Each case runs in a process of its own.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import forensics
from forensics.synth.image import build_image

MIB = 1 << 20
MOST_MEMORY = 6.0

Maker = Callable[[bytes, int, Random], bytes]


def _chunks(sent: bytes, size: int) -> list[bytes]:
    return [sent[at : at + size] for at in range(0, len(sent), size)]


def _overwritten(sent: bytes, size: int, random: Random) -> bytes:
    chunks = _chunks(sent, size)
    hit = (number for number in range(1, len(chunks) - 1) if random.random() < 0.3)
    stale = {number: chunks[number - 1] for number in hit}
    return b"".join(stale.get(number, chunk) for number, chunk in enumerate(chunks))


def _shuffled(sent: bytes, size: int, random: Random) -> bytes:
    chunks = _chunks(sent, size)
    return b"".join([*random.sample(chunks[:-1], len(chunks) - 1), chunks[-1]])


def _swapped(sent: bytes, size: int, random: Random) -> bytes:
    chunks = _chunks(sent, size)
    return b"".join(b"".join(reversed(chunks[at : at + 2])) for at in range(0, len(chunks), 2))


def _doubled(sent: bytes, size: int, random: Random) -> bytes:
    return b"".join(chunk * (1 + (random.random() < 0.3)) for chunk in _chunks(sent, size))


def _lost(sent: bytes, size: int, random: Random) -> bytes:
    return b"".join(chunk for chunk in _chunks(sent, size) if random.random() >= 0.03)


def _flipped(sent: bytes, size: int, random: Random) -> bytes:
    result = bytearray(sent)
    for _ in range(size):
        result[random.randrange(len(result))] ^= 1 << random.randrange(8)
    return bytes(result)


def _noisy(sent: bytes, size: int, random: Random) -> bytes:
    result = bytearray(sent)
    for at in range(size, len(result) - 20, size):
        result[at : at + 20] = random.randbytes(20)
    return bytes(result)


def _put_in(sent: bytes, size: int, random: Random) -> bytes:
    return b"".join(chunk + random.randbytes(random.randrange(13, 41)) for chunk in _chunks(sent, size))


def _mixed(sent: bytes, size: int, random: Random) -> bytes:
    chunks = _chunks(sent, size)
    for number, place in enumerate(range(5, len(chunks) - 5, (len(chunks) - 10) // 3000)):
        chunk = chunks[place]
        changed = (b"", chunk * 2, chunks[place - 1], bytes(size), random.randbytes(size), random.randbytes(37) + chunk)
        chunks[place] = changed[number % 6]
    return b"".join(chunks)


CASES: tuple[tuple[str, int, int, Maker], ...] = (
    ("30 % overwritten by the chunk before, 244", 4, 244, _overwritten),
    ("chunks shuffled, 244", 4, 244, _shuffled),
    ("every two swapped, 244", 4, 244, _swapped),
    ("blocks shuffled, 512", 4, 512, _shuffled),
    ("13 to 40 bytes put in every 1,000", 4, 1000, _put_in),
    ("20 bytes of noise every 1,000", 4, 1000, _noisy),
    ("20,000 flipped bits", 4, 20_000, _flipped),
    ("30 % duplicated, 244", 4, 244, _doubled),
    ("chunks shuffled, 20", 4, 20, _shuffled),
    ("3 % lost, chunks of 2", 1, 2, _lost),
    ("chunks shuffled, 244", 16, 244, _shuffled),
    ("3,000 mixed faults, 244", 16, 244, _mixed),
)


def main() -> None:
    """Print the table."""
    print("| received | MiB | CPU s | x SHA-256 | memory / inputs | edits | verdict |")  # noqa: T201
    print("| --- | ---: | ---: | ---: | ---: | ---: | --- |")  # noqa: T201
    for name, size, chunk, make in CASES:
        sys.stdout.flush()
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            continue
        sent = build_image(chip="ESP32-S3", size=size * MIB, seed=size)
        print(_row(name, size, sent, make(sent, chunk, Random(chunk))))  # noqa: T201
        sys.stdout.flush()
        os._exit(0)


def _row(name: str, size: int, sent: bytes, received: bytes) -> str:
    start = time.process_time()
    for _ in range(3):
        hashlib.sha256(sent).digest()
        hashlib.sha256(received).digest()
    base = (time.process_time() - start) / 3
    Path("/proc/self/clear_refs").write_text("5")
    before, start = _memory("VmRSS"), time.process_time()
    report = forensics.compare(sent, received)
    taken = time.process_time() - start
    memory = (_memory("VmHWM") - before) / (len(sent) + len(received))
    figures = f"{taken:.2f} | {taken / base:.0f} | {memory:.1f} | {len(report.edits)}"
    return f"| {name} | {size} | {figures} | {report.summary[:80]} |"


def _memory(field: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
