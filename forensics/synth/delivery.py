"""A transfer as a list of deliveries, and the received bytes and edits that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from forensics.model.alignment import Edit, EditKind
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrives next: ``content``, and the edit it amounts to (None for a chunk in its place).

    ``place`` is the sent range that this delivery stands for.
    """

    place: ByteSpan
    content: bytes
    kind: EditKind | None = None
    source: ByteSpan | None = None
    value: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A broken transfer and the truth about it."""

    fault: str
    sent: bytes
    received: bytes
    edits: tuple[Edit, ...]
    plan: ChunkPlan


def assemble(fault: str, sent: bytes, deliveries: Sequence[Delivery], plan: ChunkPlan) -> Injection:
    """Lay the deliveries end to end and write down what each one did."""
    received: list[bytes] = []
    edits: list[Edit] = []
    at = 0
    for delivery in deliveries:
        span = ByteSpan(at, at + len(delivery.content))
        at = span.end
        received.append(delivery.content)
        edit = _edit(sent, delivery, span)
        if edit:
            edits.append(edit)
    return Injection(fault=fault, sent=sent, received=b"".join(received), edits=tuple(joined(edits)), plan=plan)


def _edit(sent: bytes, delivery: Delivery, received: ByteSpan) -> Edit | None:
    kind, place = delivery.kind, delivery.place
    if kind is None:
        return None
    if kind is EditKind.TRAILING:
        return Edit(kind=kind, sent=None, received=received)
    in_place = kind in (EditKind.FILLED, EditKind.ALTERED, EditKind.REPLACED)
    if in_place and delivery.content == sent[place.start : place.end]:
        return None
    bits = None
    if kind is EditKind.ALTERED:
        before = int.from_bytes(sent[place.start : place.end], "big")
        bits = (before ^ int.from_bytes(delivery.content, "big")).bit_count()
    return Edit(
        kind=kind, sent=place, received=received, source=delivery.source, value=delivery.value, bits=bits,
        pattern=delivery.pattern,
    )  # fmt: skip


def joined(edits: Iterable[Edit]) -> list[Edit]:
    """Neighbours of one kind that touch on both sides are one edit."""
    result: list[Edit] = []
    for edit in edits:
        last = result[-1] if result else None
        if last and last.kind is edit.kind and last.sent and edit.sent and _goes_on(last, edit, last.sent, edit.sent):
            source = None
            if last.source and edit.source:
                source = ByteSpan(last.source.start, edit.source.end)
            result[-1] = replace(
                last,
                sent=ByteSpan(last.sent.start, edit.sent.end),
                received=ByteSpan(last.received.start, edit.received.end),
                source=source,
                bits=None if last.bits is None else last.bits + (edit.bits or 0),
            )
        else:
            result.append(edit)
    return result


def _goes_on(last: Edit, edit: Edit, before: ByteSpan, after: ByteSpan) -> bool:
    if before.end != after.start or last.received.end != edit.received.start or last.kind is EditKind.INSERTED:
        return False
    if last.source and edit.source:
        return last.source.end == edit.source.start
    return last.value == edit.value and last.pattern == edit.pattern and last.pattern != "flips"
