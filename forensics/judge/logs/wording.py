"""Words that findings of a log share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from forensics.judge.case import Case
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.proven import Proof
from forensics.judge.wording import Advice, finding_of
from forensics.model.finding import Certainty, Finding, Remedy, Value, Where
from forensics.model.text import file_argument
from forensics.spec.esp_image import DIGEST_SIZE
from forensics.spec.flash import SECTOR

_UNSTABLE = (
    "another check of this slot failed otherwise: unless it was written in between, the flash reads differently each time "
    "(supply, flash mode or speed)"
)


def finding(
    slug: str,
    certainty: Certainty,
    summary: str,
    *,
    failure: Failure | None = None,
    lines: Iterable[int] = (),
    notes: Iterable[str | None] = (),
    help: Iterable[Advice] = (),
    where: Where = Where.UNKNOWN,
    edits: tuple[int, ...] = (),
    benign: bool = False,
    values: Mapping[str, Value] | None = None,
    changes: tuple[Remedy, ...] | None = None,
) -> Finding:
    """A finding of the fault ``slug``; of an objection of the device with its lines, its values and why it may not count."""
    if failure is None:
        said = tuple(notes)
    else:
        lines, benign = (*failure.lines, *lines), failure.benign
        said = (failure.excuse, *notes, _UNSTABLE if failure.unstable else None, versions_note(failure.walk.idf_versions))
        values = {**failure.values, **(values or {})}
    return finding_of(
        slug,
        summary=summary,
        edits=edits,
        lines=lines,
        certainty=certainty,
        where=where,
        benign=benign,
        notes=said,
        help=help,
        values=values,
        changes=changes,
    )


def headers_note(proof: Proof) -> str | None:
    """Which headers are right and what follows for the bytes before them."""
    last = proof.last_right
    if last is None:
        return None
    reach = f" up to 0x{last.header:x}" if last.header is not None else ""
    if proof.right == 1:
        return "the header of segment 0 is plausible: no net bytes were lost or added before it"
    return (
        f"the headers of segments 0 to {last.index} are right ({lines_words(proof)}): each starts exactly where the "
        f"data before it ends, so no net bytes were lost or added{reach}"
    )


def lines_words(proof: Proof) -> str:
    """The lines that show the headers."""
    first, last = proof.segments[0].line, proof.segments[max(0, proof.right - 1)].line
    return f"line {first}" if first == last else f"lines {first} to {last}"


def length_note(proof: Proof) -> str | None:
    """The exact length of the image, as far as it is proven."""
    if proof.end is None or proof.covered is None or not proof.all_right:
        return None
    data = f"segment data ends at 0x{proof.end:x} and the checksum is at 0x{proof.covered - 1:x}"
    if proof.length is None:
        return f"{data}: the image has {proof.covered} bytes, and 32 more when a digest is appended"
    return f"{data}; with the 32 bytes of the digest the image has exactly {proof.length} bytes"


def versions_note(versions: str | None) -> str | None:
    """The releases that print such lines."""
    return f"lines as these are printed by ESP-IDF {versions}" if versions else None


def read_back(case: Case, failure: Failure, size: int | None = None) -> tuple[Advice, ...]:
    """How to read the slot and compare, which settles everything; nothing when a dump is at hand."""
    if case.dump is not None:
        return ()
    start = failure.walk.image_start
    sent = case.sent.name if case.sent else "sent.bin"
    length = size or _longest(failure.proof) or (len(case.sent.data) if case.sent else None)
    address = "ADDRESS" if start is None else f"0x{start:x}"
    sectors = f"0x{-(-length // SECTOR) * SECTOR:x}" if length and start is not None else "SIZE"
    commands = (
        ("esptool", "read-flash", address, sectors, "received.bin"),
        ("otadiff", file_argument(sent), "received.bin", "--log", file_argument(case.log_name)),
    )
    return (Advice(Where.DEVICE, "to see every byte, read the slot back before the next attempt and compare", commands),)


def _longest(proof: Proof) -> int | None:
    return None if proof.covered is None else proof.covered + DIGEST_SIZE


def with_sent(case: Case, gain: str) -> tuple[Advice, ...]:
    """What to run next when the image that was sent is not at hand yet."""
    if case.sent is not None:
        return ()
    command = ("otadiff", "triage", file_argument(case.log_name), "sent.bin")
    return (Advice(Where.SENDER, f"run otadiff with the file that was sent: {gain}", (command,)),)


def bytes_words(value: int) -> str:
    """The four bytes of a number as they stand in flash."""
    return value.to_bytes(4, "little").hex(" ")


def numbers(values: Sequence[int]) -> str:
    """Byte values in hex, a few of them."""
    shown = ", ".join(f"0x{value:02x}" for value in values[:8])
    return f"{shown} ..." if len(values) > 8 else shown
