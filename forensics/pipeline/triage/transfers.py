"""What the captures of a bug carried: to choose among them and among images, and to stand in for an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics.errors import OtadiffError
from forensics.pipeline.captures import UNKNOWN, decode_capture
from forensics.pipeline.triage.likeness import Blocks, blocks_of, likeness
from forensics.pipeline.triage.relation import HEADER_SIZE
from forensics.read.captures import read_capture

if TYPE_CHECKING:
    from forensics.pipeline.triage.sorting import CaseFile

_MOST_CAPTURES = 8
_MOST_BYTES = 256 * 1024 * 1024
"""Bytes of captures that are decoded to choose among them; the one that is chosen is decoded whatever its size."""

_BEGINS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The image that the writes of one capture carried; empty when there is none or it was not decoded.

    Attributes:
        protocol: Name of the protocol, None when unknown.
        why: What the capture holds, one clause.
    """

    file: CaseFile
    image: bytes
    protocol: str | None
    why: str
    blocks: Blocks

    def share_of(self, file: CaseFile) -> float:
        """How much of the image stands in ``file``, or the other way, 0.0 to 1.0; a little for its header alone."""
        if file.blocks is None:
            return 0.0
        begins = len(self.image) >= HEADER_SIZE and file.head.startswith(self.image[:HEADER_SIZE])
        return max(likeness(self.blocks, file.blocks), _BEGINS * begins)


def carried_images(captures: Sequence[CaseFile]) -> tuple[Carried, ...]:
    """What each of ``captures`` carried, as far as bounds allow."""
    found: list[Carried] = []
    left = _MOST_BYTES
    for file in captures[:_MOST_CAPTURES]:
        left -= file.size or 0
        found.append(_carried(file, None) if left >= 0 else _nothing(file, f"{file.words}, not decoded for its size"))
    return tuple(found)


def carried_from(sent: CaseFile, carried: Carried) -> Carried:
    """``carried`` once more now that SENT is known, which tells where the image is when no protocol does."""
    if carried.protocol is not None or sent.evidence is None or (carried.file.size or 0) > _MOST_BYTES:
        return carried
    return _carried(carried.file, sent.evidence.content)


def _carried(file: CaseFile, sent: bytes | None) -> Carried:
    assert file.evidence is not None
    try:
        capture = read_capture(file.evidence)
        file = replace(file, evidence=replace(file.evidence, capture=capture))
        transfer = decode_capture(capture, sent)
    except OtadiffError as error:
        return _nothing(file, f"{file.words}; {error.reason}")
    protocol = None if transfer.protocol == UNKNOWN else transfer.protocol
    why = f"its {len(transfer.chunks)} writes carry {len(transfer.image)} bytes"
    return Carried(file=file, image=transfer.image, protocol=protocol, why=why, blocks=blocks_of(transfer.image))


def _nothing(file: CaseFile, why: str) -> Carried:
    return Carried(file=file, image=b"", protocol=None, why=why, blocks=blocks_of(b""))
