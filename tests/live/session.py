"""One update over the virtual air by the real sender: everything that it leaves behind."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass

from forensics.live.choose import SendOptions
from forensics.live.journal import JournalWriter
from forensics.live.progress import Progress
from forensics.live.send import Transfer
from forensics.live.virtual.air import virtual_air
from forensics.live.virtual.board import Board
from forensics.live.virtual.esp32 import Esp32Settings
from tests.live.sent import CHUNK, image


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is left of one update.

    Attributes:
        transfer: The sender.
        board: The device.
        journal: The sender's journal, ``btsnoop`` the record of the same link by its adapter.
        moments: All that the progress was told.
    """

    transfer: Transfer
    board: Board
    journal: bytes
    btsnoop: bytes
    moments: tuple[Progress, ...]


def send(
    settings: Esp32Settings,
    options: SendOptions | None = None,
    *,
    content: bytes = b"",
    mtu: int | None = 517,
    device: str = "",
) -> Session:
    """Sends ``content`` (``image()`` when empty) to ``device``, which is that of ``settings`` when empty."""
    chosen = options or SendOptions(chunk_size=CHUNK, settle=0.05, timeout=5)
    text = io.StringIO()
    moments: list[Progress] = []

    async def main() -> Session:
        async with virtual_air(settings, mtu=mtu) as air:
            journal = JournalWriter(text)
            transfer = Transfer(content or image(), chosen, journal=journal, backends=air.backends, progress=moments.append)
            await transfer.run(device or settings.name)
            air.esp32.board.idle()
            return Session(
                transfer=transfer,
                board=air.esp32.board,
                journal=text.getvalue().encode(),
                btsnoop=air.central.btsnoop(),
                moments=tuple(moments),
            )

    return asyncio.run(main())
