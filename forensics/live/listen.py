"""Waits on one characteristic for as long as something comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from forensics.live.link import CONNECT_SECONDS, SETTLE_SECONDS, Link, Notified

QUIET_SECONDS = 15.0
"""Silence that ends a transfer; an erase of a whole slot takes less."""


class Ending(StrEnum):
    """Why listening ended."""

    FINISHED = "finished"
    """The device told the end, or all that was wanted came."""
    QUIET = "quiet"
    """Nothing came any more."""
    NOTHING = "nothing"
    """Nothing came at all."""
    LINK_LOST = "link-lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOptions:
    """How long to listen, and how to connect.

    Attributes:
        wait: Seconds to wait for the first notification; for ever when None.
        quiet: Seconds without a notification that end it.
        pair: Pair first.
        timeout: Seconds for finding and connecting.
        settle: Seconds to wait for the MTU.
    """

    wait: float | None = None
    quiet: float = QUIET_SECONDS
    pair: bool = False
    timeout: float = CONNECT_SECONDS
    settle: float = SETTLE_SECONDS


DEFAULT_LISTENING = ListenOptions()


async def listen(
    link: Link, uuid: str, take: Notified, options: ListenOptions, *, finished: Callable[[], float | None]
) -> Ending:
    """Subscribes to a characteristic and takes what it sends until it ends.

    Args:
        link: The connection.
        uuid: The characteristic.
        take: Takes each value at once.
        options: How long to wait.
        finished: Asked after each notification: None to go on, else for how many more seconds something may come.

    Raises:
        LiveError: the characteristic cannot be subscribed to.
    """
    news = asyncio.Event()
    came = 0

    def note(value: bytes) -> None:
        nonlocal came
        came += 1
        take(value)
        news.set()

    async def wake_at_the_end() -> None:
        await link.ended.wait()
        news.set()

    await link.subscribe(uuid, note)
    watcher = asyncio.create_task(wake_at_the_end())
    try:
        while True:
            left = finished() if came else None
            patience = left if left is not None else options.quiet if came else options.wait
            news.clear()
            if link.ended.is_set():
                return Ending.LINK_LOST if left is None else Ending.FINISHED
            try:
                async with asyncio.timeout(patience):
                    await news.wait()
            except TimeoutError:
                return Ending.FINISHED if left is not None else Ending.QUIET if came else Ending.NOTHING
    finally:
        watcher.cancel()
