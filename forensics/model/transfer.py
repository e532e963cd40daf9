"""An image as the writes of a capture carried it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedChunk:
    """Payload of one write, at its place in the image.

    Attributes:
        offset: File offset in the image.
        size: Bytes of image in this write.
        number: Packet number in the capture; ``time`` in microseconds as in the capture.
        damaged: The capture does not hold it whole.
    """

    offset: int
    size: int
    number: int
    time: int
    damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedTransfer:
    """An image as the writes of one protocol carried it.

    Attributes:
        protocol: Name of the protocol (``espressif-ble-ota``, ``fbiego``, ``control-data``, ``stream`` ...).
        image: The bytes in image order; holes are 0xFF.
        chunks: Where each write's payload went, in the order of the writes.
        chunk_size: Usual bytes of image in a write, or None.
        reset: Block size at which chunking starts again (4096, 16000), or None.
        overhead: Protocol bytes in each write beside the payload.
        announced_size: Image length that the sender announced, or None.
        connection: Index into the capture's connections; ``handle`` is the data characteristic's.
        gap: What the receiver of this protocol does with a chunk that is lost, one sentence.
        losses: Image offsets at which the capture, and perhaps only the capture, lost packets.
        notes: What the decoder saw: acks, retries, wrong CRCs, gaps.
    """

    protocol: str
    image: bytes
    chunks: Sequence[PlacedChunk]
    chunk_size: int | None
    reset: int | None = None
    overhead: int = 0
    announced_size: int | None = None
    connection: int = 0
    handle: int = 0
    gap: str = ""
    losses: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
