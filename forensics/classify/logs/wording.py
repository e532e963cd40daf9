"""Words that findings of a log share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forensics.classify.faults import fault
from forensics.classify.logs.facts import LINES_KEPT, Failure, LogFacts
from forensics.classify.logs.proven import Proof
from forensics.classify.wording import remedies
from forensics.model.finding import Certainty, Finding, Remedy, Where
from forensics.spec.esp_image import DIGEST_SIZE
from forensics.spec.flash import SECTOR


def finding(
    slug: str,
    certainty: Certainty,
    summary: str,
    *,
    lines: Iterable[int] = (),
    notes: Iterable[str | None] = (),
    help: Iterable[Remedy] = (),
    where: Where = Where.UNKNOWN,
    edits: tuple[int, ...] = (),
    benign: bool = False,
) -> Finding:
    """A finding of the fault ``slug``; ``help`` stands before the fault's own remedies. A harmless one needs none."""
    known = fault(slug)
    assert known is not None, slug
    return Finding(
        code=known.code,
        slug=slug,
        certainty=certainty,
        summary=summary,
        edits=edits,
        log_lines=tuple(sorted({line for line in lines if line > 0}))[:LINES_KEPT],
        where=where,
        benign=benign,
        notes=tuple(note for note in notes if note),
        remedies=() if benign else (*help, *remedies(known.explanation)),
    )


def healed_note(failure: Failure) -> str | None:
    """Why an objection of the device does not count."""
    if failure.healed:
        return "a later walk of the same image passed"
    if failure.aside:
        return "the first boot with flash encryption looks at every app slot, and an empty one does no harm"
    return None


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


def read_back(facts: LogFacts, failure: Failure, size: int | None = None) -> tuple[Remedy, ...]:
    """How to read the slot and compare, which settles everything; nothing when a dump is at hand."""
    if facts.received is not None:
        return ()
    start = failure.walk.image_start
    sent = facts.sent.name if facts.sent else "sent.bin"
    length = size or _longest(failure.proof) or (len(facts.sent.data) if facts.sent else None)
    if start is None:
        command = "esptool read-flash ADDRESS SIZE received.bin"
    else:
        sectors = f"0x{-(-length // SECTOR) * SECTOR:x}" if length else "SIZE"
        command = f"esptool read-flash 0x{start:x} {sectors} received.bin"
    text = (
        f"to see every byte, read the slot back before the next attempt and compare:\n{command}\n"
        f"otadiff {sent} received.bin --log {facts.name}"
    )
    return (Remedy(where=Where.DEVICE, text=text),)


def _longest(proof: Proof) -> int | None:
    return None if proof.covered is None else proof.covered + DIGEST_SIZE


def with_sent(facts: LogFacts, gain: str) -> tuple[Remedy, ...]:
    """What to run next when the image that was sent is not at hand yet."""
    if facts.sent is not None:
        return ()
    text = f"run otadiff triage {facts.name} sent.bin with the file that was sent: {gain}"
    return (Remedy(where=Where.SENDER, text=text),)


def bytes_words(value: int) -> str:
    """The four bytes of a number as they stand in flash."""
    return value.to_bytes(4, "little").hex(" ")


def numbers(values: Sequence[int]) -> str:
    """Byte values in hex, a few of them."""
    shown = ", ".join(f"0x{value:02x}" for value in values[:8])
    return f"{shown} ..." if len(values) > 8 else shown
