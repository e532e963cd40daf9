"""Weighs the ways to read a text: the right one gives bytes that occur in SENT, or an image whose own checksum is right."""

from __future__ import annotations

import re
from dataclasses import replace

from forensics.errors import InputError
from forensics.model.evidence import LEAST_SHARE, Evidence, HowRead
from forensics.model.span import ByteSpan
from forensics.parse.identify_text import is_text
from forensics.read.table import Known, Problem, TextReading, bytes_shown, image_shown, notations_of, readings

_ONE_WORD = re.compile(rb"[0-9A-Za-z+/_=-]{64,}")

_LEAST_SHOWN = 256
"""Bytes of SENT that a text shows, or it is not about its bytes."""

_EXPLAINED = 0.95
"""Share of the bytes of a reading from which on it is certain."""

_PLACES_TOLD = 3

_OPEN = (Problem.UNCOUNTED, Problem.AGAIN)
"""Problems that leave open where every byte behind them belongs."""


def is_print_out(evidence: Evidence) -> bool:
    """A text, and not what a device stored: that has erased flash behind it, or no structure at all."""
    content = evidence.content
    if evidence.container != "raw" or content[:1] == b"\xe9" or not is_text(content):
        return False
    return b"\n" in content or len(content.split(None, 1)) > 1


def unbroken(evidence: Evidence) -> Evidence:
    """A text of nothing but hex or base64, on one line: nobody can tell a print-out from what a device stored."""
    if evidence.container != "raw" or not _ONE_WORD.fullmatch(evidence.content):
        return evidence
    reading = HowRead(
        how="text that the device stored (--read-as raw)",
        share=1.0,
        rivals=("a print-out of its bytes (--read-as hex or base64)",),
        is_certain=False,
    )
    return replace(evidence, reading=reading)


def told_by(evidence: Evidence, sent: bytes) -> Evidence:
    """Evidence of any kind with the bytes that it shows, now that SENT is known: what is no text stays as it is."""
    return weighed(evidence, sent) if is_print_out(evidence) else unbroken(evidence)


def weighed(evidence: Evidence, sent: bytes, read_as: str | None = None) -> Evidence:
    """The reading of a text that explains the most bytes of SENT and leaves the fewest over.

    Args:
        evidence: The text.
        sent: The image that went over the link.
        read_as: What the user says that it is, a name of ``TEXT_NAMES``.

    Returns:
        The bytes that it shows with their ``reading``. Where none shows enough of SENT, another image that is whole, else
        the text as it is.

    Raises:
        InputError: it shows nothing of what the user says.
    """
    found = readings(evidence.content, Known(sent), notations_of(read_as))
    best = found[0] if found else None
    if best is not None and _shows_enough(best, sent):
        others = found[1:] if read_as is None else ()  # where all of SENT is shown, no other notation can show more
        rivals = tuple(one.how for one in others if one.is_of_others or best.data != sent)
        return _evidence_of(best, evidence, rivals, is_certain=not rivals and best.share >= _EXPLAINED)
    other = image_shown(evidence.content, notations_of(read_as))
    if other is not None and other.share == 1.0:  # another image, whose checksum and digest show that it is read rightly
        return _evidence_of(replace(other, share=best.share if best else 0.0), evidence)
    if read_as is not None:
        return _said_to_show(evidence, read_as, other)
    return replace(evidence, reading=HowRead(how="text that shows no bytes of the image", share=0.0, is_certain=False))


def _shows_enough(reading: TextReading, sent: bytes) -> bool:
    """A printed digest, key or address is in SENT as well, and is no dump of it."""
    return reading.share >= LEAST_SHARE and reading.share * len(reading.data) >= min(_LEAST_SHOWN, len(sent) // 2)


def shown_image(evidence: Evidence) -> Evidence | None:
    """The image that a text shows by itself, SENT unknown; None when it shows none."""
    found = image_shown(evidence.content)
    return _evidence_of(found, evidence, is_certain=found.share == 1.0) if found is not None else None


def forced(evidence: Evidence, read_as: str) -> Evidence:
    """The bytes of a text of which the user says that it shows some, SENT unknown.

    Raises:
        InputError: it shows none.
    """
    return _said_to_show(evidence, read_as, image_shown(evidence.content, notations_of(read_as)))


def _said_to_show(evidence: Evidence, read_as: str, image: TextReading | None) -> Evidence:
    found = image or bytes_shown(evidence.content, notations_of(read_as))
    if found is None:
        raise InputError(f"shows no bytes as {read_as}", name=evidence.name, next_step="leave --read-as out")
    return _evidence_of(found, evidence, is_certain=found.share == 1.0)


def _evidence_of(
    best: TextReading, evidence: Evidence, rivals: tuple[str, ...] = (), *, is_certain: bool = True
) -> Evidence:
    cut = _cut(best)
    notes = []
    for flaw in best.flaws[:_PLACES_TOLD]:
        more = f", {flaw.missing} more bytes" if flaw.missing else ""
        advice = "" if flaw.problem in _OPEN else "; save the values in full, as a capture or a dump"
        notes.append(f"line {flaw.line}: {flaw.problem}{more}{advice}")
    if len(best.flaws) > _PLACES_TOLD:
        notes.append(f"and {len(best.flaws) - _PLACES_TOLD:,} more lines like these")
    for first, last, _at in best.skipped[:_PLACES_TOLD]:
        if first == last:
            never = f"number {first:,} of its count never comes"
            notes.append(f"{never}: the line is missing in the text, or the chunk never came")
        else:
            never = f"numbers {first:,} to {last:,} of its count never come"
            notes.append(f"{never}: the lines are missing in the text, or the chunks never came")
    if not is_certain and not best.share:
        notes.append("only its header shows that this is an image, and not that all of it is there")
    notes.append(f"read as {best.how}")
    return replace(
        evidence.holding(best.data),
        container="text",
        region=ByteSpan(0, evidence.raw_size),
        notes=tuple(notes),
        damaged=cut,
        pieces=tuple(ByteSpan(one.start, one.end) for one in best.values) if best.is_of_writes else (),
        reading=HowRead(how=best.how, share=round(best.share, 4), rivals=rivals, cut=cut, is_certain=is_certain),
    )


def _cut(reading: TextReading) -> tuple[ByteSpan, ...]:
    """What the text does not show: values that a tool shortened, and lines that its own count lacks."""
    if any(flaw.problem in _OPEN for flaw in reading.flaws):
        return (ByteSpan(0, len(reading.data)),)
    places = [ByteSpan(at, at) for _first, _last, at in reading.skipped]
    for flaw in reading.flaws:
        places.append(ByteSpan(flaw.end if flaw.problem in (Problem.CUT, Problem.LOST) else flaw.start, flaw.end))
    return tuple(sorted(set(places), key=lambda span: (span.start, span.end)))
