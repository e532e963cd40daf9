"""Weighs the ways to read a text against SENT: the right one gives bytes that occur in it."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from functools import partial

from forensics.errors import InputError
from forensics.model.evidence import LEAST_SHARE, TEXT_CONTAINERS, Evidence, HowRead
from forensics.model.span import ByteSpan
from forensics.parse.identify_text import is_text
from forensics.parse.image import parse_image
from forensics.read.table import Known, Problem, TextReading, readings

_ONE_WORD = re.compile(rb"[0-9A-Za-z+/_=-]{64,}")

_LEAST_SHOWN = 256
"""Bytes of SENT that a text shows, or it is not about its bytes."""

_PLACES_TOLD = 3


def may_be_weighed(evidence: Evidence, content: bytes) -> bool:
    """``content``, read as ``evidence``, is a text that may show bytes in another way than its lines suggest.

    A text with erased flash behind it, or without any structure, is what a device stored.
    """
    if evidence.container not in TEXT_CONTAINERS or evidence.erased_tail:
        return False
    return evidence.container != "raw" or b"\n" in content or len(content.split(None, 1)) > 1


def unbroken(evidence: Evidence) -> Evidence:
    """A text of nothing but hex or base64, on one line: nobody can tell a print-out from what a device stored."""
    content = evidence.content
    if evidence.container != "raw" or not _ONE_WORD.fullmatch(content):
        return evidence
    reading = HowRead(
        how="text that the device stored (--read-as raw)",
        share=1.0,
        rivals=("a print-out of its bytes (--read-as hex or base64)",),
    )
    return replace(evidence, reading=reading)


def weighed(evidence: Evidence, content: bytes, sent: bytes) -> Evidence:
    """The reading of a text that explains the most bytes of SENT and leaves the fewest over.

    Args:
        evidence: What a reader made of it by its lines alone.
        content: The text.
        sent: The image that went over the link.

    Returns:
        The evidence with its ``reading``; ``evidence`` as it is when it is a whole image, although another one.
    """
    if not is_text(content):
        return evidence
    known = Known(sent)
    own = known.weigh(_undamaged(evidence)) if evidence.container != "raw" else None
    whole = own is not None and not own.other and not evidence.damaged and len(evidence.content) >= len(sent)
    found = readings(content, known) if not whole else ()  # nothing can explain more than all of it
    best = found[0] if found and _shows_enough(found[0].share, found[0].data, sent) else None
    if best is not None:
        # A reader that knows the tool is believed when it explains more than the lines do, or reads the same.
        ahead = 1 if own is None or evidence.content != best.data else 0
        if own is None or own.worth < best.worth + ahead:
            return _evidence_of(best, found[1:], evidence)
    if own is None or not _shows_enough(own.share, evidence.content, sent):
        if parse_image(evidence.content).valid:  # another image, whose checksum and digest show that it is read rightly
            return evidence
        return replace(evidence, reading=HowRead(how="text that shows no bytes of the image", share=0.0))
    rivals = tuple(one.how for one in found if one.data != evidence.content and one.worth >= own.worth)
    how = "; ".join((evidence.container, *evidence.notes))
    return replace(evidence, reading=HowRead(how=how, share=round(own.share, 4), rivals=rivals, cut=evidence.damaged))


def _shows_enough(share: float, data: bytes, sent: bytes) -> bool:
    """A printed digest, key or address is in SENT as well, and is no dump of it."""
    return share >= LEAST_SHARE and share * len(data) >= min(_LEAST_SHOWN, len(sent) // 2)


def shown_image(evidence: Evidence, content: bytes, sent: bytes | None) -> Evidence:
    """The image that a text shows; ``evidence`` itself where it is no text, or a reader knows the tool.

    Raises:
        InputError: it is a text that shows no image: nobody wants a copy of that as the image.
    """
    if sent is not None and may_be_weighed(evidence, content):
        evidence = weighed(evidence, content, sent)
    if evidence.container != "raw" or not is_text(content):
        return evidence
    digits = b"".join(content.split())
    for name, decode in (("hex", bytes.fromhex), ("base64", partial(base64.b64decode, validate=True))):
        try:
            image = decode(digits.decode("ascii"))
        except ValueError:
            continue
        if parse_image(image).valid:  # without SENT, its own checksum and digest show that it is read rightly
            return replace(evidence, container=name, content=image, notes=(f"read as {name} in lines",))
    raise InputError(
        "is a text, and no image was found in it",
        name=evidence.name,
        next_step="name the image that was sent with --sent; --read-as raw copies the text as it is",
    )


def _undamaged(evidence: Evidence) -> bytes:
    """What the evidence shows, without the bytes that fill its damaged places."""
    shown, end = [], 0
    for span in evidence.damaged:
        shown.append(evidence.content[end : span.start])
        end = max(end, span.end)
    return b"".join((*shown, evidence.content[end:]))


def _evidence_of(best: TextReading, others: tuple[TextReading, ...], evidence: Evidence) -> Evidence:
    cut = _cut(best)
    notes = []
    for flaw in best.flaws[:_PLACES_TOLD]:
        more = f", {flaw.missing} more bytes" if flaw.missing else ""
        notes.append(f"line {flaw.line}: {flaw.problem}{more}; save the values in full, as a capture or a dump")
    if len(best.flaws) > _PLACES_TOLD:
        notes.append(f"and {len(best.flaws) - _PLACES_TOLD:,} more lines like these")
    for first, last, _at in best.skipped[:_PLACES_TOLD]:
        if first == last:
            never = f"number {first:,} of its count never comes"
            notes.append(f"{never}: the line is missing in the text, or the chunk never came")
        else:
            never = f"numbers {first:,} to {last:,} of its count never come"
            notes.append(f"{never}: the lines are missing in the text, or the chunks never came")
    notes.append(f"read as {best.how}")
    return replace(
        evidence,
        container="text",
        content=best.data,
        region=ByteSpan(0, evidence.raw_size),
        notes=tuple(notes),
        damaged=cut,
        pieces=tuple(ByteSpan(one.start, one.end) for one in best.values) if best.is_of_writes else (),
        reading=HowRead(how=best.how, share=round(best.share, 4), rivals=tuple(one.how for one in others), cut=cut),
    )


def _cut(reading: TextReading) -> tuple[ByteSpan, ...]:
    """What the text does not show: values that a tool shortened, and lines that its own count lacks."""
    places = [ByteSpan(at, at) for _first, _last, at in reading.skipped]
    for flaw in reading.flaws:
        places.append(ByteSpan(flaw.end if flaw.problem is Problem.CUT else flaw.start, flaw.end))
    return tuple(sorted(set(places), key=lambda span: (span.start, span.end)))
