"""Images, the facts that a device's log proves of a damaged one, and a replay of edits; all by slicing."""

from __future__ import annotations

import hashlib
import struct
from functools import cache, reduce
from operator import xor

from forensics.model.alignment import Edit, EditKind
from forensics.model.solve import SolveFacts
from forensics.model.span import ByteSpan
from forensics.synth.image import build_image, seal


@cache
def sample(seed: int = 1, size: int = 49152, chip: str = "ESP32-C3") -> bytes:
    """An image whose largest segment is its last, where a shift harms no header."""
    image = build_image(chip=chip, size=size, seed=seed)
    segments, headers, _ = geometry(image)
    found = [
        (int.from_bytes(image[header.start : header.start + 4], "little"), _cut(image, data))
        for header, data in zip(headers[1:], segments, strict=True)
    ]
    return seal(image[:24], sorted(found, key=lambda segment: len(segment[1])))


def geometry(image: bytes) -> tuple[tuple[ByteSpan, ...], tuple[ByteSpan, ...], int]:
    """Segment data, headers, and how many bytes the hash covers."""
    headers, segments = [ByteSpan(0, 24)], []
    at = 24
    for _ in range(image[1]):
        (length,) = struct.unpack_from("<I", image, at + 4)
        headers.append(ByteSpan(at, at + 8))
        segments.append(ByteSpan(at + 8, at + 8 + length))
        at += 8 + length
    return tuple(segments), tuple(headers), (at + 16) // 16 * 16


def facts_of(sent: bytes, received: bytes, *, prefix: int = 4) -> SolveFacts:
    """What the device of ``received`` proves: right headers, its XOR, its hash, the stored hash it read."""
    segments, headers, covered = geometry(sent)
    data = b"".join(received[span.start : span.end] for span in segments)
    calculated = reduce(xor, data, 0xEF)
    return SolveFacts(
        hash_prefix=hashlib.sha256(received[:covered]).digest()[:prefix],
        covered=covered,
        segments=segments,
        protected=tuple(span for span in headers if _cut(received, span) == _cut(sent, span)),
        checksum_calculated=calculated,
        xor_passed=calculated == received[covered - 1],
        stored_hash=received[covered : covered + 4],
    )


def replay(sent: bytes, edits: tuple[Edit, ...], covered: int) -> bytes:
    """The covered bytes of the image that the edits tell, by the definitions of the report."""
    out = bytearray(sent)
    moved = [edit for edit in edits if edit.kind is EditKind.REORDERED]
    for edit in sorted(moved, key=lambda edit: -_of(edit).start):
        del out[_of(edit).start : _of(edit).end]
    for edit in sorted(moved, key=lambda edit: edit.received.start):
        out[edit.received.start : edit.received.start] = _cut(sent, _of(edit))
    for edit in edits:
        place = edit.received
        if edit.kind is EditKind.DROPPED:
            del out[place.start : place.start + _of(edit).size]
        elif edit.kind is EditKind.DUPLICATED:
            out[place.start : place.start] = _cut(sent, _of(edit))
        elif edit.kind is EditKind.REPLACED and edit.source:
            out[place.start : place.end] = _cut(sent, edit.source)
        elif edit.kind is EditKind.FILLED and edit.value is not None:
            out[place.start : place.end] = bytes([edit.value]) * place.size
        elif edit.kind in (EditKind.TRUNCATED, EditKind.TRAILING):
            out[place.start :] = {"erased": b"\xff", "zero": b"\0"}[str(edit.content)] * place.size
        elif edit.kind is EditKind.INSERTED and edit.excerpt:
            out[place.start : place.start] = edit.excerpt.received[:1] * place.size
    return bytes(out[:covered])


def _of(edit: Edit) -> ByteSpan:
    assert edit.sent is not None
    return edit.sent


def _cut(data: bytes, span: ByteSpan) -> bytes:
    return data[span.start : span.end]
