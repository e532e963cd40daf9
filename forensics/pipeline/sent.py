"""SENT as people have it: the ``.bin`` itself, or evidence that holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.errors import OtadiffError
from forensics.model.evidence import CAPTURE_CONTAINERS, Evidence
from forensics.model.span import ByteSpan
from forensics.parse.image import parse_image
from forensics.read import choose_reader, choose_slot, read_evidence
from forensics.read.source import Source
from forensics.spec.esp_image import IMAGE_MAGIC

if TYPE_CHECKING:
    from forensics.pipeline.comparison import Source as SourceOf

_HEAD = 256
_SAMPLE = 64
_SECTOR = 4096
_MAGIC = bytes((IMAGE_MAGIC,))
_SENT_BY_MISTAKE = ("zip", "gzip", "intel-hex", "s-record", "flash")
"""Containers that people also send as they are, in the belief that the device unpacks them."""


def unwrapped_sent(raw: Evidence, received: Source) -> Evidence:
    """The bytes that went over the link: those of the file ``raw``, or of what it wraps.

    An archive, a hex file or a merged image counts as it is when RECEIVED begins as the file does, or when there is
    no application image in it.

    Raises:
        InputError: it is a capture that cannot be read, or that holds no writes.
    """
    container = choose_reader(raw.content).container
    if container == "raw":
        return _without_erased_end(raw, received)
    if container in _SENT_BY_MISTAKE and _arrived_as_it_is(raw, container, received):
        return raw
    try:
        found = _unwrapped(raw, received)
    except OtadiffError:
        if container in CAPTURE_CONTAINERS:
            raise
        return raw
    return found if found.content[:1] == _MAGIC or container in CAPTURE_CONTAINERS else raw


def sent_bytes(source: SourceOf) -> bytes:
    """The image in SENT where nothing is known of RECEIVED yet.

    Raises:
        InputError: it cannot be read.
    """
    raw = read_evidence(source, format="raw")
    if choose_reader(raw.content).container in ("raw", "flash"):
        return raw.content
    found = read_evidence(raw.content, name=raw.name)
    content = _decoded(found).content if found.is_capture else found.content
    return content if content[:1] == _MAGIC or found.is_capture else raw.content


def _arrived_as_it_is(raw: Evidence, container: str, received: Source) -> bool:
    if container == "flash" and choose_reader(received.head).container == "flash":
        return True
    return received.head[:_HEAD] == raw.content[:_HEAD]


def _without_erased_end(raw: Evidence, received: Source) -> Evidence:
    """The dump of a slot without the erased flash behind its image, unless RECEIVED has as much of it."""
    size = parse_image(raw.content).image_size
    whole = choose_reader(received.head).container == "raw" and len(received.whole()) >= raw.raw_size
    if size is None or size > raw.raw_size - _SECTOR or whole:
        return raw
    content = raw.content[: max(size, len(raw.content.rstrip(b"\xff")))]
    return replace(raw, content=content, container="slot", region=ByteSpan(0, len(content)))


def _unwrapped(raw: Evidence, received: Source) -> Evidence:
    """What the bytes of the file hold, under the file's name."""
    found = read_evidence(raw.content, name=raw.name)
    if found.slots:
        stored = read_evidence(received)
        return _likeliest_slot(found, received.whole() if stored.is_capture else stored.content)
    return _decoded(found) if found.is_capture else found


def _likeliest_slot(flash: Evidence, stored: bytes) -> Evidence:
    """The slot whose sectors stand in ``stored`` most often; the whole flash when none does."""
    choices = [choose_slot(flash, slot) for slot in flash.slots if slot.span.start < len(flash.content)]
    scored = [(sum(sample in stored for sample in _samples(choice.content)), choice) for choice in choices]
    likeness, best = max(scored, key=lambda item: item[0], default=(0, flash))
    return best if likeness else flash


def _samples(content: bytes) -> list[bytes]:
    """The beginnings of some sectors; runs of one byte, which stand anywhere, are no sample."""
    step = max(_SECTOR, len(content) // 64)
    pieces = (content[at : at + _SAMPLE] for at in range(0, len(content), step))
    return [piece for piece in pieces if len(set(piece)) > 1]


def _decoded(found: Evidence) -> Evidence:
    """The image that the writes of a capture carried; where the capture lacks some of it, it is marked as damaged."""
    from forensics.classify.captures.facts import damaged_chunks  # noqa: PLC0415 - only for a capture as SENT
    from forensics.pipeline.captures import decode_capture  # noqa: PLC0415 - as above
    from forensics.read.captures import read_capture  # noqa: PLC0415 - as above

    transfer = decode_capture(read_capture(found), None)
    size = len(transfer.image)
    absent = [*transfer.losses, *(size for _ in found.damaged[:1])]
    damaged = (*damaged_chunks(transfer, found.damaged), *(ByteSpan(offset, offset) for offset in absent))
    return replace(found, content=transfer.image, damaged=tuple(sorted(damaged, key=lambda span: span.start)))
