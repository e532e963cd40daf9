"""Words that several findings share, so that one thing is said in one way."""

from __future__ import annotations

from collections.abc import Sequence

from forensics.classify.facts import Facts
from forensics.model.alignment import Edit, EditKind
from forensics.model.check import Check, Outcome
from forensics.model.finding import Certainty, Explanation, Fault, Finding, Remedy, Where
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan


def amount(count: int, word: str) -> str:
    """``1 byte``, ``3 bytes``, ``2 copies``."""
    if count == 1:
        return f"1 {word}"
    return f"{count} {word[:-1]}ies" if word.endswith("y") else f"{count} {word}s"


def listed(words: Sequence[str], most: int = 3) -> str:
    """``a, b and c``, cut after ``most`` with a count of the rest."""
    shown = list(words[:most])
    if len(words) > most:
        shown.append(f"{len(words) - most} more")
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def times(edit: Edit) -> int:
    """How often the edit happened."""
    return edit.repeat.count if edit.repeat else 1


def total(edits: Sequence[tuple[int, Edit]]) -> int:
    """How many places the edits touch, repeats counted."""
    return sum(times(edit) for _, edit in edits)


def chunk_count(edit: Edit) -> int | None:
    """How many whole chunks the edit concerns, repeats counted; None when it is not on chunk edges."""
    return (edit.chunks[1] - edit.chunks[0] + 1) * times(edit) if edit.chunks else None


def chunk_words(edit: Edit) -> str | None:
    """``chunk 100`` or ``chunks 100 to 104``; None when the edit is not on chunk edges."""
    if edit.chunks is None:
        return None
    first, last = edit.chunks
    return f"chunk {first}" if first == last else f"chunks {first} to {last}"


def sent_words(span: ByteSpan) -> str:
    """A sent range as text."""
    return f"0x{span.start:x}..0x{span.end:x}"


def what_of(edit: Edit) -> str:
    """The chunks, or else the bytes, that the edit concerns."""
    size = edit.sent.size if edit.sent and edit.sent.size else edit.received.size
    return chunk_words(edit) or amount(size, "byte")


def segment_at(image: EspImage, offset: int) -> str | None:
    """Which part of the image holds file ``offset``: ``segment 2 (IRAM)``, ``the header of segment 3``."""
    if image.header is not None and offset < 24:
        return "the image header"
    for segment in image.segments:
        if segment.header.start <= offset < segment.header.end:
            return f"the header of segment {segment.index}"
        if segment.data.start <= offset < segment.data.end:
            region = f" ({segment.region})" if segment.region else ""
            return f"segment {segment.index}{region}"
    if image.end is not None and image.image_size is not None:
        if offset < image.end:
            return "the padding and checksum"
        if offset < image.image_size:
            return "the digest"
    return None


def segments_hit(facts: Facts, edits: Sequence[tuple[int, Edit]]) -> str | None:
    """A note that names the parts of the image where the edits lie."""
    places = [segment_at(facts.sent.image, edit.sent.start) for _, edit in edits if edit.sent is not None]
    names = list(dict.fromkeys(place for place in places if place))
    return f"in {listed(names)} of the image" if names else None


def first_failure(checks: Sequence[Check]) -> Check | None:
    """The check at which the device stops."""
    return next((check for check in checks if check.outcome is Outcome.FAILED), None)


def moves_the_rest(facts: Facts, edit: Edit) -> bool:
    """The edit alone decides where everything behind it sits: no other one adds or takes away bytes."""
    moving = (EditKind.DROPPED, EditKind.DUPLICATED, EditKind.INSERTED)
    return not edit.repeat and not any(other.kind in moving and other is not edit for other in facts.alignment.edits)


def consequence(facts: Facts) -> str | None:
    """What the device does because of the damage, with the line it prints."""
    check = first_failure(facts.received.checks)
    if check is None:
        return None
    printed = next((line.split(": ", 1)[-1] for line in check.lines if line.startswith(("E ", "W "))), None)
    where = check.step.replace("-", " ")
    kinds = {edit.kind for edit in facts.alignment.edits}
    subject = "the device" if len(kinds) == 1 else "with all this together, the device"
    if printed is None:
        return f"{subject} stops at its {where} check"
    return f'{subject} stops at its {where} check and prints "{printed}"'


def remedies(explanation: Explanation) -> tuple[Remedy, ...]:
    """The first thing to change on either side."""
    return (
        *(Remedy(where=Where.SENDER, text=text) for text in explanation.fix_sender[:1]),
        *(Remedy(where=Where.DEVICE, text=text) for text in explanation.fix_device[:1]),
    )


def finding_of(
    fault: Fault,
    *,
    summary: str,
    edits: tuple[int, ...] = (),
    certainty: Certainty = Certainty.PROVEN,
    where: Where = Where.UNKNOWN,
    benign: bool = False,
    notes: tuple[str, ...] = (),
    changes: tuple[Remedy, ...] | None = None,
) -> Finding:
    """A finding of ``fault``, with the fault's own remedies unless the case has better ones or needs none."""
    if changes is None:
        changes = () if benign else remedies(fault.explanation)
    return Finding(
        code=fault.code,
        slug=fault.slug,
        certainty=certainty,
        summary=summary,
        edits=edits,
        where=where,
        benign=benign,
        notes=notes,
        remedies=changes,
    )


def indexes(edits: Sequence[tuple[int, Edit]]) -> tuple[int, ...]:
    """The indexes of numbered edits."""
    return tuple(index for index, _ in edits)


def notes(*texts: str | None) -> tuple[str, ...]:
    """The notes that there are."""
    return tuple(text for text in texts if text)
