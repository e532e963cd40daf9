"""OTA302: everything up to the checksum passed and the SHA-256 did not; OTA207 for a damaged digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.belonging import kinship
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.proven import Proof
from forensics.judge.logs.wording import (
    finding,
    headers_note,
    length_note,
    read_back,
    with_sent,
)
from forensics.judge.wording import Advice, amount, listed
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.log import LogEvent, LogHash

_REFUSING_CALLS = ("end", "set_boot_partition")
_VALIDATE_FAILED = (0x1503, 0x5379, -1)
"""ESP_ERR_OTA_VALIDATE_FAILED, as v3.1 to v4.2 print it (decimal behind 0x), and ESP_FAIL."""
_SHOW_THE_LINE = (
    "set the log level of the app to info and paste from the start of the transfer to the reset: the line of esp_image says "
    "which check failed"
)
_NOT_ACTIVATED = 9
"""``UPDATE_ERROR_ACTIVATE`` of arduino-esp32 ``Update.h``."""
_SHORT = 8
"""Hex digits of the hashes that ESP-IDF v3.0 and v3.1 print: ``sizeof`` was taken of a pointer."""


def detect(case: Case) -> Iterator[Finding]:
    """The device's own line; one that is the mark of a bug of the verifier is left to OTA314."""
    for failure in case.failures_of("hash_failed"):
        hashes = failure.walk.hash
        if not (hashes and hashes.calculated and set(hashes.calculated) == {"0"}):
            yield _finding(case, failure)


def _finding(case: Case, failure: Failure) -> Finding:
    proof = failure.proof
    return finding(
        "digest-failed",
        Certainty.PROVEN,
        _summary(proof),
        failure=failure,
        lines=failure.walk.hash_lines,
        notes=(
            headers_note(proof),
            length_note(proof),
            _xor_note(proof),
            None if case.solved and case.solved.solutions else _shortlist(proof),
            *_hash_notes(failure.walk.hash),
            *_body_or_digest(case, failure),
            *_search_notes(case),
        ),
        help=_help(case, failure),
    )


def _summary(proof: Proof) -> str:
    what = f"the {proof.length} bytes of the image fail" if proof.length else "the image fails"
    headers = f"the checksum and all {proof.right} segment headers are right" if proof.all_right else "its checksum passed"
    return f"{what} the digest alone: {headers}"


def _xor_note(proof: Proof) -> str:
    size = sum(one.data_len for one in proof.segments)
    what = f"the {amount(size, 'byte')} of segment data" if proof.end is not None else "the segment data"
    return (
        f'no "Checksum failed" comes before it, so the XOR over {what} passed; XOR is blind to order: bytes may have '
        "changed places (with a debugger attached, v3.1 and later compare nothing)"
    )


def _shortlist(proof: Proof) -> str:
    padding = ""
    if proof.end is not None and proof.covered is not None and proof.covered - 1 > proof.end:
        padding = f", padding (0x{proof.end:x} to 0x{proof.covered - 2:x})"
    return (
        "what remains: chunks in another order inside the data of a segment; changes that cancel out, as an "
        "overwriting chunk "
        f"of equal XOR; bytes that the XOR leaves out: image header (bytes 3 and 8 to 22){padding} or the digest "
        "itself; a file whose "
        "digest was stale before it was sent; other damage passes the XOR 1 time in 256"
    )


def _hash_notes(hashes: LogHash | None) -> Iterator[str]:
    if hashes and hashes.calculated and hashes.expected:
        yield f"the SHA-256 of the bytes begins {hashes.calculated[:8]}, and the image stores {hashes.expected[:8]}"
    if hashes is None:
        yield "the two hashes are printed at debug level only, so this log cannot tell the damaged bytes"
        return
    if any(digits and len(digits) == _SHORT for digits in (hashes.calculated, hashes.expected)):
        yield (
            f"calculated {hashes.calculated or 'not printed'}, stored {hashes.expected or 'not printed'}: ESP-IDF "
            "v3.0 and v3.1 print only "
            "the first 4 of 32 bytes, a slip of the log; all 32 are compared"
        )
    if hashes.expected and set(hashes.expected) not in ({"f"}, {"0"}):
        yield "the stored hash is neither erased nor zero, so something was written at the end of the image"


def _body_or_digest(case: Case, failure: Failure) -> Iterator[str]:
    """Section 7 of the format reference: which part of the image is at fault."""
    sent, hashes, covered = case.sent, failure.walk.hash, failure.proof.covered
    if sent is None:
        return
    found = kinship(failure.walk, sent)
    if found.complete and found.shown:
        yield f"{sent.name} is the image of this log: all {found.shown} segment headers are those of the file"
    if hashes is None or covered is None or not found.complete or covered > len(sent.data):
        return
    body = hashlib.sha256(sent.data[:covered]).hexdigest()
    stored = sent.data[covered : covered + 32].hex()
    if hashes.calculated and body.startswith(hashes.calculated):
        yield f"the first {covered} bytes arrived unchanged: their SHA-256 is that of {sent.name}"
    elif hashes.expected and stored.startswith(hashes.expected):
        yield f"the stored hash is that of {sent.name}: it arrived, and the damage is in the {covered} bytes before it"
    elif hashes.expected:
        yield f"neither hash is that of {sent.name}: body and digest were both damaged, or another build was sent"


def _search_notes(case: Case) -> Iterator[str]:
    solved = case.solved
    if solved is None or solved.solutions:
        return
    yield (
        f"a search over {amount(solved.hypotheses, 'damaged image')} of "
        f"{case.sent.name if case.sent else 'the file'} did not find the "
        f"calculated hash{' and was stopped early' if solved.stopped else ''}"
    )
    whole = {cell.words for cell in solved.covered} - {cell.words for cell in solved.covered if cell.tested < cell.total}
    excluded = dict.fromkeys(cell.words for cell in solved.covered if cell.words in whole and cell.chunk_size)
    sizes = dict.fromkeys(cell.chunk_size for cell in solved.covered if cell.chunk_size)
    if excluded:
        yield f"excluded for chunks of {listed([str(size) for size in sizes], 12)} bytes: {'; '.join(excluded)}"


def _help(case: Case, failure: Failure) -> tuple[Advice, ...]:
    hashes = failure.walk.hash
    gain = "it tells body from digest, and searches for the fault that has the calculated hash"
    if hashes is None or hashes.calculated is None:
        gain = "it tells whether the file itself is right"
    return (*with_sent(case, gain), *read_back(case, failure))


def detect_damaged_digest(case: Case) -> Iterator[Finding]:
    """OTA207: the body is that of SENT, so the damage is in the last 32 bytes."""
    sent = case.sent
    for failure in case.failures_of("hash_failed"):
        hashes, covered = failure.walk.hash, failure.proof.covered
        if sent is None or hashes is None or not hashes.calculated or covered is None or covered > len(sent.data):
            continue
        if hashes.expected and set(hashes.expected) in ({"f"}, {"0"}):
            continue
        if not sent.accepted or not hashlib.sha256(sent.data[:covered]).hexdigest().startswith(hashes.calculated):
            continue
        yield finding(
            "bytes-altered",
            Certainty.PROVEN if len(hashes.calculated) > _SHORT else Certainty.LIKELY,
            f"the digest itself was damaged: of {sent.name} the first {covered} bytes arrived and the last 32 did not",
            failure=failure,
            lines=failure.walk.hash_lines,
            notes=(f"the stored hash begins {hashes.expected[:8]}" if hashes.expected else None,),
            help=read_back(case, failure),
        )


def detect_unnamed(case: Case) -> Iterator[Finding]:
    """OTA302: the call failed and no line says which check did."""
    if any(failure.error.kind != "new_image_failed_verification" for failure in case.failures):
        return
    calls = [event for event in case.events("ota_call_failed", "update_error") if _is_refusal(event)]
    lines = [event.line for event in calls] + [line for failure in case.failures for line in failure.lines]
    if lines:
        yield finding(
            "digest-failed",
            Certainty.LIKELY,
            "the device refused the image, and the log does not show which check failed",
            lines=lines,
            help=(Advice(Where.DEVICE, _SHOW_THE_LINE),),
            changes=(),
            notes=(
                "ESP_ERR_OTA_VALIDATE_FAILED (0x1503) is the code of every failed check: checksum, digest, segment, chip, "
                "signature",
            ),
        )


def _is_refusal(event: LogEvent) -> bool:
    """The call examines the image, and its error, where it is shown, is the one of a failed check."""
    if event.kind == "update_error":
        return event.fields.get("code") == _NOT_ACTIVATED and "means" not in event.fields
    call, name, error = (event.fields.get(field) for field in ("call", "name", "error"))
    examined = call in _REFUSING_CALLS or call is None
    return examined and name in (None, "OTA_VALIDATE_FAILED") and error in (None, *_VALIDATE_FAILED)
