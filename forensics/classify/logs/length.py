"""OTA303 and, with SENT at hand, OTA202 and OTA203: a header was read at the wrong place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from forensics.classify.logs.belonging import kinship
from forensics.classify.logs.facts import Failure, LogFacts
from forensics.classify.logs.proven import Proof, SegmentEntry
from forensics.classify.logs.wording import (
    bytes_words,
    finding,
    headers_note,
    healed_note,
    read_back,
    versions_note,
    with_sent,
)
from forensics.classify.logs.wrong_bytes import ERASED_WORD, word_words
from forensics.classify.wording import amount, segment_at
from forensics.model.finding import Certainty, Finding
from forensics.model.solve import LengthHit

KINDS = ("invalid_segment_length", "unaligned_segment_length")
_AFTER_A_SLIP = (
    *KINDS,
    "segment_load_address_mismatch",
    "segment_invalid",
    "checksum_failed",
    "flash_map_failed",
    "flash_read_failed",
    "image_too_long",
)
_LENGTH_AT = 4
"""The length is the second field of a segment header."""


def detect(facts: LogFacts) -> Iterator[Finding]:
    """The device's own line."""
    for failure in facts.of_kind(*KINDS):
        length = failure.number("length")
        if length == ERASED_WORD:
            continue
        proof = failure.proof
        words = word_words(length)
        at = proof.failing_header
        place = f" at 0x{at + _LENGTH_AT:x}" if at is not None else ""
        yield finding(
            "segment-length-invalid",
            Certainty.PROVEN,
            f"where the header of segment {len(proof.segments)} should be, the device read 0x{length:08x} as its "
            f"length{place}",
            lines=_lines(failure),
            notes=(
                healed_note(failure),
                f"the bytes {bytes_words(length)} look like {words}" if words else f"the bytes are {bytes_words(length)}",
                headers_note(proof),
                doubt_note(proof),
                "so bytes before this place are missing, inserted or damaged; checksum and digest were never examined",
                versions_note(failure.walk.idf_versions),
            ),
            help=(
                *with_sent(facts, "the place of these four bytes in it tells how many bytes were lost or gained"),
                *read_back(facts, failure),
            ),
            benign=failure.benign,
        )


def detect_slip(facts: LogFacts) -> Iterator[Finding]:
    """How many bytes were lost or gained, by looking the misread header up in SENT."""
    if facts.sent is None or facts.locate is None:
        return
    told: set[int] = set()
    for failure in facts.of_kind(*_AFTER_A_SLIP):
        slip = _slip(facts, failure)
        if slip is None or slip.lost in told:
            continue
        told.add(slip.lost)
        yield _slip_finding(facts, failure, slip)


class _Slip(NamedTuple):
    """``lost`` bytes before the header at ``at``; negative when bytes were gained."""

    lost: int
    at: int
    found: int
    chunk_size: int | None
    chunks: int | None
    unique: bool
    what: str


def _slip(facts: LogFacts, failure: Failure) -> _Slip | None:
    sent, locate = facts.sent, facts.locate
    proof = failure.proof
    if sent is None or locate is None:
        return None
    if proof.segments and not kinship(failure.walk, sent).related:
        return None
    doubtful = proof.doubtful or _not_in_sent(facts, proof)
    if doubtful is not None and doubtful.header is not None:
        return _by_header(facts, doubtful)
    length = failure.number("length")
    if failure.error.kind not in KINDS or length == ERASED_WORD or proof.failing_header is None:
        return None
    at = proof.failing_header + _LENGTH_AT
    hits = locate(sent.data, length, at, facts.chunk_sizes)
    return _of_hit(hits, at) if hits and hits[0].lost else None


def _of_hit(hits: tuple[LengthHit, ...], at: int) -> _Slip:
    best = hits[0]
    return _Slip(best.lost, at, best.found, best.chunk_size, best.chunks, best.unique, "these four bytes")


def _not_in_sent(facts: LogFacts, proof: Proof) -> SegmentEntry | None:
    """The first header that the device accepted and SENT does not have."""
    segments = facts.sent.image.segments if facts.sent else ()
    for one in proof.segments:
        known = segments[one.index] if one.index < len(segments) else None
        if known is None or (known.load_addr, known.data_len) != (one.load_addr, one.data_len):
            return one if one.index else None
    return None


def _by_header(facts: LogFacts, header: SegmentEntry) -> _Slip | None:
    """All eight bytes of a header that was accepted by accident, looked up."""
    sent, at = facts.sent, header.header
    assert sent is not None
    assert at is not None
    found = sent.data.find(header.content)
    if found < 0 or found == at:
        return None
    unique = sent.data.find(header.content, found + 1) < 0
    sizes = facts.chunk_sizes or ()
    size = next((size for size in sizes if (found - at) % size == 0), None)
    chunks = (found - at) // size if size else None
    return _Slip(
        found - at, at, found, size, chunks, unique, f"the eight bytes taken for the header of segment {header.index}"
    )


def _slip_finding(facts: LogFacts, failure: Failure, slip: _Slip) -> Finding:
    sent = facts.sent
    assert sent is not None
    proof = failure.proof
    last = proof.last_right
    gained = slip.lost < 0
    count = abs(slip.lost)
    after = f"between 0x{last.header:x} and 0x{slip.at:x}" if last and last.header is not None else f"before 0x{slip.at:x}"
    chunks = f" = {amount(abs(slip.chunks), 'chunk')} of {slip.chunk_size}" if slip.chunks and slip.chunk_size else ""
    whole = bool(chunks) or slip.what.startswith("the eight")
    place = segment_at(sent.image, slip.found)
    return finding(
        "chunk-duplicated" if gained else "chunk-missing",
        Certainty.LIKELY if slip.unique and whole else Certainty.POSSIBLE,
        f"{amount(count, 'byte')}{chunks} {'too many are' if gained else 'are missing'} {after}",
        lines=_lines(failure),
        notes=(
            healed_note(failure),
            f"the device read {slip.what} at 0x{slip.at:x}; in {sent.name} they are "
            + ("once near by" if slip.unique else "in several places, the likeliest")
            + f" at 0x{slip.found:x}{f' ({place})' if place else ''}: {amount(count, 'byte')} "
            f"{'earlier' if gained else 'further on'}",
            headers_note(proof),
            None if slip.unique else "other places explain the same bytes, so the number is not certain",
            "the log cannot show where in this range it happened, nor what follows it",
        ),
        help=read_back(facts, failure, len(sent.data)),
        benign=failure.benign,
    )


def doubt_note(proof: Proof) -> str | None:
    """That the device took other bytes for a header."""
    doubtful = proof.doubtful
    if doubtful is None:
        return None
    words = word_words(doubtful.load_addr)
    like = f", which looks like {words}" if words and not words.startswith("an address") else ""
    return (
        f"the header of segment {doubtful.index} (line {doubtful.line}) was accepted by accident: no linker gives the load "
        f"address 0x{doubtful.load_addr:08x}{like}; the fault is before it"
    )


def _lines(failure: Failure) -> list[int]:
    segments = failure.walk.segments
    return [*failure.lines, *([segments[-1].line] if segments else [])]
