"""Places to continue where the sent and the received bytes part."""

from __future__ import annotations

from typing import NamedTuple

from forensics.align.pair import Pair, changes, run_after, xor

MINIMUM_COPY = 12
"""Shortest copy that is believed at all."""

_NEAR = 1 << 16
_RUN = 4096
_KEY = 16
_FURTHER = (0, 40, 120)


class Jump(NamedTuple):
    """A place to continue: ``size`` bytes of received from ``received`` on are those of sent from ``sent`` on."""

    sent: int
    received: int
    size: int


def informative(data: bytes, start: int) -> tuple[int, int] | None:
    """Distance from ``start`` to the first bytes that say where they come from, and how many of them to look for.

    Runs and sparse tables occur in many places: 24 bytes must hold 6 values and 8 changes, else 512 bytes 6 changes.
    """
    end = len(data)
    distance = 0
    while distance < 4096 and start + distance + 24 <= end:
        window = data[start + distance : start + distance + 24]
        if len(set(window)) >= 6 and changes(window) >= 8:
            return distance, 24
        if window[0] == window[-1]:
            run = run_after(data, start + distance, window[0], _RUN)
            distance += max(0, run - 24) & ~7
        distance += 8
    for distance in range(0, 4096, 256):
        if start + distance + 512 <= end and changes(data[start + distance : start + distance + 512]) >= 6:
            return distance, 512
    if MINIMUM_COPY <= end - start < 24 and len(set(data[start:end])) >= 6:
        return 0, end - start
    return None


def on_diagonal(pair: Pair, sent_at: int, received_at: int, window: int) -> int | None:
    """Distance after which both sides agree again without a shift, None when they do not within ``window`` bytes.

    Equal bytes that form a run prove nothing, so the search goes on to where the run ends on both sides.
    """
    gap = _equal_again(pair, sent_at, received_at, window)
    tries = 0
    while gap is not None and tries < 6:
        place = received_at + gap
        run_end = place + 256 >= len(pair.received) or sent_at + gap + 256 >= len(pair.sent)
        if run_end or changes(pair.received[place : place + 256]) >= 6:
            return gap
        further = _after_run(pair, sent_at, received_at, gap)
        if further is None:
            return gap
        again = _equal_again(pair, sent_at + further, received_at + further, window)
        tries += 1
        if again is None or further + again > window:
            return None
        gap = further + again
    return gap


def _after_run(pair: Pair, sent_at: int, received_at: int, gap: int) -> int | None:
    """Distance where equal, uninformative bytes stop being equal; None when information comes before that."""
    equal = pair.common_prefix(sent_at + gap, received_at + gap)
    start = received_at + gap
    block = 64
    offset = 0
    while offset < equal:
        block = min(block, equal - offset)
        if changes(pair.received[start + offset : start + offset + block]) >= 6:
            return None
        offset += block
        if block < 16384:
            block *= 2
    return gap + equal


def _equal_again(pair: Pair, sent_at: int, received_at: int, window: int) -> int | None:
    size = min(window, len(pair.sent) - sent_at, len(pair.received) - received_at)
    run = _KEY if size >= _KEY else size - 1
    if run < 1:
        return None
    difference = xor(pair.sent[sent_at : sent_at + size], pair.received[received_at : received_at + size])
    gap = difference.find(bytes(run))
    return gap if gap > 0 else None


def from_received(pair: Pair, sent_at: int, received_at: int, *, anywhere: bool) -> list[Jump]:
    """Copies that begin at or soon after ``received_at``: its informative bytes looked up in sent.

    Where the first of them are damaged themselves, some further on are tried.
    """
    for further in _FURTHER:
        anchor = informative(pair.received, received_at + further)
        if anchor is None:
            return []
        distance, size = anchor[0] + further, anchor[1]
        needle = pair.received[received_at + distance : received_at + distance + size]
        places = _places(pair.sent, needle, min(len(pair.sent), sent_at + distance), anywhere=anywhere and further == 0)
        if max(places) < 0 and distance == 0:
            places = _short_places(pair.sent, needle[:MINIMUM_COPY], sent_at)
        jumps = [_widen(pair, place, received_at, distance, needle) for place in dict.fromkeys(places) if place >= 0]
        if jumps:
            return jumps
    return []


def _places(sent: bytes, needle: bytes, start: int, *, anywhere: bool) -> list[int]:
    places = [
        sent.find(needle, start, start + _NEAR),
        sent.rfind(needle, max(0, start - _NEAR), start + len(needle)),
    ]
    return [sent.find(needle)] if max(places) < 0 and anywhere else places


def _short_places(sent: bytes, needle: bytes, sent_at: int) -> list[int]:
    return [
        sent.find(needle, sent_at, sent_at + 4096),
        sent.rfind(needle, max(0, sent_at - 4096), sent_at + MINIMUM_COPY),
    ]


def _widen(pair: Pair, place: int, received_at: int, distance: int, needle: bytes) -> Jump:
    """The whole copy around a hit, or around a later occurrence of the same bytes that goes further."""
    at = received_at + distance
    size = pair.common_prefix(place, at)
    if size < 4096:
        other = place
        for _ in range(8):
            other = pair.sent.find(needle, other + 1, place + 16384)
            if other < 0:
                break
            longer = pair.common_prefix(other, at)
            if longer > size:
                place, size = other, longer
    back = pair.common_suffix(place, at, distance)
    return Jump(place - back, at - back, size + back)


def from_sent(pair: Pair, sent_at: int, received_at: int) -> list[Jump]:
    """Insertions: the informative bytes of sent that are due now, looked up a little later in received."""
    anchor = informative(pair.sent, sent_at)
    if anchor is None:
        return []
    distance, size = anchor
    needle = pair.sent[sent_at + distance : sent_at + distance + size]
    place = pair.received.find(needle, received_at, received_at + distance + 16384)
    if place < 0 and distance == 0:
        place = pair.received.find(needle[:MINIMUM_COPY], received_at, received_at + 64)
    if place < 0:
        return []
    length = pair.common_prefix(sent_at + distance, place)
    back = pair.common_suffix(sent_at + distance, place, min(place - received_at, distance))
    return [Jump(sent_at + distance - back, place - back, length + back)]
