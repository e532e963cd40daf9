"""The tap over a link: every notification to the observer, every divergence to the journal and to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from forensics.live.journal import JournalWriter
from forensics.live.link import Link
from forensics.protocols.tap import Divergence, EchoObserver, TapObserver
from forensics.spec.tap import TAP_CHARACTERISTIC

TELLING_SECONDS = 3.0
"""How long the map of the slot may take to begin, or to go on, behind the end of a transfer."""

Announce = Callable[[Divergence], None]
"""Told the first divergence at once, and again when a later chunk makes its kind sure."""


class TapListener:
    """Feeds an observer with what a device tells.

    Args:
        observer: Follows the transfer.
        journal: Takes the first divergence; the link writes the notifications.
        announce: Told the same.
    """

    def __init__(self, observer: TapObserver | EchoObserver, journal: JournalWriter, announce: Announce) -> None:
        self.observer = observer
        self._journal = journal
        self._announce = announce
        self._news = asyncio.Event()

    def take(self, value: bytes) -> None:
        """One notification."""
        for divergence in self.observer.take(value):
            self._journal.event("divergence", divergence.words, chunk=divergence.chunk, what=str(divergence.kind))
            self._announce(divergence)
        self._news.set()

    async def subscribe(self, link: Link) -> None:
        """Listens to the tap beside whatever else the link does, as ``live send --tap``.

        Raises:
            LiveError: the device has no tap, or does not let it be subscribed to.
        """
        await link.subscribe(TAP_CHARACTERISTIC, self.take)

    async def hear_out(self, link: Link, seconds: float = TELLING_SECONDS) -> None:
        """Waits until the device has told all of a transfer that has ended, for ``seconds`` without news at most."""
        watcher = asyncio.create_task(link.ended.wait())
        watcher.add_done_callback(lambda _: self._news.set())
        with suppress(TimeoutError):
            while link.connected and not self.observer.complete:
                self._news.clear()
                async with asyncio.timeout(seconds):
                    await self._news.wait()
        watcher.cancel()
