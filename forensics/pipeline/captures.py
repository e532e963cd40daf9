"""From a capture to the image that its writes carried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forensics.model.alignment import Chunking, ChunkSource
from forensics.model.capture import Capture
from forensics.model.evidence import Evidence
from forensics.model.observation import Observation
from forensics.model.transfer import DecodedTransfer, PlacedChunk
from forensics.protocols import decode
from forensics.protocols.tap import TapObserver
from forensics.read.captures import read_capture
from forensics.spec.tap import TAP_CHARACTERISTIC

UNKNOWN = "unknown"
"""Name of the protocol where none was recognised."""

_MOSTLY = 0.9
_SAMPLE = 16
_SAMPLES = 64
_PLAIN = ("stream", UNKNOWN)
"""Protocols whose image is the writes end to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChoice:
    """Which values of a capture to take; None is no choice.

    Attributes:
        connection: Connection handle, or access address of a capture from the air.
        handle: Attribute handle of the characteristic that takes the image; ``uuid`` names it by its UUID.
    """

    connection: int | None = None
    handle: int | None = None
    uuid: str | None = None


NO_CHOICE = StreamChoice()


def decode_capture(capture: Capture, sent: bytes | None, choice: StreamChoice = NO_CHOICE) -> DecodedTransfer:
    """The transfer in ``capture``: the one that was chosen, else the one that matches ``sent``, else the busiest.

    Raises:
        InputError: the capture holds no writes.
        UsageError: it holds none to what was chosen.
    """
    return decode(
        capture,
        None if sent is None else _locator(sent),
        connection=choice.connection,
        handle=choice.handle,
        uuid=choice.uuid,
        sent=sent,
    )


def observed_in(capture: Capture, sent: bytes) -> Observation | None:
    """What the tap in the device told in the session of a journal; None when it told nothing."""
    observer = TapObserver(sent)
    for event in capture.journal:
        if event.kind == "notification" and event.characteristic == TAP_CHARACTERISTIC and event.value is not None:
            observer.take(event.value)
    observed = observer.observation()
    return observed if observed.chunks or observed.sectors else None


def logged_transfer(evidence: Evidence, sent: bytes | None) -> DecodedTransfer | None:
    """The transfer in a text log that shows one write a line, or None when its writes are the bare image."""
    if not evidence.pieces:
        return None
    transfer = decode_capture(read_capture(evidence), sent)
    return None if transfer.protocol in _PLAIN and not transfer.overhead else transfer


def chunking_of(transfer: DecodedTransfer) -> Chunking | None:
    """The chunk plan that the protocol shows, or None when its chunks lie on no grid."""
    size, reset = transfer.chunk_size, transfer.reset
    if not size:
        return None
    on_grid = sum((chunk.offset % reset if reset else chunk.offset) % size == 0 for chunk in transfer.chunks)
    if on_grid < _MOSTLY * len(transfer.chunks):
        return None
    return Chunking(size=size, reset=reset, overhead=transfer.overhead, source=ChunkSource.PROTOCOL, support=on_grid)


def carries(transfer: DecodedTransfer, sent: bytes) -> bool:
    """Some of the transfer's chunks occur in ``sent``; runs of one byte, which occur anywhere, are not asked."""
    if transfer.image[:_SAMPLE] == sent[:_SAMPLE]:
        return True
    pieces = (transfer.image[chunk.offset : chunk.offset + chunk.size] for chunk in _sampled(transfer.chunks))
    return any(len(set(piece)) > 1 and piece in sent for piece in pieces if len(piece) >= _SAMPLE)


def _sampled(chunks: Sequence[PlacedChunk]) -> Sequence[PlacedChunk]:
    return chunks[:: max(1, len(chunks) // _SAMPLES)]


def _locator(sent: bytes) -> Callable[[bytes], int | None]:
    def locate(piece: bytes) -> int | None:
        place = sent.find(piece)
        return place if place >= 0 else None

    return locate
