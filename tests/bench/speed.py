"""How fast a comparison is: ``python -m tests.bench.speed``.

Every figure is a ratio of two medians measured in turn in the same run on the same machine, with compiled
bytecode: against the interpreter, against the imports that the command line needs, against one SHA-256, and against
the tools that people use instead, as far as they are installed (on PATH, or importable by ``--tools-python``).
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import forensics
from forensics.model.chunk_plan import ChunkPlan
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from tests.bench.other_tools import OTHER_TOOLS, Command, Tool, is_installed

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20
SMALL = 600 * 1024
PLAN = ChunkPlan(size=244)
PATIENCE = 6.0
"""Seconds after which a slow measurement takes no further sample."""

IMPORTS = "import typer, rich.console, construct"
FLOOR = (sys.executable, "-c", "pass")
IMPORT_FLOOR = (sys.executable, "-c", IMPORTS)
Task = Callable[[], object]


class Row(NamedTuple):
    """One line of the table: ``what`` took ``seconds``, ``against`` took ``base``, and the ratio is at most ``goal``."""

    what: str
    seconds: float
    against: str
    base: float
    goal: float | None = None

    def __str__(self) -> str:
        ratio = self.seconds / self.base
        verdict = "" if self.goal is None else f"goal {self.goal:g}: {'met' if ratio <= self.goal else 'MISSED'}"
        times = f"{self.seconds * 1000:9.1f} ms  {ratio:8.2f} x {self.against} ({self.base * 1000:.1f} ms)"
        return f"{self.what:<46}{times:<58}{verdict}".rstrip()


def measure(tasks: Mapping[str, Task], runs: int) -> dict[str, float]:
    """Median seconds of each task; they take turns, so that a busy moment of the machine falls on all of them."""
    samples: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, task in tasks.items():
            if sum(samples[name]) < PATIENCE:
                start = time.perf_counter()
                task()
                samples[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in samples.items()}


def process(*commands: Command) -> Task:
    """A task that runs commands, one after the other; status 1 is an answer, as of ``cmp``.

    What they print goes to a file: ``cmp`` stops at the first difference when its output goes nowhere.
    """

    def task() -> None:
        for command in commands:
            with tempfile.TemporaryFile() as output:
                done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.PIPE, check=False)
            if done.returncode not in (0, 1):
                raise SystemExit(f"{command[0]} ends with status {done.returncode}: {done.stderr.decode()}")

    return task


def otadiff(sent: Path, received: Path) -> Task:
    """The whole command, from the start of the interpreter."""
    return process((sys.executable, "-m", "forensics", sent, received))


class Files:
    """Pairs of files to compare, made when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images: dict[int, bytes] = {}

    def image(self, size: int) -> bytes:
        """The sent image of about ``size`` bytes."""
        if size not in self.images:
            self.images[size] = build_image(chip="ESP32-S3", size=size, seed=size)
        return self.images[size]

    def broken(self, size: int, fault: str) -> tuple[bytes, bytes]:
        """Sent and received bytes."""
        sent = self.image(size)
        return sent, inject(sent, fault, PLAN, 1).received

    def pair(self, size: int, fault: str) -> tuple[Path, Path]:
        """The same as files."""
        sent, received = self.broken(size, fault)
        places = self.folder / f"{size}-sent.bin", self.folder / f"{size}-{fault}.bin"
        places[0].write_bytes(sent)
        places[1].write_bytes(received)
        return places


def whole_process(files: Files, runs: int) -> list[Row]:
    """The command on a 600 KB pair, against the interpreter and against its imports."""
    goals = {"identical": 1.25, "drop-one": 1.3, "mixed": 1.5}
    tasks = {"python -c pass": process(FLOOR), "imports": process(IMPORT_FLOOR)}
    tasks |= {fault: otadiff(*files.pair(SMALL, fault)) for fault in goals}
    seconds = measure(tasks, runs)
    rows = [Row(f"python -c '{IMPORTS}'", seconds["imports"], "python -c pass", seconds["python -c pass"])]
    for fault, goal in goals.items():
        rows.append(Row(f"otadiff, {fault}, 600 KB", seconds[fault], "imports", seconds["imports"], goal))
        rows.append(Row("", seconds[fault], "python -c pass", seconds["python -c pass"]))
    return rows


def inside_the_process(files: Files, runs: int) -> list[Row]:
    """``compare`` alone, from bytes to report."""
    sent, received = files.broken(SMALL, "drop-one")
    large, broken = files.broken(16 * MIB, "mixed")
    medium = files.broken(4 * MIB, "mixed")
    other = build_image(chip="ESP32-S3", size=16 * MIB, seed=99)
    tasks: dict[str, Task] = {
        "sha-256": lambda: hashlib.sha256(sent).digest(),
        "drop-one": lambda: forensics.compare(sent, received),
        "sha-256 large": lambda: hashlib.sha256(large).digest(),
        "mixed large": lambda: forensics.compare(large, broken),
        "mixed medium": lambda: forensics.compare(*medium),
        "other image": lambda: forensics.compare(large, other),
    }
    for task in tasks.values():
        task()
    seconds = measure(tasks, runs)
    return [
        Row("compare(), drop-one, 600 KB", seconds["drop-one"], "SHA-256", seconds["sha-256"], 20),
        Row("compare(), mixed, 16 MiB", seconds["mixed large"], "0.4 s", 0.4, 1),
        Row("", seconds["mixed large"], "SHA-256", seconds["sha-256 large"]),
        Row("compare(), mixed, 16 MiB", seconds["mixed large"], "4 MiB", seconds["mixed medium"], 5),
        Row("compare(), another image, 16 MiB", seconds["other image"], "1 s", 1.0, 1),
    ]


def _against(files: Files, tools: Sequence[Tool], runs: int, python: str, size: int, fault: str, goals: str) -> list[Row]:
    """Other tools as processes; ``goals`` names the group in which each has to be slower than otadiff."""
    sent, received = files.pair(size, fault)
    contents = sent.read_bytes(), received.read_bytes()
    name = f"{fault}, {size // MIB} MiB"
    tasks: dict[str, Task] = {"otadiff": otadiff(sent, received), "compare()": lambda: forensics.compare(*contents)}
    for tool in tools:
        tasks[tool.name] = process(*tool.steps(python, sent, received, files.folder))
    seconds = measure(tasks, runs)
    rows = []
    for tool in tools:
        for ours, group in (("otadiff", "process"), ("compare()", "alone")):
            goal = 1.0 if group == goals and group in tool.slower_than else None
            rows.append(Row(f"{ours}, {name}", seconds[ours], tool.name, seconds[tool.name], goal))
    return rows


def other_tools(files: Files, runs: int, python: str) -> list[Row]:
    """What people use instead, on the pairs that the goals name."""
    there = [tool for tool in OTHER_TOOLS if is_installed(tool, python)]
    quick = [tool for tool in there if not tool.slow]
    rows = _against(files, there, runs, python, 4 * MIB, "drop-many", "process")
    rows += _against(files, quick, runs, python, 16 * MIB, "drop-many", "alone")
    return rows


def _print(title: str, rows: Sequence[Row]) -> None:
    sys.stdout.write(f"\n{title}\n" + "".join(f"  {row}\n" for row in rows))
    sys.stdout.flush()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=15, help="samples of each measurement")
    parser.add_argument("--tools-python", default=sys.executable, help="interpreter that has bsdiff4, detools ...")
    parser.add_argument("--no-tools", action="store_true", help="measure no other tools")
    options = parser.parse_args()
    compileall.compile_dir(ROOT / "forensics", quiet=1)
    sys.stdout.write(f"CPython {platform.python_version()}, medians of up to {options.runs} runs\n")
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))
        _print("whole process", whole_process(files, options.runs))
        _print("inside the process", inside_the_process(files, options.runs))
        if options.no_tools:
            return
        absent = [tool.name for tool in OTHER_TOOLS if not is_installed(tool, options.tools_python)]
        _print("against other tools", other_tools(files, max(3, options.runs // 3), options.tools_python))
        sys.stdout.write(f"  absent here: {', '.join(absent) or 'none'}\n")


if __name__ == "__main__":
    main()
