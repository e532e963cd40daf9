"""What happened to bytes that stand in their place and differ."""

from __future__ import annotations

from forensics.align.pair import Pair, changes, is_constant, xor
from forensics.model.alignment import Edit, EditKind
from forensics.model.span import ByteSpan

_EQUAL_AGAIN = 64
"""So many equal bytes in a row end one damaged place and begin another."""


def damaged_in_place(pair: Pair, sent_at: int, received_at: int, size: int) -> list[Edit]:
    """The edits for ``size`` bytes of received that stand where sent ``[sent_at, sent_at + size)`` belongs."""
    edits = []
    at = 0
    while at < size:
        start, end = _next_damage(pair, sent_at, received_at, at, size)
        if start >= size:
            break
        edits.append(
            damage(pair, ByteSpan(sent_at + start, sent_at + end), ByteSpan(received_at + start, received_at + end))
        )
        at = end
    return edits


def _next_damage(pair: Pair, sent_at: int, received_at: int, at: int, size: int) -> tuple[int, int]:
    """Range, relative to the start, of the next bytes that differ; it ends before 64 equal bytes."""
    start = at + pair.common_prefix(sent_at + at, received_at + at)
    if start >= size:
        return size, size
    window = 4096
    end = start
    while True:
        stop = min(size, start + window)
        difference = xor(
            pair.sent[sent_at + start : sent_at + stop], pair.received[received_at + start : received_at + stop]
        )
        equal = difference.find(bytes(_EQUAL_AGAIN))
        if equal >= 0:
            return start, start + equal
        end = start + len(difference.rstrip(b"\0"))
        if stop == size:
            return start, end
        window *= 4


def damage(pair: Pair, sent: ByteSpan, received: ByteSpan) -> Edit:
    """One edit for received bytes that stand in the place of as many sent bytes."""
    was, now = pair.sent[sent.start : sent.end], pair.received[received.start : received.end]
    if sent.size >= 4 and is_constant(now):
        return Edit(kind=EditKind.FILLED, sent=sent, received=received, value=now[0])
    bits, pattern = describe_change(was, now)
    return Edit(kind=EditKind.ALTERED, sent=sent, received=received, bits=bits, pattern=pattern)


def describe_change(was: bytes, now: bytes) -> tuple[int, str]:
    """How many bits differ, and the pattern: ``flips`` (few bits), ``and`` (bits only cleared, as NOR flash does when
    it is written without erasing), ``or`` (bits only set) or ``noise``.
    """
    size = len(was)
    before, after = int.from_bytes(was, "big"), int.from_bytes(now, "big")
    bits = (before ^ after).bit_count()
    if bits <= max(2, size // 64) or size <= 4:
        return bits, "flips"
    informative = changes(was) >= size // 4
    if informative and before & after == after and size >= 8:
        return bits, "and"
    if informative and before | after == after and size >= 8:
        return bits, "or"
    return bits, "noise"
