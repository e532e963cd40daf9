"""Follows a transfer by what the tap in the device tells while it runs.

Pure: takes the values of notifications, in order, and knows no radio.
"""

from __future__ import annotations

import zlib
from collections import Counter
from hashlib import shake_128

from forensics.model.observation import Observation
from forensics.model.span import ByteSpan
from forensics.protocols.tap.divergence import Divergence, Follower
from forensics.protocols.tap.frames import Fingerprint, Frame, Totals, read_frame
from forensics.spec.tap import TAP_SECTOR_SIZE

_ROOM_BEHIND = 1 << 20
"""Bytes behind the end of SENT that a receiver may claim to have put somewhere; more is no sensible offset."""


class TapObserver:
    """Follows a transfer by the tap's notifications.

    Args:
        sent: The image that is being sent.
        chunk_size: Bytes of a chunk, when known; else the first fingerprint tells it.

    Attributes:
        unread: Notifications that are no frame of the tap.
        restarts: How often a transfer began anew; only the last one is told of.
        lost_frames: Notifications of the last transfer that did not come.
        totals: Of the last transfer, once it ended.
        sectors: CRC32 of sectors by index, of the last transfer.
    """

    def __init__(self, sent: bytes, chunk_size: int | None = None) -> None:
        self._sent = sent
        self._given = chunk_size
        self.unread = self.restarts = 0
        self.lost_frames = self._next_index = self._next_offset = self._next_sequence = 0
        self.totals: Totals | None = None
        self.sectors: dict[int, int] = {}
        self._begin()

    def take(self, value: bytes) -> tuple[Divergence, ...]:
        """Takes in a notification.

        Returns:
            The first divergence when this notification shows it, and again when a later one makes its kind sure.
        """
        frame = read_frame(value)
        if frame is None:
            self.unread += 1
            return ()
        if self._begins_anew(frame):
            self.restarts += 1
            self._begin()
        self.lost_frames += (frame.sequence - self._next_sequence) & 0xFFFF
        self._next_sequence = (frame.sequence + 1) & 0xFFFF
        self.sectors.update(frame.sectors)
        self.totals = frame.totals or self.totals
        return tuple(told for one in frame.fingerprints for told in self._follow(one))

    @property
    def first(self) -> Divergence | None:
        """The first divergence from SENT."""
        return self._follower.first

    @property
    def seen(self) -> int:
        """Bytes of the image that the device has, as far as it told."""
        return self._next_offset

    @property
    def complete(self) -> bool:
        """The transfer has ended, and the map of all that it wrote is there: nothing more comes."""
        return self.totals is not None and len(self.sectors) * TAP_SECTOR_SIZE >= self.totals.size

    def observation(self) -> Observation:
        """All that is known of the last transfer."""
        content, unseen, changed = self._content()
        return Observation(
            source="tap",
            content=content,
            unseen=unseen,
            changed=changed,
            chunk_size=self._given or (self._lengths.most_common(1)[0][0] if self._lengths else None),
            chunks=len(self._placed),
            lost_notifications=self.lost_frames,
            unrecorded=self.totals.unrecorded if self.totals else 0,
            restarts=self.restarts,
            ended=self.totals is not None,
            sectors=dict(self.sectors),
        )

    def _begin(self) -> None:
        self._follower = Follower(self._sent, self._given)
        self._placed: list[tuple[ByteSpan, int | None]] = []
        self._lengths: Counter[int] = Counter()
        self.lost_frames = self._next_index = self._next_offset = self._next_sequence = 0
        self.totals = None
        self.sectors = {}

    def _begins_anew(self, frame: Frame) -> bool:
        """The device counts from 0 again."""
        if frame.fingerprints:
            return frame.fingerprints[0].index < self._next_index
        return False

    def _follow(self, one: Fingerprint) -> tuple[Divergence, ...]:
        end = one.offset + one.length
        if one.index > self._next_index:
            self._follower.skip(one.offset - self._next_offset)
        self._next_index = one.index + 1
        self._next_offset = end
        if one.length == 0:
            return ()
        self._lengths[one.length] += 1
        source, told = self._follower.follow(one.index, one.offset, one.length, one.crc32)
        if end <= len(self._sent) + _ROOM_BEHIND:
            self._placed.append((ByteSpan(one.offset, end), source))
        return told

    def _content(self) -> tuple[bytes, tuple[ByteSpan, ...], tuple[ByteSpan, ...]]:
        """The image put together, the ranges that nobody told of, and those that differ in an unknown way."""
        size = max((span.end for span, _ in self._placed), default=0)
        if self.totals is None or self.lost_frames or self.totals.unrecorded:
            size = max(size, len(self._sent))
        content = bytearray(self._sent[:size].ljust(size, b"\xff"))
        told = bytearray(size)
        changed: list[ByteSpan] = []
        for span, source in self._placed:
            told[span.start : span.end] = b"\1" * span.size
            if source is not None:
                content[span.start : span.end] = self._sent[source : source + span.size]
                continue
            content[span.start : span.end] = _unlike(self._sent[span.start : span.end].ljust(span.size, b"\0"))
            if span.start < len(self._sent):
                changed.append(ByteSpan(span.start, min(span.end, len(self._sent))))
        return bytes(content), () if self._totals_agree() else _zero_runs(told), tuple(changed)

    def _totals_agree(self) -> bool:
        """The device got SENT whole and in order, whatever else was not seen."""
        found = self.totals
        return found is not None and found.size == len(self._sent) and found.crc32 == zlib.crc32(self._sent)


def _zero_runs(marks: bytes | bytearray) -> tuple[ByteSpan, ...]:
    """The ranges of zero bytes."""
    runs = []
    start = marks.find(0)
    while start >= 0:
        end = marks.find(1, start)
        end = len(marks) if end < 0 else end
        runs.append(ByteSpan(start, end))
        start = marks.find(0, end)
    return tuple(runs)


def _unlike(sent: bytes) -> bytes:
    """Stands for bytes that nobody has: each differs from that of SENT, without a pattern. Reports do not show it."""
    size = len(sent)
    noise = int.from_bytes(shake_128(b"unknown").digest(size), "big") | int.from_bytes(b"\1" * size, "big")
    return (int.from_bytes(sent, "big") ^ noise).to_bytes(size, "big")
