"""OTA303 and, with SENT at hand, OTA202 and OTA203: a header was read at the wrong place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from forensics.judge.case import Case, Side
from forensics.judge.logs.belonging import kinship
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.lengths import locate_length
from forensics.judge.logs.looks import ERASED_WORD, word_words
from forensics.judge.logs.proven import Proof, SegmentEntry
from forensics.judge.logs.wording import bytes_words, finding, headers_note, read_back, with_sent
from forensics.judge.wording import amount, segment_at
from forensics.model.finding import Certainty, Finding

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

_LEAST_VALUES = 4
"""Different bytes that a header has at least by which its place in SENT can be found."""

_MOST_CHUNKS = 8
"""A loss of more whole chunks than this may be a multiple of their size by accident."""


def detect(case: Case) -> Iterator[Finding]:
    """The device's own line."""
    for failure in case.failures_of(*KINDS):
        length = failure.number("length")
        if length == ERASED_WORD:
            continue
        proof = failure.proof
        words = word_words(length)
        yield finding(
            "segment-length-invalid",
            Certainty.PROVEN,
            _summary(length, proof),
            failure=failure,
            lines=_lines(failure),
            notes=(
                f"the bytes {bytes_words(length)} look like {words}" if words else f"the bytes are {bytes_words(length)}",
                address_note(proof),
                headers_note(proof),
                doubt_note(proof),
                "so bytes before this place are missing, inserted or damaged; checksum and digest were never examined",
            ),
            help=(
                *with_sent(case, "the place of these four bytes in it tells how many bytes were lost or gained"),
                *read_back(case, failure),
            ),
            values=_values(proof),
        )


def _summary(length: int, proof: Proof) -> str:
    if proof.failing_index is None:
        return f"a segment header has the impossible length 0x{length:08x}; the log does not show which segment"
    place = f" at 0x{proof.failing_header + _LENGTH_AT:x}" if proof.failing_header is not None else ""
    return (
        f"where the header of segment {proof.failing_index} should be, the device read 0x{length:08x} as its length{place}"
    )


def _values(proof: Proof) -> dict[str, int]:
    known = {"segment": proof.failing_index, "offset": proof.failing_header, "address": proof.failing_address}
    return {name: value for name, value in known.items() if value is not None}


def address_note(proof: Proof) -> str | None:
    """Where in flash the header is that the device could not read."""
    return None if proof.failing_address is None else f"the device read this header at flash 0x{proof.failing_address:x}"


class _Slip(NamedTuple):
    """``lost`` bytes before the header at ``at``, a file offset of SENT; negative when bytes were gained."""

    lost: int
    at: int
    found: int
    chunk_size: int | None
    unique: bool
    what: str
    segment: int | None = None

    @property
    def chunks(self) -> int | None:
        """How many whole chunks that is."""
        return abs(self.lost) // self.chunk_size if self.chunk_size else None


def detect_slip(case: Case) -> Iterator[Finding]:
    """How many bytes were lost or gained, by looking the misread header up in SENT."""
    told: set[int] = set()
    sent = case.sent
    for failure in case.failures_of(*_AFTER_A_SLIP) if sent is not None else ():
        slip = _slip(case, failure, sent) if sent is not None else None
        if slip is not None and sent is not None and slip.lost not in told:
            told.add(slip.lost)
            yield _slip_finding(case, failure, slip, sent)


def _slip(case: Case, failure: Failure, sent: Side) -> _Slip | None:
    proof = failure.proof
    if proof.segments and not kinship(failure.walk, sent).related:
        return None
    doubtful = proof.doubtful or _not_in_sent(sent, proof)
    if doubtful is not None and doubtful.header is not None:
        return _by_header(case, doubtful, sent)
    length = failure.number("length")
    if failure.error.kind not in KINDS or length == ERASED_WORD:
        return None
    slips = sorted(_slips(case, length, proof, sent), key=_unlikeliness)
    if not slips or not slips[0].lost:
        return None
    rivals = [one for one in slips[1:] if _unlikeliness(one)[0] == _unlikeliness(slips[0])[0]]
    return slips[0] if proof.failing_index is not None else slips[0]._replace(unique=slips[0].unique and not rivals)


def _slips(case: Case, length: int, proof: Proof, sent: Side) -> Iterator[_Slip]:
    """Each header of SENT that may be the one that failed, with the shift that puts the four bytes there."""
    segments = sent.image.segments
    for segment in segments if proof.failing_index is None else segments[proof.failing_index : proof.failing_index + 1]:
        at = segment.header.start + _LENGTH_AT
        room = segment.header.start - (segments[segment.index - 1].data.start if segment.index else 0)
        for hit in locate_length(sent.data, length, at, chunk_sizes=case.chunk_sizes):
            if hit.lost <= room:  # more cannot be lost behind the header before, which was right
                yield _Slip(hit.lost, at, hit.found, hit.chunk_size, hit.unique, "these four bytes", segment.index)


def _unlikeliness(slip: _Slip) -> tuple[int, int, int]:
    """One whole chunk comes first, then a few of them, then the smallest shift."""
    few = slip.chunks is not None and slip.chunks <= _MOST_CHUNKS
    return (0 if few else 1, slip.chunks or 0 if few else 0, abs(slip.lost))


def _not_in_sent(sent: Side, proof: Proof) -> SegmentEntry | None:
    """The first header that the device accepted and SENT does not have."""
    segments = sent.image.segments
    for one in proof.segments:
        known = segments[one.index] if one.index < len(segments) else None
        if known is None or (known.load_addr, known.data_len) != (one.load_addr, one.data_len):
            return one if one.index else None
    return None


def _by_header(case: Case, header: SegmentEntry, sent: Side) -> _Slip | None:
    """All eight bytes of a header that was accepted by accident, looked up."""
    at = header.header
    assert at is not None
    if len(set(header.content)) < _LEAST_VALUES:
        return None  # zeros and the like are in every image
    found = sent.data.find(header.content)
    if found < 0 or found == at:
        return None
    unique = sent.data.find(header.content, found + 1) < 0
    size = next((size for size in case.chunk_sizes or () if (found - at) % size == 0), None)
    what = f"the eight bytes taken for the header of segment {header.index}"
    return _Slip(found - at, at, found, size, unique, what, header.index)


def _slip_finding(case: Case, failure: Failure, slip: _Slip, sent: Side) -> Finding:
    proof = failure.proof
    last = proof.last_right
    gained, count = slip.lost < 0, abs(slip.lost)
    before = f"before segment {slip.segment}" if slip.segment is not None else f"before 0x{slip.at:x}"
    after = f"between 0x{last.header:x} and 0x{slip.at:x}" if last and last.header is not None else before
    chunks = f" = {amount(slip.chunks, 'chunk')} of {slip.chunk_size}" if slip.chunks else ""
    whole = bool(chunks) or slip.what.startswith("the eight")
    place = segment_at(sent.image, slip.found)
    return finding(
        "chunk-duplicated" if gained else "chunk-missing",
        Certainty.LIKELY if slip.unique and whole else Certainty.POSSIBLE,
        f"{amount(count, 'byte')}{chunks} {'were added' if gained else 'are missing'} {after}",
        failure=failure,
        lines=_lines(failure),
        notes=(
            f"the device read {slip.what} at 0x{slip.at:x}; in {sent.name} they are "
            + ("once near by" if slip.unique else "among other places that could explain it")
            + f" at 0x{slip.found:x}{f' ({place})' if place else ''}: {amount(count, 'byte')} "
            f"{'earlier' if gained else 'further on'}",
            headers_note(proof),
            "the chunk with this header, holding its neighbour's bytes, would read the same" if slip.chunks == 1 else None,
            None if slip.unique else "other places explain the same bytes, so the number is not certain",
            "the log cannot show where in this range it happened, nor what follows it",
        ),
        help=read_back(case, failure, len(sent.data)),
        values={"bytes": slip.lost, "offset": slip.at, **({"chunk_size": slip.chunk_size} if slip.chunk_size else {})},
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
    return [segments[-1].line] if segments else []
