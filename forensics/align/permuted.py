"""Every chunk arrived once, in another order: told from the chunks themselves, however many changed places."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import islice

from forensics.align.chunking import USUAL
from forensics.align.grid import Grid
from forensics.align.pair import Pair
from forensics.model.alignment import Edit, EditKind
from forensics.model.span import ByteSpan

_SMALLEST, _LARGEST = 16, 4200
_NEEDLE = 16
_SLIP = 8
"""Bytes behind a chunk's end that may agree by chance."""

_MOST_PLACES = 16
"""Places at which one chunk is looked for."""

_LOOKED_AT = 16
"""Chunks that decide whether a size is worth a look at all of them."""


def permuted(pair: Pair) -> tuple[list[Edit], Grid] | None:
    """The fewest moves of whole chunks that give received, or None when it is no other order of them.

    Of the sizes that fit the largest is taken: it needs the fewest moves.
    """
    if len(pair.sent) != len(pair.received):
        return None
    for size in sorted(set(_sizes(pair)), reverse=True):
        sent = _cut(pair.sent, size)
        for received in _orders(pair, sent, size):
            if Counter(sent) == Counter(received):
                return _edits(_origins(sent, received), sent), Grid(size)
    return None


def _orders(pair: Pair, sent: list[bytes], size: int) -> Iterator[list[bytes]]:
    """Received in chunks; where the last one of sent, a short one, may stand before others, they follow it."""
    received, last = pair.received, sent[-1]
    yield _cut(received, size)
    if len(last) < size:
        places = (place for place in range(0, len(received) - len(last), size) if received.startswith(last, place))
        for place in islice(places, _MOST_PLACES):
            yield [*_cut(received[:place], size), last, *_cut(received[place + len(last) :], size)]


def _sizes(pair: Pair) -> Iterator[int]:
    """Sizes at which the first chunks that moved stand on edges of both sides, and usual ones at which all may."""
    lead = pair.common_prefix(0, 0)
    for edge in range(max(0, lead - _SLIP), lead + 1):
        place = pair.sent.find(pair.received[edge : edge + _NEEDLE])
        for size in range(_SMALLEST, min(_LARGEST, len(pair.sent) // 2) + 1):
            if place > 0 and edge % size == 0 and place % size == 0 and _starts_so(pair, size, edge // size):
                yield size
    yield from (size for size in USUAL if size <= len(pair.sent) // 2 and _starts_so(pair, size, lead // size))


def _starts_so(pair: Pair, size: int, first: int) -> bool:
    """The next chunks of received are chunks of sent, from an edge on or from behind a short chunk."""
    for start in {first * size, first * size + len(pair.sent) % size}:
        chunks = [pair.received[at : at + size] for at in range(start, start + _LOOKED_AT * size, size)]
        strange = (chunk for chunk in chunks if len(chunk) == size and not _on_grid(pair.sent, chunk, size))
        if len(list(islice(strange, 2))) < 2:
            return True
    return False


def _on_grid(sent: bytes, chunk: bytes, size: int) -> bool:
    place = sent.find(chunk)
    for _ in range(_MOST_PLACES):
        if place < 0 or place % size == 0:
            break
        place = sent.find(chunk, place + 1)
    return place >= 0 and place % size == 0


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def _origins(sent: list[bytes], received: list[bytes]) -> list[int]:
    """The chunk of sent that stands at each place of received; of equal chunks each keeps its place, else its order."""
    waiting: dict[bytes, deque[int]] = {}
    for number, chunk in enumerate(sent):
        if number >= len(received) or received[number] != chunk:
            waiting.setdefault(chunk, deque()).append(number)
    return [number if sent[number] == chunk else waiting[chunk].popleft() for number, chunk in enumerate(received)]


def _edits(origins: Sequence[int], sent: list[bytes]) -> list[Edit]:
    """One move for each run of chunks that is not among the most that kept their order."""
    size, kept, edits = len(sent[0]), _in_order(origins), list[Edit]()
    number = received = 0
    while number < len(origins):
        end, block = number + 1, len(sent[origins[number]])
        if number not in kept:
            while end < len(origins) and end not in kept and origins[end] == origins[end - 1] + 1:
                block += len(sent[origins[end]])
                end += 1
            start = origins[number] * size
            place = ByteSpan(received, received + block)
            edits.append(Edit(kind=EditKind.REORDERED, sent=ByteSpan(start, start + block), received=place))
        number, received = end, received + block
    return edits


def _in_order(origins: Sequence[int]) -> set[int]:
    """Places of a longest rising row of origins, by patience sorting."""
    tops: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, origin in enumerate(origins):
        row = bisect_left(tops, origin)
        before.append(places[row - 1] if row else -1)
        tops[row : row + 1] = [origin]
        places[row : row + 1] = [place]
    found, place = set[int](), places[-1]
    while place >= 0:
        found.add(place)
        place = before[place]
    return found
