"""OTA310 and OTA311: the device read flash that nobody wrote, or that somebody filled with zeros."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.length import address_note
from forensics.judge.logs.looks import ERASED_HALF, ERASED_WORD
from forensics.judge.logs.proven import Proof
from forensics.judge.logs.wording import finding, read_back
from forensics.judge.wording import amount
from forensics.model.finding import Certainty, Finding, Where

_ERASED_MODE = 0xFF
_EMPTY_XOR = 0xEF
"""The checksum of no bytes at all (``ESP_ROM_CHECKSUM_INITIAL``)."""


def detect_erased(case: Case) -> Iterator[Finding]:
    """OTA310, by the value that only erased flash gives."""
    for failure in case.failures_of("invalid_segment_length", "unaligned_segment_length"):
        if failure.number("length") == ERASED_WORD:
            yield _before_header(case, failure)
    for failure in case.failures_of("invalid_magic_byte"):
        modes = [error for error in failure.walk.errors if error.kind == "invalid_spi_mode"]
        erased = any(error.fields.get("value") == _ERASED_MODE for error in modes)
        if erased or (not modes and not _prints_mode(failure)):
            yield _empty_slot(case, failure, proven=erased)
    for failure in case.failures_of("segment_count"):
        if failure.number("value") == _ERASED_MODE:
            yield finding(
                "flash-erased",
                Certainty.LIKELY,
                "the device read erased flash from the second byte of the image on: the segment count is 255",
                failure=failure,
                help=read_back(case, failure),
            )
    for failure in case.failures_of("chip_id_mismatch"):
        if failure.number("found") == ERASED_HALF:
            yield finding(
                "flash-erased",
                Certainty.LIKELY,
                "the device read erased flash where the chip id is: 65535 is 0xffff",
                failure=failure,
                help=read_back(case, failure),
            )


def _prints_mode(failure: Failure) -> bool:
    """Releases up to v4.3 print the SPI mode of erased flash as well; without it another byte stands there."""
    versions = failure.walk.idf_versions or ""
    return "v4.3.1" not in versions and "later" not in versions and bool(versions)


def _before_header(case: Case, failure: Failure) -> Finding:
    proof = failure.proof
    if proof.failing_index is None:
        summary = "a segment header is erased flash: nothing was written there; the log does not show which segment"
    else:
        at = proof.failing_header
        where = f" from 0x{at:x} on at the latest" if at is not None else ""
        summary = f"the header of segment {proof.failing_index} is erased flash: nothing was written there{where}"
    return finding(
        "flash-erased",
        Certainty.PROVEN,
        summary,
        failure=failure,
        notes=(
            "0xffffffff is what erased flash reads; a fault in the data would show other bytes",
            address_note(proof),
        ),
        help=read_back(case, failure),
    )


def _empty_slot(case: Case, failure: Failure, *, proven: bool) -> Finding:
    start = failure.number("address")
    if proven:
        summary = f"the slot at 0x{start:x} is erased: its first bytes read 0xff"
        note = "SPI mode 255 is byte 2 of the image, read as 0xff"
    else:
        summary = f"the slot at 0x{start:x} holds no image; most often it is erased"
        note = "this release does not print the bytes that it read"
    return finding(
        "flash-erased",
        Certainty.PROVEN if proven else Certainty.POSSIBLE,
        summary,
        failure=failure,
        lines=[error.line for error in failure.walk.errors if error.kind.startswith("invalid_spi")],
        notes=(note,),
        help=read_back(case, failure),
    )


def detect_zero(case: Case) -> Iterator[Finding]:
    """OTA311: segments of address 0 and length 0 up to a checksum of nothing."""
    for failure in case.failures_of("checksum_failed"):
        proof = failure.proof
        zeros = zeros_from(proof)
        empty = failure.number("calculated") == _EMPTY_XOR and failure.number("read") == 0
        if not (zeros is not None or (empty and not proof.segments)):
            continue
        first = proof.segments[zeros] if zeros is not None else None
        where = f" from 0x{first.header:x} on" if first is not None and first.header is not None else ""
        count = amount(len(proof.segments) - (zeros or 0), "segment") if proof.segments else "the segments"
        yield finding(
            "flash-zero",
            Certainty.LIKELY,
            f"the headers read zeros{where}: {count} of address 0 and length 0, and 0x0 as checksum",
            failure=failure,
            lines=[one.line for one in proof.segments[zeros or 0 :]],
            where=Where.DEVICE,
            notes=(
                "0xef is the checksum of no data at all" if empty else None,
                "zeros were written by somebody; flash that nobody wrote reads 0xff",
                "only the headers and the checksum were read: bytes lost before them can put zeros of the image there, too",
            ),
            help=read_back(case, failure),
        )

    for failure in case.failures_of("segment_too_short"):
        if failure.number("length") == 0:
            yield finding(
                "flash-zero",
                Certainty.LIKELY,
                f"the header of segment {failure.number('index')} holds zeros: its length is 0, where an app has "
                "its descriptor",
                failure=failure,
                where=Where.DEVICE,
                notes=("flash that nobody wrote would read 0xffffffff"),
                help=read_back(case, failure),
            )


def zeros_from(proof: Proof) -> int | None:
    """Position of the first of the segments that are all zero up to the last one, or None."""
    position = len(proof.segments)
    while position and (proof.segments[position - 1].load_addr, proof.segments[position - 1].data_len) == (0, 0):
        position -= 1
    return position if position < len(proof.segments) else None
