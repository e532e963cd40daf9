"""How long 50 MB of log take, against splitting the same text into lines and matching one expression on each.

Run ``python -m tests.bench.log_speed``. The kinds: the log of the forum case again and again with other times, and
lines of which no two are equal: messages of an app, lines without level and tag, one refused image after another.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from forensics.parse.logs import parse_log

SIZE = 50_000_000
_FORUM = Path(__file__).resolve().parents[2] / "samples" / "forum-log" / "device.log"
_TIME = re.compile(r"\(\d+\)(?= \w+:)")
_LINE = re.compile(r"[EWIDV] \((\d+)\) (\w+): (.*)")


def forum_log() -> str:
    """The forum's walk, each time later than the last."""
    text, found, size, clock = _FORUM.read_text(encoding="utf-8"), list[str](), 0, 0

    def later(_: re.Match[str]) -> str:
        nonlocal clock
        clock += 7
        return f"({clock})"

    while size < SIZE:
        found.append(_TIME.sub(later, text))
        size += len(found[-1])
    return "".join(found)[:SIZE]


def numbered(line: str) -> str:
    """``line`` with a running number, over and over."""
    count = SIZE // len(line.format(1_000_000))
    return "".join(map(line.format, range(count)))


KINDS: dict[str, Callable[[], str]] = {
    "forum": forum_log,
    "app": lambda: numbered("I ({0}) app: heap {0} free\n"),
    "prose": lambda: numbered("chunk {0} of many was stored and is fine\n"),
    "refused": lambda: numbered("E ({0}) esp_image: invalid segment length 0x{0:x}\n"),
}


def main() -> None:
    """Print a row for each kind."""
    sys.stdout.write(f"{'kind':<10}{'lines':>10}{'seconds':>10}{'floor':>10}{'ratio':>8}" + "\n")
    for name, make in KINDS.items():
        log = make().encode()
        start = time.perf_counter()
        for line in log.decode().split("\n"):
            _LINE.match(line)
        floor = time.perf_counter() - start
        start = time.perf_counter()
        parse_log(log)
        taken = time.perf_counter() - start
        sys.stdout.write(f"{name:<10}{log.count(10):>10}{taken:>10.2f}{floor:>10.2f}{taken / floor:>8.1f}" + "\n")


if __name__ == "__main__":
    main()
