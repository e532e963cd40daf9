"""Fuzzes the targets in slices, goes on from the corpus of earlier runs, and prints what was done in all.

    python -m tests.fuzz.run [--seconds N] [--target NAME] [--corpus DIR]

With atheris the fuzzing is guided by coverage; without it the same targets get seeded mutations.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

_SLICE = 60.0
_LONGEST_INPUT = 16384


def _guided(name: str, corpus: Path, seconds: float) -> None:
    """One slice with atheris, which ends the process."""
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

    with atheris.instrument_imports(include=["forensics"]):
        from tests.fuzz.engine import Session
        from tests.fuzz.targets import TARGETS
    session = Session(next(target for target in TARGETS if target.name == name), corpus, seconds)
    inputs = corpus / name
    inputs.mkdir(exist_ok=True)
    for number, seed in enumerate(session.target.seeds):
        (inputs / f"seed-{number}").write_bytes(seed[:_LONGEST_INPUT])

    def one(data: bytes) -> None:
        session.run(data)
        if session.is_over:
            session.save()
            os._exit(0)

    flags = [f"-max_len={_LONGEST_INPUT}", "-timeout=120", "-rss_limit_mb=3000", f"-artifact_prefix={session.finds}/{name}-"]
    atheris.Setup([sys.argv[0], str(inputs), *flags], one)
    atheris.Fuzz()


def _unguided(name: str, corpus: Path, seconds: float) -> None:
    """One slice of seeded mutations; the next slice of the same corpus goes on with other seeds."""
    from tests.fuzz.engine import Session, mutated
    from tests.fuzz.targets import TARGETS

    session = Session(next(target for target in TARGETS if target.name == name), corpus, seconds)
    known = [path.read_bytes() for path in sorted((corpus / name).glob("*"))]
    for data in mutated(session.target, known, f"{name}/{session.inputs}"):
        session.run(data)
        if session.is_over:
            session.save()
            return


def _print_table(names: list[str], corpus: Path) -> int:
    """What was done in all runs over this corpus; gives the number of finds."""
    print("| target | inputs | CPU hours | finds |\n| --- | ---: | ---: | ---: |")  # noqa: T201
    total = 0
    for name in names:
        state = corpus / f"{name}.json"
        done = json.loads(state.read_text()) if state.exists() else {"inputs": 0, "seconds": 0.0}
        finds = [path for path in (corpus / "finds").glob(f"{name}-*") if path.suffix != ".txt"]
        total += len(finds)
        print(f"| {name} | {done['inputs']:,} | {done['seconds'] / 3600:.2f} | {len(finds)} |")  # noqa: T201
    return total


def main() -> int:
    """Runs slices over the targets in turn; gives 1 when there are finds."""
    from tests.fuzz.targets import TARGETS

    names = [target.name for target in TARGETS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300.0, help="CPU seconds of all targets together")
    parser.add_argument("--target", choices=names, help="only this one")
    parser.add_argument("--corpus", type=Path, default=Path("fuzz-corpus"), help="inputs and finds of all runs")
    asked = parser.parse_args()
    wanted = [asked.target] if asked.target else names
    asked.corpus.mkdir(parents=True, exist_ok=True)
    rounds = max(1, round(asked.seconds / len(wanted) / _SLICE))
    for name in wanted * rounds:
        seconds = asked.seconds / len(wanted) / rounds
        command = [sys.executable, "-m", "tests.fuzz.run", "slice", name, str(asked.corpus), str(seconds)]
        ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if ended.returncode:
            print(f"{name}: ended with {ended.returncode}\n{ended.stderr[-2000:]}", file=sys.stderr)  # noqa: T201
    return 1 if _print_table(wanted, asked.corpus) else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["slice"]:
        run_slice = _guided if importlib.util.find_spec("atheris") else _unguided
        run_slice(sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]))
    else:
        sys.exit(main())
