"""Places to continue after the sent and the received bytes part: candidates, and what each is worth."""

from __future__ import annotations

from typing import NamedTuple

from forensics.align.pair import Pair, changes, xor

JUMP_COST = 12
"""What leaving the running diagonal costs, in unexplained bytes."""

MINIMUM_COPY = 12
"""Shortest copy that is believed at all."""

_NEAR = 1 << 16
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
        if distance >= 64 and window[0] == window[-1] and _is_run(data, start + distance, window[:1]):
            distance += 232
        distance += 8
    for distance in range(0, 4096, 256):
        if start + distance + 512 <= end and changes(data[start + distance : start + distance + 512]) >= 6:
            return distance, 512
    if MINIMUM_COPY <= end - start < 24 and len(set(data[start:end])) >= 6:
        return 0, end - start
    return None


def _is_run(data: bytes, start: int, value: bytes) -> bool:
    return data[start : start + 256].count(value) == 256


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


def choose(pair: Pair, jumps: list[Jump], sent_at: int, received_at: int) -> Jump | None:
    """The cheapest way on: an unexplained byte costs 1, a jump 12, a short copy that must jump back a second jump.

    Information, not length, decides between copies: 500 zero bytes are worth less than 40 bytes of code.
    """
    valued = []
    for jump in jumps:
        worth = _worth(pair, jump)
        if jump.size >= MINIMUM_COPY and (worth >= MINIMUM_COPY or jump.received + jump.size >= len(pair.received)):
            valued.append((worth, jump))
    now = [(worth, jump.size, -abs(jump.sent - sent_at), jump) for worth, jump in valued if jump.received == received_at]
    best_now = max(now, default=None)
    later = [
        (_cost(worth, jump, sent_at, received_at), -worth, jump) for worth, jump in valued if jump.received > received_at
    ]
    best_later = min(later, default=None)
    if best_later is None:
        return best_now[-1] if best_now else None
    late = best_later[-1]
    if best_now is None:
        return late
    cost_later = late.received - received_at + _jump_cost(late, sent_at, received_at)
    if -best_later[1] < 64 and -best_later[1] < 2 * (late.received - received_at):
        cost_later += 32
    jump = best_now[-1]
    cost_now = JUMP_COST
    if received_at + jump.size < late.received + late.size:
        cost_now += JUMP_COST + max(0, late.received - received_at - jump.size)
    return jump if cost_now <= cost_later else late


def _worth(pair: Pair, jump: Jump) -> int:
    if jump.size >= 4096:
        return jump.size
    head = pair.received[jump.received : jump.received + min(jump.size, 1024)]
    return min(jump.size, 4 * changes(head) + 4)


def _cost(worth: int, jump: Jump, sent_at: int, received_at: int) -> int:
    return jump.received - received_at + _jump_cost(jump, sent_at, received_at) - min(worth, 64) // 4


def _jump_cost(jump: Jump, sent_at: int, received_at: int) -> int:
    return 0 if jump.sent - jump.received == sent_at - received_at else JUMP_COST


class Index:
    """A grid of 16-byte keys of sent, made only when nothing local explains the received bytes."""

    STRIDE = 32

    def __init__(self, sent: bytes) -> None:
        size = len(sent)
        last = size - _KEY - (size - _KEY) % self.STRIDE
        self.places = {sent[at : at + _KEY]: at for at in range(last, -1, -self.STRIDE)}
        for value in (0x00, 0xFF):
            self.places.pop(bytes((value,)) * _KEY, None)

    def find(self, pair: Pair, start: int, end: int) -> tuple[int, int] | None:
        """First received place in ``[start, end)`` whose bytes are a key, and that key's sent offset."""
        get, received = self.places.get, pair.received
        for at in range(start, min(end, len(received) - _KEY)):
            place = get(received[at : at + _KEY])
            if place is not None:
                return at, place
        return None

    def share(self, received: bytes, start: int, end: int, windows: int = 150) -> float:
        """Share of sampled informative windows of ``received[start:end]`` that occur in sent, 0.0 to 1.0."""
        step = max(1, (end - start - _KEY - self.STRIDE) // windows)
        hits = seen = 0
        for at in range(start, end - _KEY - self.STRIDE, step):
            if len(set(received[at : at + _KEY + self.STRIDE])) < 8:
                continue
            seen += 1
            hits += any(received[near : near + _KEY] in self.places for near in range(at, at + self.STRIDE))
        return hits / seen if seen else 0.0
