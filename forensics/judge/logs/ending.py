"""OTA205: the image begins right and its end is not there."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.belonging import kinship
from forensics.judge.logs.blank import zeros_from
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.looks import ERASED_WORD
from forensics.judge.logs.wording import finding, headers_note, read_back
from forensics.judge.wording import amount
from forensics.model.finding import Certainty, Finding, Where

_HEADERS = 0x20
"""Bytes of the image header and the first segment header."""

_PROGRESS = ("ota_written", "ota_progress", "ota_received")
"""Lines in which the device says how many bytes it has."""

_BLANK = {0xFF: "erased flash (0xff)", 0x00: "zero"}


def detect(case: Case) -> Iterator[Finding]:
    """A missing end, by a blank header, a blank checksum or a blank digest."""
    for failure in case.failures_of("invalid_segment_length", "unaligned_segment_length"):
        written = bytes_written(case, failure.lines[0])
        if failure.number("length") == ERASED_WORD and (failure.proof.right or (written or 0) >= _HEADERS):
            yield _cut(case, failure, written)
    for failure in case.failures_of("checksum_failed"):
        if failure.number("read") in _BLANK and zeros_from(failure.proof) is None:
            yield from _blank_checksum(case, failure)
    for failure in case.failures_of("hash_failed"):
        digits = failure.walk.hash.expected if failure.walk.hash else None
        if digits and set(digits) in ({"f"}, {"0"}):
            yield _blank_digest(case, failure, erased=digits[0] == "f")


def bytes_written(case: Case, line: int) -> int | None:
    """How many bytes the device said that it had written before ``line``; None when it did not say."""
    said = [event.fields.get("bytes") for event in case.events(*_PROGRESS) if event.line < line]
    return next((count for count in reversed(said) if isinstance(count, int)), None)


def _cut(case: Case, failure: Failure, written: int | None) -> Finding:
    proof = failure.proof
    at, last = proof.failing_header, proof.last_right
    sent = case.sent if case.sent and kinship(failure.walk, case.sent).related else None
    missing = f": at least {len(sent.data) - at} of {len(sent.data)} bytes are missing" if sent and at is not None else ""
    if at is not None:
        summary = f"the transfer ended before 0x{at:x}{missing}"
    elif written:
        summary = f"the transfer ended after {written} bytes: a segment header behind them is erased flash, not written"
    else:
        summary = "the transfer ended early: the next segment header is erased flash, not written"
    after = f"it holds the image up to 0x{last.data:x} at least" if last and last.data is not None else None
    return finding(
        "tail-missing",
        Certainty.LIKELY,
        summary,
        failure=failure,
        notes=(
            after,
            f"the device said that {written} bytes were written" if written and at is not None else None,
            headers_note(proof),
            "the end is inside the data before the blank header; a dump shows the exact byte",
        ),
        help=read_back(case, failure, len(sent.data) if sent else None),
        values={"written": written} if written else None,
    )


def _blank_checksum(case: Case, failure: Failure) -> Iterator[Finding]:
    read = failure.number("read")
    proof = failure.proof
    at = proof.covered - 1 if proof.covered is not None else None
    place = f" at 0x{at:x}" if at is not None else ""
    sent = case.sent if case.sent and kinship(failure.walk, case.sent).complete else None
    if sent is not None and sent.image.checksum_stored == read:
        return
    yield finding(
        "tail-missing",
        Certainty.LIKELY if read == 0xFF else Certainty.POSSIBLE,
        f"the end of the image was not written: the checksum byte{place} is {_BLANK[read]}",
        failure=failure,
        where=Where.SENDER,
        notes=(
            f"{sent.name} has 0x{sent.image.checksum_stored:02x} there"
            if sent and sent.image.checksum_stored is not None
            else None,
            None if sent else "a checksum may be this value by chance, in 1 of 256 images",
            "the last short chunk was not sent, or not flushed"
            if read == 0xFF
            else "the last write was padded with zeros, or bytes were lost and the padding before the checksum was read",
        ),
        help=read_back(case, failure),
    )


def _blank_digest(case: Case, failure: Failure, *, erased: bool) -> Finding:
    proof = failure.proof
    place = f" (0x{proof.covered:x} to 0x{proof.covered + 31:x})" if proof.covered is not None else ""
    digits = failure.walk.hash.expected if failure.walk.hash else ""
    return finding(
        "tail-missing",
        Certainty.LIKELY,
        f"the last {amount(32, 'byte')} of the image, its digest{place}, were not written: they read "
        f"{digits[:8] if digits else ''}",
        failure=failure,
        lines=failure.walk.hash_lines,
        where=Where.SENDER,
        notes=(
            "everything before them is there: the checksum passed",
            "nobody wrote there: the last short chunk was not sent, or not flushed"
            if erased
            else "zeros were written there",
        ),
        help=read_back(case, failure),
    )
