"""What the walk and ``otadiff inspect`` cost: ``python -m tests.bench.walk_speed``.

Prints ratios on this machine in this run: the walk of a 1.5 MB image to ``hashlib.sha256`` over it (target:
at most 4), and the whole process to an interpreter that imports typer, rich and construct (target: at most
1.6), beside what typer alone takes to read one argument. Then seconds and peak memory for files that are
hostile by their size (target: 1 s and 200 MB each).
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from forensics.parse.image import parse_image
from forensics.synth.image import build_image
from forensics.verify.walk import walk

ROOT = Path(__file__).resolve().parents[2]
SIZE = 1_500_000
IMPORTS = "import typer, rich.console, construct"
PARSING = f"{IMPORTS}; typer.run(lambda image: None)"
"""The same with one argument read, for which typer 0.29 loads pydantic."""
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "16 MiB of zeros": bytes(16 << 20),
    "16 MiB of 0xFF": b"\xff" * (16 << 20),
    "16 MiB at random": random.Random(1).randbytes(16 << 20),
    "16 MiB of headers": build_image(size=2048)[:32].ljust(4096, b"\xe9") * 4096,
    "16 MiB of text": b"0123456789abcdef" * (1 << 20),
}


def fastest(run: Callable[[], object], rounds: int) -> float:
    """Seconds of the fastest of ``rounds`` runs: everything above it is other work of the machine."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def process(*arguments: str) -> Callable[[], object]:
    """A run of the interpreter, whatever its exit status."""
    return lambda: subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)


def peak(path: Path) -> str:
    """Most megabytes in memory while ``path`` is inspected, in a process of its own; Linux alone tells."""
    status = "/proc/self/status"
    if not Path(status).exists():
        return "?"
    script = "import pathlib, sys; from forensics.cli.main import run; run(['inspect', sys.argv[1]]); "
    script += f"sys.stderr.write(pathlib.Path({status!r}).read_text())"
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    kibibytes = next(line.split()[1] for line in done.stderr.splitlines() if line.startswith("VmHWM"))
    return f"{int(kibibytes) * 1024 / 1e6:.0f}"


def main() -> None:
    """Measures and prints."""
    show = sys.stdout.write
    image = build_image(chip="ESP32-S3", size=SIZE)
    digest = fastest(lambda: hashlib.sha256(image).digest(), 50)
    walked = fastest(lambda: walk(image, parse_image(image)), 50)
    show(f"{'what':<28}{'ms':>10}{'ratio':>8}{'target':>8}\n")
    show(f"{'sha256 of ' + str(len(image)) + ' bytes':<28}{digest * 1e3:>10.2f}{1:>8.2f}\n")
    show(f"{'parse and walk':<28}{walked * 1e3:>10.2f}{walked / digest:>8.2f}{4:>8.2f}\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.bin"
        path.write_bytes(image)
        floor = fastest(process("-c", IMPORTS), 15)
        parsed = fastest(process("-c", PARSING, str(path)), 15)
        inspected = fastest(process("-m", "forensics", "inspect", str(path)), 15)
        logged = fastest(process("-m", "forensics", "inspect", str(path), "--as-log"), 15)
        show(f"{'imports alone, a process':<28}{floor * 1e3:>10.0f}{1:>8.2f}\n")
        show(f"{'typer reads one argument':<28}{parsed * 1e3:>10.0f}{parsed / floor:>8.2f}\n")
        show(f"{'otadiff inspect':<28}{inspected * 1e3:>10.0f}{inspected / floor:>8.2f}{1.6:>8.2f}\n")
        show(f"{'otadiff inspect --as-log':<28}{logged * 1e3:>10.0f}{logged / floor:>8.2f}{1.6:>8.2f}\n")
        show(f"\n{'hostile file':<28}{'ms':>10}{'MB':>8}\n")
        for name, data in HOSTILE.items():
            path.write_bytes(data)
            seconds = fastest(process("-m", "forensics", "inspect", str(path)), 2)
            show(f"{name:<28}{seconds * 1e3:>10.0f}{peak(path):>8}\n")


if __name__ == "__main__":
    main()
