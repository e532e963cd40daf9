"""Evidence that does not belong together: a log of another image, a dump of another attempt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from forensics.judge.case import Case, Side
from forensics.judge.logs.belonging import Kinship, kindred
from forensics.judge.logs.compared import comparable, least_differences
from forensics.judge.logs.proven import prove
from forensics.judge.logs.wording import finding
from forensics.model.finding import Certainty, Finding
from forensics.model.log import DeviceLog, LogPass


def detect_other_image(case: Case) -> Iterator[Finding]:
    """OTA402: nothing in the log can come from SENT."""
    if case.sent is None:
        return
    found = kindred(case.log, case.sent)
    if found and all(one.foreign for one in found):
        yield _foreign(case, found[0])
        return
    for one in found:
        reason = _other_digest(case, one)
        if one.complete and reason:
            certainty = Certainty.PROVEN if one.walk.outcome == "passed" else Certainty.LIKELY
            yield finding(
                "log-of-another-image",
                certainty,
                f"the log is about another build than {case.sent.name}: {reason}",
                lines=one.walk.hash_lines,
                notes=(f"all {one.shown} segment headers agree, as they do when a project is built again",),
            )
            return


def _foreign(case: Case, one: Kinship) -> Finding:
    sent = case.sent
    assert sent is not None
    whole = one.walk.outcome == "passed" or prove(one.walk).all_right
    lines = [segment.line for segment in one.walk.segments] or list(one.walk.lines)
    return finding(
        "log-of-another-image",
        Certainty.PROVEN if whole and one.shown > 1 else Certainty.LIKELY,
        f"the log is not about {sent.name}: {one.conflicts[0]}",
        lines=lines,
        notes=(
            *one.conflicts[1:],
            None if whole else "damage to the first bytes would look alike; the file that was really sent settles it",
            "nothing in this log says what happened to this file",
        ),
    )


def _other_digest(case: Case, one: Kinship) -> str | None:
    """The walk's hashes are neither those of SENT nor explained by damage to it."""
    sent, walk = case.sent, one.walk
    proof = prove(walk)
    if sent is None or walk.hash is None or walk.hash.calculated is None or proof.covered is None:
        return None
    if proof.covered > len(sent.data) or (case.solved and case.solved.solutions):
        return None
    if hashlib.sha256(sent.data[: proof.covered]).hexdigest().startswith(walk.hash.calculated):
        return None
    if walk.outcome == "passed":
        return f"it was accepted with the hash {walk.hash.calculated[:8]}, which is not that of the file"
    stored = sent.data[proof.covered : proof.covered + 32].hex()
    expected = walk.hash.expected
    if expected is None or stored.startswith(expected) or set(expected) in ({"f"}, {"0"}):
        return None
    return f"neither the calculated hash {walk.hash.calculated[:8]} nor the stored hash {expected[:8]} is in the file"


def detect_other_attempt(case: Case) -> Iterator[Finding]:
    """OTA403: the dump gives another log than the one at hand."""
    held = dump_held_against_log(case)
    if held is None or not held[1]:
        return
    walk, different = held
    received = case.dump
    assert received is not None
    yield finding(
        "dump-of-another-attempt",
        Certainty.PROVEN,
        f"{received.name} is not the image that the log speaks of",
        lines=[error.line for error in walk.errors] or list(walk.lines),
        notes=(*different, "explain the dump and the log apart: they are from different attempts or slots"),
    )


def dump_held_against_log(case: Case) -> tuple[LogPass, tuple[str, ...]] | None:
    """The walk of the log that the dump fits best, and in what they differ; None when nothing can be compared."""
    best: tuple[LogPass, tuple[str, ...]] | None = None
    for walk in reversed(case.log.passes):
        different = least_differences(walk, case.dump_walks.get(walk.lines[0], ()))
        if different == ():
            return walk, ()
        if best is None and different:
            best = walk, different
    return best


_MOST_WALKS = 40
"""Walks of one log that a dump is held against; each costs a walk over the dump."""


def walks_to_compare(log: DeviceLog, sent: Side | None) -> list[LogPass]:
    """Walks that may be about bytes at hand: failed ones, and those that show something of SENT."""
    found = [walk for walk in log.passes if comparable(walk)]
    if sent is not None:
        related = {id(one.walk) for one in kindred(log, sent) if one.related}
        found = [walk for walk in found if id(walk) in related or walk.outcome == "failed"]
    return found[-_MOST_WALKS:]


def dump_note(case: Case) -> str | None:
    """Whether the dump is the image of the log, as a note for what the log says."""
    held = dump_held_against_log(case)
    if held is None or held[1] or case.dump is None:
        return None
    first, last = held[0].lines
    return f"{case.dump.name} gives the same walk as lines {first} to {last}: it is the image that the log speaks of"
