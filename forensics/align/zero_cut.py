"""Chunks that end at their first zero byte, as a receiver keeps of them what it takes for a C string."""

from __future__ import annotations

from forensics.align.grid import Grid
from forensics.align.pair import Pair
from forensics.model.alignment import Edit, EditKind
from forensics.model.span import ByteSpan

_SMALLEST, _LARGEST = 16, 4200
_LOOKED_AT = 64
"""Chunks that decide whether a size is worth following to the end."""

_FEWEST = 24
"""Chunks over which a size must hold."""


def cut_at_zeros(pair: Pair) -> tuple[list[Edit], Grid] | None:
    """The story in which every chunk lost its bytes from the first zero byte on; None when no chunk size gives it.

    Hardly any image has a kilobyte without a zero byte, so received bytes without one are the sign to look for.
    """
    sent, received = pair.sent, pair.received
    if len(received) >= len(sent) or len(received) < _FEWEST or 0 in received or not sent.count(0):
        return None
    for size in range(_SMALLEST, min(_LARGEST, len(sent) // _FEWEST) + 1):
        start = b"".join(_kept(sent[: _LOOKED_AT * size], size))
        if received.startswith(start[: len(received)]) and b"".join(_kept(sent, size)).startswith(received):
            return _edits(pair, size), Grid(size)
    return None


def _kept(sent: bytes, size: int) -> list[bytes]:
    return [sent[at : at + size].partition(b"\0")[0] for at in range(0, len(sent), size)]


def _edits(pair: Pair, size: int) -> list[Edit]:
    """One loss from a first zero byte to the next byte that was kept; the last one runs to the end."""
    edits: list[Edit] = []
    lost_from, received_at = 0, 0
    for number, kept in enumerate(_kept(pair.sent, size)):
        start, arrived = number * size, kept[: len(pair.received) - received_at]
        if arrived and start > lost_from:
            edits.append(_loss(EditKind.DROPPED, lost_from, start, received_at))
        if arrived:
            received_at += len(arrived)
            lost_from = start + len(arrived)
    if lost_from < len(pair.sent):
        edits.append(_loss(EditKind.TRUNCATED, lost_from, len(pair.sent), received_at))
    return edits


def _loss(kind: EditKind, start: int, end: int, received: int) -> Edit:
    return Edit(kind=kind, sent=ByteSpan(start, end), received=ByteSpan(received, received))
