"""Words that several findings share, so that one thing is said in one way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from forensics.explain import CODES, fault
from forensics.judge.case import Compared
from forensics.model.alignment import Edit, EditKind
from forensics.model.check import Check, Outcome
from forensics.model.file_kind import FileKind
from forensics.model.finding import Certainty, Explanation, Finding, Remedy, Value, Where
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan

LINES_KEPT = 12
"""Line numbers of one finding; a transfer that restarts at every chunk prints thousands of equal ones."""


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


def segments_hit(case: Compared, edits: Sequence[tuple[int, Edit]]) -> str | None:
    """A note that names the parts of the image where the edits lie."""
    places = [segment_at(case.sent.image, edit.sent.start) for _, edit in edits if edit.sent is not None]
    names = list(dict.fromkeys(place for place in places if place))
    return f"in {listed(names)} of the image" if names else None


def apps_inside(kind: FileKind) -> tuple[str, ...]:
    """Where the first apps of a merged file are."""
    return tuple(f"an app image is at 0x{span.start:x}..0x{span.end:x} in it" for span in kind.apps[:3])


def first_failure(checks: Sequence[Check]) -> Check | None:
    """The check at which the device stops."""
    return next((check for check in checks if check.outcome is Outcome.FAILED), None)


def moves_the_rest(case: Compared, edit: Edit) -> bool:
    """The edit alone decides where everything behind it sits: no other one adds or takes away bytes."""
    moving = (EditKind.DROPPED, EditKind.DUPLICATED, EditKind.INSERTED)
    return not edit.repeat and not any(other.kind in moving and other is not edit for other in case.edits)


def consequence(case: Compared) -> str | None:
    """What the device does because of the damage, with the line it prints."""
    check = first_failure(case.received.checks)
    if check is None:
        return None
    printed = next((line.split(": ", 1)[-1] for line in check.lines if line.startswith(("E ", "W "))), None)
    where = check.step.replace("-", " ")
    kinds = {edit.kind for edit in case.edits}
    subject = "the device" if len(kinds) == 1 else "with all this together, the device"
    if printed is None:
        return f"{subject} stops at its {where} check"
    return f'{subject} stops at its {where} check and prints "{printed}"'


class Advice(NamedTuple):
    """One thing to do: for whom, the sentence, and the commands to run for it."""

    where: Where
    text: str
    commands: tuple[tuple[str, ...], ...] = ()


def remedies(explanation: Explanation) -> tuple[Remedy, ...]:
    """The first thing to change on either side."""
    return (
        *(Remedy(where=Where.SENDER, text=text) for text in explanation.fix_sender[:1]),
        *(Remedy(where=Where.DEVICE, text=text) for text in explanation.fix_device[:1]),
    )


def finding_of(
    slug: str,
    *,
    summary: str,
    edits: tuple[int, ...] = (),
    lines: Iterable[int] = (),
    certainty: Certainty = Certainty.PROVEN,
    where: Where = Where.UNKNOWN,
    benign: bool = False,
    notes: Iterable[str | None] = (),
    help: Iterable[Advice] = (),
    changes: tuple[Remedy, ...] | None = None,
    values: Mapping[str, Value] | None = None,
) -> Finding:
    """A finding of the fault ``slug``.

    Args:
        slug: The fault.
        summary: The headline.
        edits: Indexes of the edits that it explains.
        lines: Lines of the log that carry it.
        certainty: How sure it is.
        where: On which leg of the transfer the fault is.
        benign: The device does not mind; then nothing has to be changed.
        notes: What else to know; None is left out.
        help: What to do first, before ``changes``.
        changes: What to change; the fault's own remedies when None.
        values: The numbers and places behind the sentences.
    """
    first = () if benign else tuple(help)
    if changes is None:
        known = None if benign else fault(slug)
        changes = remedies(known.explanation) if known else ()
    return Finding(
        code=CODES[slug],
        slug=slug,
        certainty=certainty,
        summary=summary,
        edits=edits,
        log_lines=tuple(sorted({line for line in lines if line > 0}))[:LINES_KEPT],
        where=where,
        benign=benign,
        notes=tuple(note for note in notes if note),
        remedies=(*(Remedy(where=one.where, text=one.text) for one in first), *changes),
        values=dict(values or {}),
        commands=tuple(command for one in first for command in one.commands),
    )


def indexes(edits: Sequence[tuple[int, Edit]]) -> tuple[int, ...]:
    """The indexes of numbered edits."""
    return tuple(index for index, _ in edits)


def notes(*texts: str | None) -> tuple[str, ...]:
    """The notes that there are."""
    return tuple(text for text in texts if text)
