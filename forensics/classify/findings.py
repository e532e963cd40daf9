"""Which faults explain the facts, and in which order they are asked."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from forensics.classify.facts import Facts
from forensics.model.alignment import EditKind
from forensics.model.finding import Certainty, Finding, Verdict


class Detector(Protocol):
    """A module under ``faults`` that can find its fault in the facts."""

    def detect(self, facts: Facts) -> Finding | None:
        """The finding, which names the edits it explains, or None."""


class Row(NamedTuple):
    """One fault in the order of precedence. It is asked only when unexplained edits of one of ``kinds`` are left;
    without kinds it is always asked.
    """

    slug: str
    kinds: tuple[EditKind, ...] = ()


PRECEDENCE = (
    Row("not-an-app-image"),
    Row("merged-image"),
    Row("inputs-exchanged"),
    Row("image-invalid"),
    Row("wrong-image"),
    Row("text-encoded"),
    Row("stream-restarted", (EditKind.DUPLICATED,)),
    Row("header-in-payload", (EditKind.INSERTED,)),
    Row("sector-padded", (EditKind.INSERTED,)),
    Row("chunk-shortened", (EditKind.DROPPED,)),
    Row("chunk-missing", (EditKind.DROPPED,)),
    Row("chunk-reordered", (EditKind.REORDERED,)),
    Row("chunk-duplicated", (EditKind.DUPLICATED,)),
    Row("chunk-overwritten", (EditKind.REPLACED,)),
    Row("chunk-filled", (EditKind.FILLED,)),
    Row("flash-not-erased", (EditKind.ALTERED,)),
    Row("stale-data", (EditKind.ALTERED,)),
    Row("bytes-altered", (EditKind.ALTERED,)),
    Row("bytes-inserted", (EditKind.INSERTED,)),
    Row("tail-missing", (EditKind.TRUNCATED,)),
    Row("harmless-tail"),
)
"""An edit belongs to the first fault that explains it: a more special fault stands before a more general one."""

_EXCLUDES = {
    "not-an-app-image": ("image-invalid", "inputs-exchanged", "wrong-image"),
    "merged-image": ("image-invalid", "inputs-exchanged", "wrong-image"),
    "inputs-exchanged": ("image-invalid", "wrong-image"),
    "wrong-image": ("harmless-tail",),
}
"""A finding that leaves no room for others."""


def classify(facts: Facts) -> tuple[Finding, ...]:
    """The findings, each with the edits it explains, in order of precedence; benign ones come last."""
    findings: list[Finding] = []
    excluded: set[str] = set()
    free = tuple(range(len(facts.alignment.edits)))
    for row in PRECEDENCE:
        left = {facts.alignment.edits[index].kind for index in free}
        if row.slug in excluded or (row.kinds and not left.intersection(row.kinds)):
            continue
        detector = cast("Detector", import_module(f"forensics.classify.faults.{row.slug.replace('-', '_')}"))
        finding = detector.detect(replace(facts, free=free))
        if finding:
            findings.append(finding)
            excluded.update(_EXCLUDES.get(row.slug, ()))
            claimed = set(finding.edits)
            free = tuple(index for index in free if index not in claimed)
    return _each_note_once(sorted(findings, key=lambda finding: finding.benign))


def _each_note_once(findings: list[Finding]) -> tuple[Finding, ...]:
    """What was said of one finding is not repeated under the next."""
    told: set[str] = set()
    result = []
    for finding in findings:
        result.append(replace(finding, notes=tuple(note for note in finding.notes if note not in told)))
        told.update(finding.notes)
    return tuple(result)


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """Faulty when something is proven or likely, inconclusive when something is merely possible."""
    serious = [finding for finding in findings if not finding.benign]
    if any(finding.certainty is not Certainty.POSSIBLE for finding in serious):
        return Verdict.FAULTY
    return Verdict.INCONCLUSIVE if serious else Verdict.HEALTHY


def summary_of(findings: tuple[Finding, ...], received: str) -> str:
    """The first line that a person reads."""
    serious = [finding for finding in findings if not finding.benign]
    if not serious:
        subject = "what arrived" if received == "bytes" else received
        return f"{subject} equals what was sent and passes the device's checks"
    if len(serious) == 1:
        rest = "; nothing else differs" if serious[0].slug in _ALONE else ""
        return serious[0].summary + rest
    more = len(serious) - 2
    tail = f"; and {more} more {'finding' if more == 1 else 'findings'}" if more else ""
    return f"{serious[0].summary}; {serious[1].summary}{tail}"


_ALONE = ("chunk-reordered", "chunk-overwritten", "chunk-filled")
