"""A transfer as the device that received it told it while it ran: by the tap, or by an echo of every chunk."""

from __future__ import annotations

from dataclasses import dataclass, field

from forensics.model.span import ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen of one transfer.

    Attributes:
        source: ``tap`` or ``echo``: how it was seen.
        content: The image as the receiver put it together. Where nothing is known it holds what SENT holds.
        unseen: Ranges of ``content`` that nobody told of.
        changed: Ranges that are proven to differ from SENT while their bytes are not known: the CRC32 of a chunk is
            that of no chunk of SENT.
        chunk_size: The usual bytes of a chunk, or None without one.
        chunks: How many chunks were told of.
        lost_notifications: Notifications that the device sent and that did not come.
        unrecorded: Chunks of which the device itself kept nothing, as far as it said.
        restarts: How many transfers began before this one.
        ended: The device told the end of the transfer.
        link_lost: The link to the device ended before.
        sectors: CRC32 of sectors of the slot by their index, where the device told them.
    """

    source: str
    content: bytes
    unseen: tuple[ByteSpan, ...] = ()
    changed: tuple[ByteSpan, ...] = ()
    chunk_size: int | None = None
    chunks: int = 0
    lost_notifications: int = 0
    unrecorded: int = 0
    restarts: int = 0
    ended: bool = False
    link_lost: bool = False
    sectors: dict[int, int] = field(default_factory=dict)
