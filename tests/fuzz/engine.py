"""Counts inputs, keeps each kind of find once and as small as it gets, and stops in time; with atheris and without."""

from __future__ import annotations

import hashlib
import json
import signal
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.fuzz.targets import Target

SLOW = 5.0
"""CPU seconds of one input, a few KiB long, that make it a find."""

_MOST_TRIES = 400


class TooSlow(BaseException):
    """One input takes too long; nothing in the tool catches it."""


def _interrupt(_number: int, _frame: object) -> None:
    raise TooSlow


class Session:
    """One slice of work on a target: what it did goes to ``state.json`` in the corpus, on top of what earlier slices did.

    Args:
        target: What is run.
        corpus: Folder of all targets; ``finds`` in it holds the inputs that failed.
        seconds: CPU seconds after which ``is_over``.
    """

    def __init__(self, target: Target, corpus: Path, seconds: float) -> None:
        self.target, self.seconds = target, seconds
        self.finds = corpus / "finds"
        self.finds.mkdir(parents=True, exist_ok=True)
        self._state = corpus / f"{target.name}.json"
        self.inputs, self.before = 0, 0.0
        if self._state.exists():
            known = json.loads(self._state.read_text())
            self.inputs, self.before = known["inputs"], known["seconds"]
        self._start = time.process_time()
        signal.signal(signal.SIGVTALRM, _interrupt)

    @property
    def is_over(self) -> bool:
        """The time is up."""
        return time.process_time() - self._start >= self.seconds

    def save(self) -> None:
        """Write down what was done so far."""
        spent = self.before + time.process_time() - self._start
        self._state.write_text(json.dumps({"inputs": self.inputs, "seconds": spent}))

    def run(self, data: bytes) -> None:
        """Runs one input, and keeps it when it fails in a way not seen before."""
        self.inputs += 1
        failure = self._failure(data)
        if failure is None:
            return
        kind, told = failure
        path = self.finds / f"{self.target.name}-{hashlib.sha256(kind.encode()).hexdigest()[:12]}.bin"
        if not path.exists():
            path.write_bytes(data)
            path.write_bytes(self._smaller(data, kind))
            path.with_suffix(".txt").write_text(told)

    def _failure(self, data: bytes) -> tuple[str, str] | None:
        signal.setitimer(signal.ITIMER_VIRTUAL, SLOW)
        try:
            self.target(data)
        except TooSlow:
            return "slow", traceback.format_exc()
        except Exception as error:
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "forensics" in frame.filename]
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
            return f"{type(error).__name__} at {place}", traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return None

    def _smaller(self, data: bytes, kind: str) -> bytes:
        """The input without the pieces that the failure does not need."""
        tries, size = 0 if kind != "slow" else _MOST_TRIES - 5, len(data) // 2
        while size and tries < _MOST_TRIES:
            place = 0
            while place < len(data) and tries < _MOST_TRIES:
                tries += 1
                less = data[:place] + data[place + size :]
                failure = self._failure(less)
                if failure is not None and failure[0] == kind:
                    data = less
                else:
                    place += size
            size //= 2
        return data


def mutated(target: Target, corpus: list[bytes], seed: str) -> Iterator[bytes]:
    """Inputs without end: changed members of the corpus, and random bytes; the same seed gives the same ones."""
    rng = Random(seed)
    sources = [*target.seeds, *corpus]
    while True:
        data = bytearray(
            rng.choice(sources) if sources and rng.random() < 0.5 else rng.randbytes(rng.choice((8, 60, 400, 3000)))
        )
        for _ in range(rng.choice((0, 1, 4, 20))):
            place, size = rng.randrange(len(data) + 1), rng.choice((1, 1, 2, 4, 30, 400))
            data[place : place + size] = rng.choice((rng.randbytes(size), b"\xff" * size, bytes(size), b"", data[:size]))
        yield bytes(data)
