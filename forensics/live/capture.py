"""Stores what a characteristic sends, as the dump of what was received."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forensics.live.backends import PLATFORM, Backends
from forensics.live.journal import JournalWriter
from forensics.live.link import Link
from forensics.live.listen import DEFAULT_LISTENING, Ending, ListenOptions, listen


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOptions:
    """What to store.

    Attributes:
        notify: UUID of the characteristic.
        skip: Bytes of protocol at the start of each notification that are not stored.
        size: Bytes after which it is complete; None goes on until nothing comes.
        listening: How long to listen, and how to connect.
    """

    notify: str
    skip: int = 0
    size: int | None = None
    listening: ListenOptions = DEFAULT_LISTENING


class Capture:
    """One dump that is being received.

    Args:
        received: Takes the bytes as they come, so that a lost link costs nothing that came.
        options: What to store.
        journal: Takes every event.
        progress: Told how many bytes are stored.
        backends: Bluetooth stack.

    Attributes:
        notifications: How many notifications they came in.
        ending: Why it ended, or None while it runs.
    """

    def __init__(
        self,
        received: bytearray,
        options: CaptureOptions,
        *,
        journal: JournalWriter,
        progress: Callable[[int], None] = lambda stored: None,
        backends: Backends = PLATFORM,
    ) -> None:
        self.notifications = 0
        self.ending: Ending | None = None
        self._received = received
        self._options = options
        self._journal = journal
        self._progress = progress
        self._backends = backends

    async def run(self, device: str) -> None:
        """Stores what comes until it is complete, nothing comes any more or the link ends.

        Raises:
            LiveError: there is no connection, or the characteristic has no notifications.
        """
        self._journal.header(characteristic=self._options.notify)
        options = self._options.listening
        async with Link.open(
            device,
            backends=self._backends,
            journal=self._journal,
            timeout=options.timeout,
            pair=options.pair,
            settle=options.settle,
        ) as link:
            self.ending = await listen(link, self._options.notify, self._take, options, finished=self._finished)
        self._journal.event("outcome", str(self.ending), length=self.stored)

    @property
    def stored(self) -> int:
        """How many bytes came."""
        return len(self._received)

    def _take(self, value: bytes) -> None:
        piece = value[self._options.skip :]
        if self._options.size is not None:
            piece = piece[: max(0, self._options.size - self.stored)]
        self._received += piece
        self.notifications += 1
        self._progress(self.stored)

    def _finished(self) -> float | None:
        return 0.0 if self._options.size is not None and self.stored >= self._options.size else None
