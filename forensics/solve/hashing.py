"""SHA-256 of supposed images, with the unharmed beginning hashed once for all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from forensics.solve.pieces import Candidate, Ground, Piece

_STRIDE = 4096
"""Bytes between two kept states. Each hypothesis hashes half a stride more than it must, one percent."""


class Hasher:
    """Holds the state of the hash of SENT at every stride."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._prefix = ground.facts.hash_prefix
        self._states = []
        state = hashlib.sha256()
        for start in range(0, ground.covered + 1, _STRIDE):
            self._states.append(state.copy())
            state.update(ground.view[start : start + _STRIDE])

    def find(self, candidates: Sequence[Candidate]) -> list[int]:
        """Indexes of the candidates whose hash begins as the device's does."""
        prefix = self._prefix
        return [index for index, item in enumerate(candidates) if self.digest(item.pieces).startswith(prefix)]

    def digest(self, pieces: Sequence[Piece]) -> bytes:
        """SHA-256 of the covered bytes of one supposed image."""
        ground = self._ground
        kept = pieces[0].size // _STRIDE
        at = pieces[0].size
        state = self._states[kept].copy()
        state.update(ground.view[kept * _STRIDE : at])
        left = ground.covered - at
        for piece in pieces[1:]:
            size = min(piece.size, left)
            state.update(ground.bytes_of(piece, 0, size))
            left -= size
        return state.digest()
