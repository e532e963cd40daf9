"""A receiver that notifies each chunk back as it came: the bytes themselves, so nothing about them is open."""

from __future__ import annotations

import zlib
from collections import Counter

from forensics.model.observation import Observation
from forensics.model.span import ByteSpan
from forensics.protocols.tap.divergence import Divergence, Follower

_ROOM_BEHIND = 1 << 20
"""Bytes behind the size of SENT that are kept."""


class EchoObserver:
    """Follows a transfer by what a characteristic echoes.

    Args:
        sent: The image that is being sent.
        chunk_size: Bytes of a chunk, when known; else the first echo tells it.
        skip: Bytes of protocol before the image in each echo.
    """

    def __init__(self, sent: bytes, chunk_size: int | None = None, skip: int = 0) -> None:
        self._sent = sent
        self._given = chunk_size
        self._skip = skip
        self._follower = Follower(sent, chunk_size)
        self._content = bytearray()
        self._lengths: Counter[int] = Counter()

    def take(self, value: bytes) -> tuple[Divergence, ...]:
        """Takes in a notification.

        Returns:
            The first divergence when this notification shows it, and again when a later one makes its kind sure.
        """
        chunk = value[self._skip :]
        if not chunk or len(self._content) > len(self._sent) + _ROOM_BEHIND:
            return ()
        _, told = self._follower.follow(self._lengths.total(), len(self._content), len(chunk), zlib.crc32(chunk))
        self._content += chunk
        self._lengths[len(chunk)] += 1
        return told

    @property
    def first(self) -> Divergence | None:
        """The first divergence from SENT."""
        return self._follower.first

    @property
    def seen(self) -> int:
        """Bytes that were echoed."""
        return len(self._content)

    @property
    def complete(self) -> bool:
        """As many bytes came as SENT has. An echo tells no end of its own."""
        return len(self._content) >= len(self._sent)

    def observation(self, *, broken_off: bool = False) -> Observation:
        """All that was echoed.

        Args:
            broken_off: Nobody listened to the end, so what was not echoed is unknown and not missing.
        """
        content = bytes(self._content)
        rest = self._sent[len(content) :] if broken_off else b""
        return Observation(
            source="echo",
            content=content + rest,
            unseen=(ByteSpan(len(content), len(self._sent)),) if rest else (),
            chunk_size=self._given or (self._lengths.most_common(1)[0][0] if self._lengths else None),
            chunks=self._lengths.total(),
            ended=self.complete,
        )
