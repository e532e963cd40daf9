"""OTA301: the XOR over the segment data is not the stored byte."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.classify.logs.belonging import kinship
from forensics.classify.logs.evidence import dump_note
from forensics.classify.logs.facts import LINES_KEPT, Failure, LogFacts
from forensics.classify.logs.length import doubt_note
from forensics.classify.logs.wording import (
    finding,
    headers_note,
    healed_note,
    length_note,
    numbers,
    read_back,
    versions_note,
    with_sent,
)
from forensics.model.finding import Certainty, Finding


def detect(facts: LogFacts) -> Iterator[Finding]:
    """One finding a slot, however many attempts there were."""
    slots: dict[int | None, list[Failure]] = {}
    for failure in facts.of_kind("checksum_failed"):
        slots.setdefault(failure.walk.image_start, []).append(failure)
    for failures in slots.values():
        yield _finding(facts, failures)


def _finding(facts: LogFacts, failures: list[Failure]) -> Finding:
    last = failures[-1]
    proof = last.proof
    calculated, read = last.number("calculated"), last.number("read")
    headers = f", though all {proof.right} segment headers are right" if proof.all_right and proof.right > 1 else ""
    lines = [line for failure in failures for line in failure.lines][-LINES_KEPT:]
    return finding(
        "checksum-failed",
        Certainty.PROVEN,
        f"the XOR of the segment data is 0x{calculated:02x} and the image stores 0x{read:02x}{headers}",
        lines=lines,
        notes=(
            healed_note(last),
            headers_note(proof),
            doubt_note(proof),
            length_note(proof),
            _attempts(failures),
            *_with_sent(facts, last),
            "bytes were changed, overwritten or filled in place, or lost or added in the last segment, where no later "
            "header can notice; the digest was never examined",
            dump_note(facts),
            versions_note(last.walk.idf_versions),
        ),
        help=(*with_sent(facts, "it tells whether the data or the stored byte is wrong"), *read_back(facts, last)),
        benign=last.benign,
    )


def _attempts(failures: list[Failure]) -> str | None:
    calculated = [failure.number("calculated") for failure in failures]
    read = {failure.number("read") for failure in failures}
    walks = sum(len(failure.lines) for failure in failures)
    if walks < 2:
        return None
    if len(calculated) == 1:
        return (
            f"the same two values are {walks} times: if these are attempts and not walks over one, a rule in the code "
            "loses or overwrites the same bytes each time"
        )
    if len(read) == 1:
        return (
            f"the calculated value changes between walks ({numbers(calculated)}) and the stored one does not: the file is "
            "fine, and each attempt damages other bytes"
        )
    return f"both values change between walks (calculated {numbers(calculated)})"


def _with_sent(facts: LogFacts, failure: Failure) -> Iterator[str]:
    sent = facts.sent
    if sent is None or not kinship(failure.walk, sent).complete:
        return
    calculated, read = failure.number("calculated"), failure.number("read")
    stored, right = sent.image.checksum_stored, sent.image.checksum_calculated
    if stored is None or right is None:
        return
    if calculated == right and read != stored:
        yield f"the data of {sent.name} has this XOR: the data arrived, and the stored byte (0x{stored:02x} in the "
        "file) did not"
    elif read == stored:
        yield f"the stored byte is that of {sent.name}, so the end arrived and the data is wrong"
    if calculated != right:
        yield f"the XOR of all changes to the data is 0x{calculated ^ right:02x}"
