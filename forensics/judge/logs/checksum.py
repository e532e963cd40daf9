"""OTA301: the XOR over the segment data is not the stored byte."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.belonging import kinship
from forensics.judge.logs.failures import MOST_LINES, Failure
from forensics.judge.logs.length import doubt_note
from forensics.judge.logs.wording import (
    finding,
    headers_note,
    length_note,
    numbers,
    read_back,
    with_sent,
)
from forensics.model.finding import Certainty, Finding


def detect(case: Case) -> Iterator[Finding]:
    """One finding a slot, however many attempts there were."""
    slots: dict[int | None, list[Failure]] = {}
    for failure in case.failures_of("checksum_failed"):
        slots.setdefault(failure.walk.image_start, []).append(failure)
    for failures in slots.values():
        yield _finding(case, failures)


def _finding(case: Case, failures: list[Failure]) -> Finding:
    last = failures[-1]
    proof = last.proof
    calculated, read = last.number("calculated"), last.number("read")
    headers = f", though all {proof.right} segment headers are right" if proof.all_right and proof.right > 1 else ""
    lines = [line for failure in failures for line in failure.lines][-MOST_LINES:]
    return finding(
        "checksum-failed",
        Certainty.PROVEN,
        f"the XOR of the segment data is 0x{calculated:02x} and the image stores 0x{read:02x}{headers}",
        lines=lines,
        notes=(
            last.excuse,
            headers_note(proof),
            doubt_note(proof),
            length_note(proof),
            _attempts(case, failures),
            *_with_sent(case, last),
            "bytes were changed, overwritten or filled in place, or lost or added in the last segment, where no later "
            "header can notice; the digest was never examined",
        ),
        help=(*with_sent(case, "it tells whether the data or the stored byte is wrong"), *read_back(case, last)),
        benign=last.benign,
        values=last.values,
    )


def _attempts(case: Case, failures: list[Failure]) -> str | None:
    first, last = failures[0].lines[0], failures[-1].lines[-1]
    between = [one.line for one in case.log.events if one.kind.startswith(("ota_", "update_", "gatt_"))]
    restarts = [one for one in case.events("reset") if first < one.line < last]
    written = not restarts or any(first < line < last for line in (*between, *case.log.update_lines))
    calculated = [failure.number("calculated") for failure in failures]
    read = {failure.number("read") for failure in failures}
    walks = sum(len(failure.lines) for failure in failures)
    if walks < 2:
        return None
    if len(calculated) == 1:
        return (
            f"the same two values come {walks} times: if each was an attempt, the code loses or overwrites the same bytes "
            "each time"
        )
    if len(read) == 1 and not written:
        return (
            f"the calculated value changes between walks ({numbers(calculated)}) and nothing was written in between: "
            "the flash reads differently each time (supply, flash mode or speed)"
        )
    if len(read) == 1:
        return (
            f"the calculated value changes between walks ({numbers(calculated)}) and the stored one does not: the file is "
            "fine, and each attempt damages other bytes"
        )
    return f"both values change between walks (calculated {numbers(calculated)})"


def _with_sent(case: Case, failure: Failure) -> Iterator[str]:
    sent = case.sent
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


def detect_nonos(case: Case) -> Iterator[Finding]:
    """The CRC32 over the downloaded image that ESP8266's NONOS SDK compares (``upgrade_lib``)."""
    values = {name: event.fields[name] for event in case.events("nonos_crc") for name in event.fields}
    calculated, stored = values.get("calculated"), values.get("stored")
    if calculated is not None and stored is not None and calculated != stored:
        yield finding(
            "checksum-failed",
            Certainty.PROVEN,
            f"the CRC of what is in flash is {calculated} and the image stores {stored}",
            lines=[event.line for event in case.events("nonos_crc")],
            notes=("bytes were changed, lost or added between the file and the flash",),
            values={"calculated": calculated, "stored": stored},
        )
