"""Reads a stream in large blocks, so that a capture of any size costs one block of memory."""

from __future__ import annotations

from typing import BinaryIO

BLOCK_SIZE = 1 << 20


class Blocks:
    """A window into a stream: ``data[position:]`` is what was read and not consumed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.data = b""

    def refill(self, position: int, need: int) -> bool:
        """Drops what lies before ``position`` and reads until ``need`` bytes follow; false at the end.

        Afterwards the wanted bytes begin at ``data[0]``.
        """
        pieces = [self.data[position:]]
        have = len(pieces[0])
        while have < need:
            piece = self._stream.read(max(BLOCK_SIZE, need - have))
            if not piece:
                break
            pieces.append(piece)
            have += len(piece)
        self.data = b"".join(pieces)
        return have >= need
