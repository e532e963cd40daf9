"""Watches a transfer that somebody else sends, by what the device tells of each chunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from forensics.errors import LiveFailure, UsageError
from forensics.live.backends import PLATFORM, Backends
from forensics.live.failures import live_failure
from forensics.live.journal import JournalWriter
from forensics.live.link import Link
from forensics.live.listen import DEFAULT_LISTENING, Ending, ListenOptions, listen
from forensics.live.progress import Progress
from forensics.live.tap import TELLING_SECONDS, Announce, TapListener
from forensics.model.observation import Observation
from forensics.protocols.tap import Divergence, EchoObserver, TapObserver
from forensics.spec.tap import TAP_CHARACTERISTIC


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """What to watch.

    Attributes:
        echo: UUID of a characteristic that echoes each chunk; the tap when None.
        skip: Bytes of protocol before the image in each echo.
        chunk_size: Bytes of a chunk, when known.
        listening: How long to listen, and how to connect.
    """

    echo: str | None = None
    skip: int = 0
    chunk_size: int | None = None
    listening: ListenOptions = DEFAULT_LISTENING


class Watch:
    """One transfer that is watched.

    Args:
        image: What is being sent.
        options: What to watch.
        journal: Takes every event.
        announce: Told the first divergence at once, and again when its kind is sure.
        progress: Told how far the device is.
        backends: Bluetooth stack.
        name: How the image is called.

    Attributes:
        ending: Why it ended, or None while it runs.
        device: What the device calls itself, once connected.
    """

    def __init__(
        self,
        image: bytes,
        options: WatchOptions,
        *,
        journal: JournalWriter,
        announce: Announce = lambda divergence: None,
        progress: Callable[[Progress], None] = lambda moment: None,
        backends: Backends = PLATFORM,
        name: str = "sent.bin",
    ) -> None:
        if not image:
            raise UsageError("is empty", name=name, next_step="name the .bin that is sent")
        self.ending: Ending | None = None
        self.device = ""
        self._image = image
        self._options = options
        self._journal = journal
        self._progress = progress
        self._backends = backends
        self._name = name
        self._observer: TapObserver | EchoObserver
        if options.echo is None:
            self._observer = TapObserver(image, options.chunk_size)
        else:
            self._observer = EchoObserver(image, options.chunk_size, options.skip)
        self._listener = TapListener(self._observer, journal, announce)

    async def run(self, device: str) -> None:
        """Watches until the device tells the end, falls silent or the link ends.

        Raises:
            LiveError: there is no connection, or the device has neither tap nor echo.
        """
        self._journal.header(name=self._name, size=len(self._image), sha256=sha256(self._image).hexdigest())
        self._tell("looking for the device")
        options = self._options.listening
        async with Link.open(
            device,
            backends=self._backends,
            journal=self._journal,
            timeout=options.timeout,
            pair=options.pair,
            settle=options.settle,
        ) as link:
            self.device = link.name
            self._tell("waiting for the transfer")
            self.ending = await listen(link, self._uuid(link, device), self._take, options, finished=self._finished)
        self._journal.event("outcome", str(self.ending))

    def observation(self) -> Observation:
        """All that was seen so far."""
        lost = self.ending is Ending.LINK_LOST
        if isinstance(self._observer, EchoObserver):
            return replace(self._observer.observation(broken_off=lost or self.ending is None), link_lost=lost)
        return replace(self._observer.observation(), link_lost=lost)

    @property
    def first(self) -> Divergence | None:
        """The first divergence from what is sent."""
        return self._observer.first

    def _uuid(self, link: Link, device: str) -> str:
        uuid = self._options.echo or TAP_CHARACTERISTIC
        if self._options.echo is None and link.connected and not link.has(uuid):
            raise live_failure(
                LiveFailure.NO_CHARACTERISTIC,
                device=device,
                detail="it has no otadiff tap",
                next_step="add samples/firmware/otatap.h to its firmware, or name a characteristic with --echo UUID",
            )
        return uuid

    def _take(self, value: bytes) -> None:
        self._listener.take(value)
        self._tell("watching")

    def _finished(self) -> float | None:
        observer = self._observer
        if isinstance(observer, EchoObserver):
            return TELLING_SECONDS if observer.complete else None
        if observer.complete:
            return 0.0
        return TELLING_SECONDS if observer.totals is not None else None

    def _tell(self, phase: str) -> None:
        seen = min(self._observer.seen, len(self._image))
        self._progress(Progress(phase=phase, total=len(self._image), queued=seen, acknowledged=seen))
