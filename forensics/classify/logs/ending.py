"""OTA205: the image begins right and its end is not there."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.classify.logs.belonging import kinship
from forensics.classify.logs.blank import zeros_from
from forensics.classify.logs.facts import Failure, LogFacts
from forensics.classify.logs.wording import finding, headers_note, healed_note, read_back
from forensics.classify.logs.wrong_bytes import ERASED_WORD
from forensics.classify.wording import amount
from forensics.model.finding import Certainty, Finding, Where

_BLANK = {0xFF: "erased flash (0xff)", 0x00: "zero"}


def detect(facts: LogFacts) -> Iterator[Finding]:
    """A missing end, by a blank header, a blank checksum or a blank digest."""
    for failure in facts.of_kind("invalid_segment_length", "unaligned_segment_length"):
        if failure.number("length") == ERASED_WORD and failure.proof.right:
            yield _cut(facts, failure)
    for failure in facts.of_kind("checksum_failed"):
        if failure.number("read") in _BLANK and zeros_from(failure.proof) is None:
            yield from _blank_checksum(facts, failure)
    for failure in facts.of_kind("hash_failed"):
        digits = failure.walk.hash.expected if failure.walk.hash else None
        if digits and set(digits) in ({"f"}, {"0"}):
            yield _blank_digest(facts, failure, erased=digits[0] == "f")


def _cut(facts: LogFacts, failure: Failure) -> Finding:
    proof = failure.proof
    at, last = proof.failing_header, proof.last_right
    sent = facts.sent if facts.sent and kinship(failure.walk, facts.sent).related else None
    missing = f": at least {len(sent.data) - at} of {len(sent.data)} bytes are missing" if sent and at is not None else ""
    before = f" before 0x{at:x}" if at is not None else " early"
    after = f"it holds the image up to 0x{last.data:x} at least" if last and last.data is not None else None
    return finding(
        "tail-missing",
        Certainty.LIKELY,
        f"the transfer ended{before}{missing}",
        lines=failure.lines,
        notes=(
            healed_note(failure),
            after,
            headers_note(proof),
            "the end is inside the data before the blank header; a dump shows the exact byte",
        ),
        help=read_back(facts, failure, len(sent.data) if sent else None),
        benign=failure.benign,
    )


def _blank_checksum(facts: LogFacts, failure: Failure) -> Iterator[Finding]:
    read = failure.number("read")
    proof = failure.proof
    at = proof.covered - 1 if proof.covered is not None else None
    place = f" at 0x{at:x}" if at is not None else ""
    sent = facts.sent if facts.sent and kinship(failure.walk, facts.sent).complete else None
    if sent is not None and sent.image.checksum_stored == read:
        return
    yield finding(
        "tail-missing",
        Certainty.LIKELY,
        f"the end of the image was not written: the checksum byte{place} is {_BLANK[read]}",
        lines=failure.lines,
        where=Where.SENDER,
        notes=(
            healed_note(failure),
            f"{sent.name} has 0x{sent.image.checksum_stored:02x} there"
            if sent and sent.image.checksum_stored is not None
            else None,
            None if sent else "a checksum may be this value by chance, in 1 of 256 images",
            "the last short chunk was not sent, or not flushed" if read == 0xFF else "the last write was padded with zeros",
        ),
        help=read_back(facts, failure),
        benign=failure.benign,
    )


def _blank_digest(facts: LogFacts, failure: Failure, *, erased: bool) -> Finding:
    proof = failure.proof
    place = f" (0x{proof.covered:x} to 0x{proof.covered + 31:x})" if proof.covered is not None else ""
    digits = failure.walk.hash.expected if failure.walk.hash else ""
    return finding(
        "tail-missing",
        Certainty.LIKELY,
        f"the last {amount(32, 'byte')} of the image, its digest{place}, were not written: they read "
        f"{digits[:8] if digits else ''}",
        lines=(*failure.lines, *failure.walk.hash_lines),
        where=Where.SENDER,
        notes=(
            healed_note(failure),
            "everything before them is there: the checksum passed",
            "nobody wrote there: the last short chunk was not sent, or not flushed"
            if erased
            else "zeros were written there",
        ),
        help=read_back(facts, failure),
        benign=failure.benign,
    )
