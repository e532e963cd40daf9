"""How often is the diagnosis exactly what was injected?

    python -m tests.bench.accuracy             the whole table, some thousand cases
    python -m tests.bench.accuracy mixed       one kind, with the cases that are not exact

Every case is also held to the law: claims true, replay gives received. "Plainer" cases are those in which fewer edits
than were injected explain every byte (two losses inside one run of zeros); they are counted apart.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forensics.align.aligner import align
from forensics.align.pair import Pair
from forensics.align.proof import spans_of
from forensics.model.chunk_plan import ChunkPlan
from forensics.synth.delivery import Injection
from forensics.synth.faults import FAULTS, inject
from forensics.synth.image import build_image
from tests.bench.judge import difference, single

PLANS = (
    *(ChunkPlan(size=size) for size in (20, 128, 180, 182, 185, 237, 244, 253, 333, 495, 500, 509, 512)),
    ChunkPlan(size=460, reset=4096),
)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "images"
SMALLEST = 180_000


@dataclass(slots=True)
class Score:
    """Counts for one kind of fault."""

    cases: int = 0
    exact: int = 0
    plainer: int = 0
    broken: int = 0
    stated: int = 0
    right: int = 0


def images() -> Iterator[tuple[str, bytes]]:
    """Synthetic images of three chips, and the real ones that are there."""
    for chip, size, seed in (("ESP32", 300_000, 11), ("ESP32-S3", 600_000, 12), ("ESP32-C3", 250_000, 13)):
        yield f"synthetic {chip}", build_image(chip=chip, size=size, seed=seed)
    for path in sorted(SHARED.glob("*.bin")) if SHARED.is_dir() else ():
        if path.stat().st_size >= SMALLEST:
            yield path.name, path.read_bytes()


def judge(injection: Injection, score: Score) -> bool:
    """Count one case; False when it is neither exact nor plainer."""
    alignment = align(injection.sent, injection.received)
    pair = Pair(injection.sent, injection.received)
    score.cases += 1
    score.broken += spans_of(pair, alignment.edits) != alignment.spans
    chunking = alignment.chunking
    if chunking.size:
        score.stated += 1
        score.right += chunking.size == injection.plan.size
    missing, extra = difference(injection, alignment.edits)
    if not missing and not extra:
        score.exact += 1
        return True
    plainer = len(single(alignment.edits)) < len(single(injection.edits))
    score.plainer += plainer
    return plainer


def run(kinds: list[str], *, show: bool) -> dict[str, Score]:
    """Judge every kind on every image and chunk plan."""
    scores = {kind: Score() for kind in kinds}
    for name, sent in images():
        for plan in PLANS:
            for kind in kinds:
                injection = inject(sent, kind, plan, seed=1)
                if not judge(injection, scores[kind]) and show:
                    _tell(name, injection)
    return scores


def _tell(name: str, injection: Injection) -> None:
    missing, extra = difference(injection, align(injection.sent, injection.received).edits)
    print(f"{injection.fault} {injection.plan} {name}")  # noqa: T201
    for word, edits in (("not told", missing), ("not injected", extra)):
        for edit in edits[:4]:
            print(f"  {word}: {edit.kind} sent {edit.sent} received {edit.received} slack {edit.slack}")  # noqa: T201


def main() -> None:
    """Print the table."""
    kinds = sys.argv[1:] or list(FAULTS)
    scores = run(kinds, show=bool(sys.argv[1:]))
    print("| fault | cases | exact | plainer | exact or plainer | size stated | size right |")  # noqa: T201
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")  # noqa: T201
    whole = Score()
    for kind, score in [*scores.items(), ("all", whole)]:
        good = 100 * (score.exact + score.plainer) / max(1, score.cases)
        row = f"{score.cases} | {score.exact} | {score.plainer} | {good:.1f} % | {score.stated} | {score.right}"
        print(f"| {kind} | {row} |")  # noqa: T201
        for field in ("cases", "exact", "plainer", "broken", "stated", "right") if kind != "all" else ():
            setattr(whole, field, getattr(whole, field) + getattr(score, field))
    print(f"\nclaims or replay broken in {whole.broken} cases")  # noqa: T201


if __name__ == "__main__":
    main()
