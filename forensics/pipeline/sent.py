"""SENT as people have it: the ``.bin`` itself, or evidence that holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.errors import OtadiffError
from forensics.model.evidence import CAPTURE_CONTAINERS, Evidence
from forensics.model.span import ByteSpan
from forensics.open import Content
from forensics.open.kinds import archive_kind
from forensics.parse.image import parse_image
from forensics.pipeline.region import likeliest_slot
from forensics.read import choose_reader, read_evidence
from forensics.read.weighing import is_print_out, shown_image
from forensics.spec.esp_image import IMAGE_MAGIC
from forensics.spec.flash import SECTOR

if TYPE_CHECKING:
    from forensics.pipeline.comparison import Source as SourceOf

_HEAD = 256
_MAGIC = bytes((IMAGE_MAGIC,))
_SENT_BY_MISTAKE = ("zip", "gzip", "intel-hex", "s-record", "uf2", "flash")
"""Containers that people also send as they are, in the belief that the device unpacks them."""


def unwrapped_sent(raw: Evidence, received: Content) -> Evidence:
    """The bytes that went over the link: those of the file ``raw``, or of what it wraps.

    An archive, a hex file or a merged image counts as it is when RECEIVED begins as the file does, or when there is
    no application image in it.

    Raises:
        InputError: it is a capture that cannot be read, or that holds no writes.
    """
    container = _container(raw)
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
    if _container(raw) in ("raw", "flash"):
        return raw.content
    found = _opened(raw)
    content = _decoded(found).content if found.is_capture else found.content
    return content if content[:1] == _MAGIC or found.is_capture else raw.content


def _container(raw: Evidence) -> str:
    """What wraps SENT; ``raw`` when nothing does."""
    kind = archive_kind(raw.content) or choose_reader(raw.content).container
    return "text" if kind == "raw" and is_print_out(raw) else kind


def _opened(raw: Evidence) -> Evidence:
    """What wraps SENT undone; a text that shows no image stays as it is."""
    if _container(raw) != "text":
        return read_evidence(raw.content, name=raw.name)
    return shown_image(raw) or raw


def _arrived_as_it_is(raw: Evidence, container: str, received: Content) -> bool:
    if container == "flash" and choose_reader(received.head).container == "flash":
        return raw.content == received.whole()  # of two flashes that differ, the apps are compared
    return received.head[:_HEAD] == raw.content[:_HEAD]


def _without_erased_end(raw: Evidence, received: Content) -> Evidence:
    """The dump of a slot without the erased flash behind its image, unless RECEIVED has as much of it."""
    size = parse_image(raw.content).image_size
    whole = choose_reader(received.head).container == "raw" and len(_stored(received)) >= raw.raw_size
    if size is None or size > raw.raw_size - SECTOR or whole:
        return raw
    content = raw.content[: max(size, len(raw.content.rstrip(b"\xff")))]
    return replace(raw.holding(content), container="slot", region=ByteSpan(0, len(content)))


def _unwrapped(raw: Evidence, received: Content) -> Evidence:
    """What the bytes of the file hold, under the file's name."""
    found = _opened(raw)
    if found.slots:
        return likeliest_slot(found, _stored(received))
    return _decoded(found) if found.is_capture else found


def _stored(received: Content) -> bytes:
    """What RECEIVED holds, SENT unknown: of a capture its bytes as they are, of a text the image that it shows."""
    evidence = read_evidence(received)
    if is_print_out(evidence):
        shown = shown_image(evidence)
        return shown.content if shown is not None else b""
    return received.whole() if evidence.is_capture else evidence.content + b"\xff" * evidence.erased_tail


def _decoded(found: Evidence) -> Evidence:
    """The image that the writes of a capture carried; where the capture lacks some of it, it is marked as damaged."""
    from forensics.judge.captures.facts import damaged_chunks  # noqa: PLC0415 - only for a capture as SENT
    from forensics.pipeline.captures import decode_capture  # noqa: PLC0415 - as above
    from forensics.read.captures import read_capture  # noqa: PLC0415 - as above

    transfer = decode_capture(read_capture(found), None)
    size = len(transfer.image)
    absent = [*transfer.losses, *(size for _ in found.damaged[:1])]
    damaged = (*damaged_chunks(transfer, found.damaged), *(ByteSpan(offset, offset) for offset in absent))
    return replace(found.holding(transfer.image), damaged=tuple(sorted(damaged, key=lambda span: span.start)))
