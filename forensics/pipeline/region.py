"""Where in a dump the image is: its slot, its offset, and what a dump that was read at the wrong place lacks."""

from __future__ import annotations

from dataclasses import replace

from forensics.errors import UsageError
from forensics.model.evidence import Evidence
from forensics.model.span import ByteSpan
from forensics.read import choose_slot
from forensics.spec.esp_image import IMAGE_MAGIC
from forensics.spec.flash import SECTOR

_HEAD = 64


def part_of(evidence: Evidence, sent: bytes, offset: int | None) -> Evidence:
    """The part of RECEIVED in which the image is.

    Args:
        evidence: RECEIVED.
        sent: The image that went over the link.
        offset: File offset where the image begins; found by itself when None.

    Raises:
        UsageError: the offset is outside the file.
    """
    if evidence.slots and evidence.content == sent:
        evidence = replace(evidence, slots=())
    elif evidence.slots:
        evidence = likeliest_slot(evidence, sent)
    return _from_offset(_with_tail(evidence, sent), sent, offset)


def likeliest_slot(flash: Evidence, other: bytes) -> Evidence:
    """The slot whose sectors stand in ``other`` most often; where none does, the first that holds an image.

    The whole flash where no slot lies in it.
    """
    choices = [choose_slot(flash, slot) for slot in flash.slots if slot.span.start < len(flash.content)]
    return max(choices, key=lambda choice: _likeness(choice.content, other), default=flash)


def _likeness(slot: bytes, other: bytes) -> tuple[int, bool]:
    step = max(SECTOR, len(slot) // 64)
    samples = (slot[at : at + _HEAD] for at in range(0, len(slot), step))
    found = sum(sample in other for sample in samples if len(set(sample)) > 1)  # runs of one byte stand anywhere
    return found, slot.startswith(bytes((IMAGE_MAGIC,)))


def _with_tail(evidence: Evidence, sent: bytes) -> Evidence:
    """Of the erased end of a slot so many bytes belong to the image as the sent image itself ends with."""
    kept = min(evidence.erased_tail, len(sent) - len(sent.rstrip(b"\xff")))
    if not kept:
        return evidence
    region = ByteSpan(evidence.region.start, evidence.region.end + kept)
    content = evidence.content + b"\xff" * kept
    return replace(evidence.holding(content), region=region, erased_tail=evidence.erased_tail - kept)


def _from_offset(evidence: Evidence, sent: bytes, offset: int | None) -> Evidence:
    """Received from where the image begins: as given, or at the sector where the first sent bytes are.

    A dump that was read at the wrong place lacks a part of the image, of which it says nothing.
    """
    content = evidence.content
    found = offset is None
    if offset is None:
        head = sent[:_HEAD]
        offset = 0 if content.startswith(head[:16]) or len(head) < _HEAD else max(0, content.find(head))
        if offset % SECTOR:
            offset = 0
    if offset < 0 or offset > len(content):
        raise UsageError(
            f"offset {offset:#x} is outside its {len(content)} bytes",
            name=evidence.name,
            next_step="give a place inside the file",
        )
    if offset == 0:
        return _begun_late(evidence, sent) if found else evidence
    whole = evidence.region.size == len(content)
    region = ByteSpan(evidence.region.start + offset, evidence.region.end) if whole else evidence.region
    damaged = tuple(
        ByteSpan(max(0, span.start - offset), span.end - offset) for span in evidence.damaged if span.end > offset
    )
    notes = evidence.notes
    content = content[offset:]
    short = len(sent) - len(content)
    if found and not evidence.erased_tail and short > 0:
        damaged += (ByteSpan(len(content), len(content)),)
        notes += (
            f"the image begins at 0x{offset:x} of the dump, which ends 0x{short:x} bytes before the image does",
            f"read it again, 0x{offset:x} bytes further on: esptool read-flash ADDRESS SIZE received.bin",
        )
    return replace(evidence.holding(content), region=region, damaged=damaged, pieces=(), notes=notes)


def _begun_late(evidence: Evidence, sent: bytes) -> Evidence:
    """A dump, with its start marked as absent where it goes on as SENT does from a later sector on."""
    head = evidence.content[:_HEAD]
    place = sent.find(head) if len(set(head)) > 1 and not sent.startswith(head[:16]) else 0
    if place <= 0 or place % SECTOR or evidence.pieces:
        return evidence
    notes = (
        f"the dump begins 0x{place:x} bytes behind the start of the image",
        f"read it again, 0x{place:x} bytes before: esptool read-flash ADDRESS SIZE received.bin",
        "less likely, the receiver lost its first sectors; its log or a capture of the link decides",
    )
    end = len(evidence.content)
    cut = end % SECTOR == 0 and place + end < len(sent) and not evidence.erased_tail
    damaged = (ByteSpan(0, 0), *evidence.damaged, *((ByteSpan(end, end),) if cut else ()))
    return replace(evidence, damaged=damaged, notes=(*notes, *evidence.notes))
