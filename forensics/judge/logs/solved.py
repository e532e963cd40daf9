"""OTA201 to OTA206: what the search for the calculated hash found."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.wording import finding
from forensics.judge.wording import amount, segment_at
from forensics.model.alignment import EditKind
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.solve import Solution, SolveResult

SLUG_OF_EDIT = {
    EditKind.REORDERED: "chunk-reordered",
    EditKind.DROPPED: "chunk-missing",
    EditKind.DUPLICATED: "chunk-duplicated",
    EditKind.REPLACED: "chunk-overwritten",
    EditKind.TRUNCATED: "tail-missing",
    EditKind.FILLED: "chunk-filled",
}


def detect(case: Case) -> Iterator[Finding]:
    """The fault whose image has the device's hash."""
    solved = case.solved
    if solved is None or not solved.solutions or case.sent is None:
        return
    best = solved.solutions[0]
    kinds = [edit.kind for edit in best.edits if edit.kind in SLUG_OF_EDIT]
    if not kinds:
        return
    failures = case.failures_of("hash_failed")
    lines = [line for failure in failures for line in (*failure.lines, *failure.walk.hash_lines)]
    ambiguous = len(solved.solutions) > 1
    yield finding(
        SLUG_OF_EDIT[kinds[0]],
        Certainty.POSSIBLE if ambiguous else solved.certainty or Certainty.LIKELY,
        best.words + (f", in chunks of {best.chunk_size} bytes" if best.chunk_size else ""),
        lines=lines,
        edits=tuple(range(len(best.edits))),
        where=Where.UNKNOWN,
        notes=(_match(solved, best), _odds(solved), _place(case, best), *_others(solved, best)),
    )


def _match(solved: SolveResult, best: Solution) -> str:
    return (
        f"the image damaged in this way has the SHA-256 {best.sha256[:16]}..., the one that the device calculated; "
        f"{amount(solved.hypotheses, 'damaged image')} {'was' if solved.hypotheses == 1 else 'were'} tried"
    )


def _odds(solved: SolveResult) -> str | None:
    if solved.certainty is Certainty.PROVEN:
        return "all 32 bytes of the hash agree, so there is no other explanation of the bytes"
    if solved.odds <= 0:
        return None
    return (
        f"the log shows only the first bytes of the hash: that one of the tried images agrees by accident has the odds "
        f"1 to {round(1 / solved.odds)}"
    )


def _place(case: Case, best: Solution) -> str | None:
    first = next((edit.sent for edit in best.edits if edit.sent is not None), None)
    place = segment_at(case.sent.image, first.start) if first and case.sent else None
    return f"it is in {place} of the image" if place else None


def _others(solved: SolveResult, best: Solution) -> Iterator[str]:
    for other in best.readings[:3]:
        size = f", in chunks of {other.chunk_size} bytes" if other.chunk_size else ""
        yield f"another explanation of the same bytes: {other.words}{size}"
    for solution in solved.solutions[1:3]:
        yield f"another image has the same hash as far as it is printed: {solution.words}"
