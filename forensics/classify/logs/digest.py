"""OTA302: everything up to the checksum passed and the SHA-256 did not; OTA207 for a damaged digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from forensics.classify.logs.belonging import kinship
from forensics.classify.logs.evidence import dump_note
from forensics.classify.logs.facts import Failure, LogFacts
from forensics.classify.logs.proven import Proof
from forensics.classify.logs.wording import (
    finding,
    headers_note,
    healed_note,
    length_note,
    read_back,
    versions_note,
    with_sent,
)
from forensics.classify.wording import amount, listed
from forensics.model.finding import Certainty, Finding, Remedy, Where
from forensics.model.log import LogHash

_REFUSING_CALLS = ("end", "set_boot_partition")
_SHORT = 8
"""Hex digits of the hashes that ESP-IDF v3.0 and v3.1 print: ``sizeof`` was taken of a pointer."""


def detect(facts: LogFacts) -> Iterator[Finding]:
    """The device's own line; one that is the mark of a bug of the verifier is left to OTA314."""
    for failure in facts.of_kind("hash_failed"):
        hashes = failure.walk.hash
        if not (hashes and hashes.calculated and set(hashes.calculated) == {"0"}):
            yield _finding(facts, failure)


def _finding(facts: LogFacts, failure: Failure) -> Finding:
    proof = failure.proof
    return finding(
        "digest-failed",
        Certainty.PROVEN,
        _summary(failure, proof),
        lines=(*failure.lines, *failure.walk.hash_lines),
        notes=(
            healed_note(failure),
            headers_note(proof),
            length_note(proof),
            _xor_note(proof),
            None if facts.solved and facts.solved.solutions else _shortlist(proof),
            *_hash_notes(failure.walk.hash),
            *_body_or_digest(facts, failure),
            *_search_notes(facts),
            dump_note(facts),
            versions_note(failure.walk.idf_versions),
        ),
        help=_help(facts, failure),
        benign=failure.benign,
    )


def _summary(failure: Failure, proof: Proof) -> str:
    hashes = failure.walk.hash
    what = f"the {proof.length} bytes of the image" if proof.length else "the image"
    headers = f"all {proof.right} segment headers and the checksum are right" if proof.all_right else "its checksum passed"
    if hashes and hashes.calculated and hashes.expected:
        values = f"SHA-256 begins {hashes.calculated[:8]} instead of {hashes.expected[:8]}"
    else:
        values = "SHA-256 is not the stored one"
    fails = "fail" if proof.length else "fails"
    return f"{what} {fails} the digest alone: {headers}, and the {values}"


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


def _body_or_digest(facts: LogFacts, failure: Failure) -> Iterator[str]:
    """Section 7 of the format reference: which part of the image is at fault."""
    sent, hashes, covered = facts.sent, failure.walk.hash, failure.proof.covered
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


def _search_notes(facts: LogFacts) -> Iterator[str]:
    solved = facts.solved
    if solved is None or solved.solutions:
        return
    yield (
        f"a search over {amount(solved.hypotheses, 'damaged image')} of "
        f"{facts.sent.name if facts.sent else 'the file'} did not find the "
        f"calculated hash{' and was stopped early' if solved.stopped else ''}"
    )
    whole = {cell.words for cell in solved.covered} - {cell.words for cell in solved.covered if cell.tested < cell.total}
    excluded = dict.fromkeys(cell.words for cell in solved.covered if cell.words in whole and cell.chunk_size)
    sizes = dict.fromkeys(cell.chunk_size for cell in solved.covered if cell.chunk_size)
    if excluded:
        yield f"excluded for chunks of {listed([str(size) for size in sizes], 12)} bytes: {'; '.join(excluded)}"


def _help(facts: LogFacts, failure: Failure) -> tuple[Remedy, ...]:
    hashes = failure.walk.hash
    gain = "it tells body from digest, and searches for the fault that has the calculated hash"
    if hashes is None or hashes.calculated is None:
        gain = "it tells whether the file itself is right"
    return (*with_sent(facts, gain), *read_back(facts, failure))


def detect_damaged_digest(facts: LogFacts) -> Iterator[Finding]:
    """OTA207: the body is that of SENT, so the damage is in the last 32 bytes."""
    sent = facts.sent
    for failure in facts.of_kind("hash_failed"):
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
            lines=(*failure.lines, *failure.walk.hash_lines),
            notes=(f"the stored hash begins {hashes.expected[:8]}" if hashes.expected else None,),
            help=read_back(facts, failure),
            benign=failure.benign,
        )


def detect_unnamed(facts: LogFacts) -> Iterator[Finding]:
    """OTA302, possible: the call failed and no line says which check did."""
    if any(failure.error.kind != "new_image_failed_verification" for failure in facts.failures):
        return
    calls = [event for event in facts.events("ota_call_failed") if event.fields.get("call") in _REFUSING_CALLS]
    calls += [event for event in facts.events("update_error") if event.fields.get("code") == 9]
    lines = [event.line for event in calls] + [line for failure in facts.failures for line in failure.lines]
    if lines:
        yield finding(
            "digest-failed",
            Certainty.POSSIBLE,
            "the device refused the image, and the log does not show which check failed",
            lines=lines,
            where=Where.UNKNOWN,
            notes=(
                "0x1503 (ESP_ERR_OTA_VALIDATE_FAILED) is the code of every failed check: checksum, digest, a segment, "
                "the chip or the "
                "signature",
                "the line of the verifier is missing: set the log level of the app to info, and paste from the start of the "
                "transfer to the reset",
            ),
        )
