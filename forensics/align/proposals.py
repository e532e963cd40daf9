"""Which events the bytes allow at a place: first whole chunks, then a part of one, then single bytes."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator

from forensics.align.anchors import Jump, from_received, from_sent, on_diagonal
from forensics.align.damage import describe_change
from forensics.align.events import (
    A_BIT,
    A_BYTE,
    A_LOST_BYTE,
    AGAIN,
    CUT,
    DROP,
    EARLY,
    END,
    FAR,
    FILL,
    FLIPS,
    INSERT,
    MIXED,
    MORE_CHUNKS,
    NOISE,
    REPLACE,
    SHORT_OF_END,
    SWAP,
    Event,
    EventKind,
    Priced,
)
from forensics.align.pair import Pair, changes, is_constant, unlike_bits, xor
from forensics.align.slack import same_before
from forensics.model.chunk_plan import ChunkPlan

KEY = 12
"""Bytes by which a chunk is recognised."""

TYPICAL = 244
"""The costs hold for chunks of this size, the most usual one."""

_NEAR, _NEAR_RUN = 16384, 1024
"""How far bytes that were put in may reach; where a run follows it is found anywhere, so only what is near counts."""

_SEARCHES, _FEW_SEARCHES, _MOST_SEARCHED = 24, 6, 64 << 20
"""Searches through the whole of SENT that may fail, fewer in large images."""

_WINDOWS = (8192, 65536)
"""Bytes within which both sides may agree again without a shift."""

_MOST_SCANNED = 1 << 20
"""Bytes of RECEIVED that are gone through one by one when nothing else leads on."""

_CERTAIN_BITS = 3
"""So few changed bits, with the next chunk in place, need no other explanation."""

_SHORTEST_CHUNK = 8
_SAYS_MUCH, _LOOKED_AT = 12, 32
"""Changes in so many bytes of a copy that show by themselves where it comes from."""

_SAYS_ALL = 96
_SHORT_JUMP = 160
_SLIDES = 64


class Proposals:
    """The events that may have happened at a place of one pair."""

    def __init__(self, pair: Pair, plan: ChunkPlan | None) -> None:
        self.pair, self.plan = pair, plan
        self.sent, self.received = pair.sent, pair.received
        self.off_grid = math.log(plan.size if plan else TYPICAL)
        self.one: dict[bytes, int] | None = None
        self.several: dict[bytes, list[int]] = {}
        self.searches = max(_FEW_SEARCHES, min(_SEARCHES, _MOST_SEARCHED // max(1, len(self.sent))))
        self.scan = _MOST_SCANNED
        self.distances: list[int] = []
        self.tail = len(self.received.rstrip(self.received[-1:])) if self.received else 0

    def at(self, sent: int, received: int, more: int, limit: float, *, is_first: bool = True) -> list[Priced]:
        """Every event at a state where ``more`` bytes still agree; nothing if all are dearer than ``limit``.

        Where nothing near explains the bytes, only the state that is first in RECEIVED (``is_first``) looks farther.
        """
        a, b = sent + more, received + more
        if b == len(self.received):
            return [Priced(0.0 if a == len(self.sent) else END, Event(EventKind.END, a, len(self.sent), b, b))]
        if limit < min(DROP, END):
            return []
        found: list[Priced] = []
        if a == len(self.sent):
            found.append(Priced(self._behind_the_end(b), Event(EventKind.END, a, a, b, len(self.received))))
            sent, received, more = a, b, 0
        elif b >= self.tail:
            found.append(Priced(SHORT_OF_END, Event(EventKind.END, a, len(self.sent), b, len(self.received))))
        if self.plan:
            certain = self._certain(sent, received) if sent < len(self.sent) else None
            if certain:
                return [certain]
            found += self._whole_chunks(sent, received)
            if sent < len(self.sent):
                found += self._in_place(sent, received)
                found += self._cut(sent, received, more)
        elif a < len(self.sent) and (slight := self._slight(a, b)):
            return [slight]
        if not any(self._says_much(event) for _, event in found):
            found += self._bytes(a, b)
        return found or ([self._nothing_known(a, b)] if is_first else [])

    def _nothing_known(self, a: int, b: int) -> Priced:
        """Bytes put in up to the next ones that SENT has, or to the end when there are none."""
        for window in _WINDOWS if a < len(self.sent) else ():
            gap = on_diagonal(self.pair, a, b, window)
            if gap is not None:
                return Priced(self._price(a, b, gap) + self.off_grid, Event(EventKind.DAMAGE, a, a + gap, b, b + gap))
        at = self.pair.index.find(self.received, b + 1, min(len(self.received), b + self.scan))
        if at < 0:
            cost = INSERT + END + A_LOST_BYTE * (len(self.received) - b)
            return Priced(cost, Event(EventKind.INSERT, a, a, b, len(self.received)))
        self.scan -= at - b
        return Priced(INSERT + A_BYTE * (at - b) + self.off_grid, Event(EventKind.INSERT, a, a, b, at))

    def _behind_the_end(self, received: int) -> float:
        """What stands behind the end of SENT is free, unless much of SENT was passed over and may stand there."""
        rest = len(self.received) - received
        probes = (self.received[at : at + KEY] for at in (received, received + rest // 3, received + rest * 2 // 3))
        passed_over = received * 10 < len(self.sent) * 9
        if self.received[received:] in self.sent:
            return END + EARLY  # a repeat of chunks says more
        return END + A_BYTE * rest * (passed_over and any(changes(probe) >= 6 and probe in self.sent for probe in probes))

    def _chunk(self, sent: int) -> tuple[int, int]:
        """The edges of the chunk that holds sent ``sent``."""
        assert self.plan is not None
        start = self.plan.floor(sent)
        return start, min(self.plan.after(start), len(self.sent))

    def _says_much(self, event: Event) -> bool:
        """It leads to a copy that shows by itself where it comes from, so no byte needs to be looked for."""
        again = event.kind is EventKind.AGAIN
        size = _LOOKED_AT + (event.received_end - event.received if again else 0)
        ahead = self.received[event.received_end : event.received_end + size]
        return len(ahead) >= _LOOKED_AT and self.sent.startswith(ahead, event.next_sent) and changes(ahead) >= _SAYS_MUCH

    # -- events on whole chunks ----------------------------------------------------------------------------------------

    def _certain(self, sent: int, received: int) -> Priced | None:
        """An event behind which both sides are in step again, shown by so many bytes that nothing else need be asked.

        This is where the speed on thousands of faults comes from: no alternative is followed.
        """
        start, end = self._chunk(sent)
        size = end - sent
        if sent != start or size < _SHORTEST_CHUNK or received + size > len(self.received):
            return None
        was, now = self.sent[sent:end], self.received[received : received + size]
        bits = unlike_bits(was, now)
        most = max(_CERTAIN_BITS, size // 32)
        few = 0 < bits <= most and not is_constant(now) and self.sent[end : end + size] != now
        if few and self._goes_on(end, received + size, most):
            return Priced(FLIPS + A_BIT * bits, Event(EventKind.DAMAGE, sent, end, received, received + size))
        before = self._chunk(sent - 1)[0] if sent else 0
        if changes(now) >= KEY and self.sent[before:sent] == now:
            again, instead = self._goes_on(sent, received + size), self._goes_on(end, received + size)
            if again and not instead:
                return Priced(AGAIN, Event(EventKind.AGAIN, sent, sent, received, received + size, before))
            if instead and not again:
                return Priced(REPLACE, Event(EventKind.REPLACE, sent, end, received, received + size, before))
        after = self._chunk(end)[1] if end < len(self.sent) else end
        both = self.sent[end:after] + was
        if changes(was) >= KEY and changes(now) >= KEY and self.received.startswith(both, received):
            return Priced(SWAP, Event(EventKind.SWAP, sent, after, received, received + len(both), end))
        return None

    def _goes_on(self, sent: int, received: int, flips: int = 0) -> bool:
        """The copy goes on here, or 64 bytes of it with no more than ``flips`` changed bits."""
        ahead = self.sent[sent : sent + KEY]
        if not ahead or received + KEY > len(self.received):
            return self.received.startswith(ahead[: len(self.received) - received], received)
        if self.received.startswith(ahead, received):
            return True
        return flips > 0 and unlike_bits(self.sent[sent : sent + 64], self.received[received : received + 64]) <= flips

    def _whole_chunks(self, sent: int, received: int) -> Iterator[Priced]:
        """A chunk of SENT begins here: skipped to, once more, swapped with this one, or in its place."""
        plan, size = self.plan, self.plan.size if self.plan else 0
        assert plan is not None
        end = self._chunk(sent)[1] if sent < len(self.sent) else sent
        for start in self._chunks_at(sent, received):
            if start == sent:
                continue
            equal = self.pair.common_prefix(start, received)
            stop = min(plan.after(start), len(self.sent))
            whole = equal >= stop - start
            steps = MORE_CHUNKS * math.log1p(abs(start - sent) // size)
            at_end = received + equal == len(self.received)
            if start > sent and (whole or at_end or changes(self.received[received : received + equal]) >= 8):
                yield Priced(DROP + steps + (0 if whole else 1), Event(EventKind.DROP, sent, start, received, received))
            if not whole:
                continue
            for length in self._copied(start, stop, equal, sent):
                cost = AGAIN + steps / 2 + (EARLY if start > sent else 0)
                yield Priced(cost, Event(EventKind.AGAIN, sent, sent, received, received + length, start))
            swapped = received + stop - start
            if end > sent and start == end and self.received.startswith(self.sent[sent:end], swapped):
                yield Priced(SWAP, Event(EventKind.SWAP, sent, stop, received, swapped + end - sent, start))
            if end > sent and equal >= end - sent:
                cost = REPLACE + (0 if abs(start - sent) <= 2 * size else FAR)
                yield Priced(cost, Event(EventKind.REPLACE, sent, end, received, received + end - sent, start))

    def _copied(self, start: int, stop: int, equal: int, sent: int) -> set[int]:
        """How many bytes may have come once more: the one chunk, or all chunks that agree."""
        assert self.plan is not None
        run = min(equal, sent - start) if start < sent else equal
        reached = start + run
        run = max(self.plan.floor(reached) if reached < len(self.sent) else reached, stop) - start
        return {stop - start} | ({run} if start > sent or start + run <= sent else set())

    def _chunks_at(self, sent: int, received: int) -> list[int]:
        """The edges of SENT whose chunk may begin at received ``received``: the longest two, and the nearest."""
        key = self.received[received : received + KEY]
        found = self._edges_of(key)
        if len(found) <= 3:
            return found
        at = bisect_left(found, sent)
        near = found if len(found) <= 64 else found[max(0, at - 8) : at + 9]
        longest = sorted(near, key=lambda edge: (-min(self.pair.common_prefix(edge, received), 1 << 14), abs(edge - sent)))[
            :2
        ]
        return list(dict.fromkeys([*longest, *found[at : at + 2], *found[max(0, at - 1) : at]]))

    def _edges_of(self, key: bytes) -> list[int]:
        """The edges of the chunks that begin with ``key``."""
        if self.one is None:
            self._index()
            assert self.one is not None
        several = self.several.get(key)
        if several is not None:
            return several
        edge = self.one.get(key)
        return [] if edge is None else [edge]

    def _index(self) -> None:
        """The edges of SENT by the first bytes of their chunks; those of equal beginnings in lists of their own."""
        assert self.plan is not None
        edges = self.plan.edges(len(self.sent))
        keys = [self.sent[edge : edge + KEY] for edge in edges]
        self.one = dict(zip(keys, edges, strict=True))
        if len(self.one) < len(edges):
            for key, edge in zip(keys, edges, strict=True):
                if self.one[key] != edge or key in self.several:
                    self.several.setdefault(key, []).append(edge)

    # -- events in a chunk ---------------------------------------------------------------------------------------------

    def _in_place(self, sent: int, received: int) -> Iterator[Priced]:
        """The place of this chunk holds something of its size."""
        end = self._chunk(sent)[1]
        size = end - sent
        if received + size > len(self.received):
            return
        was, now = self.sent[sent:end], self.received[received : received + size]
        whole = Event(EventKind.DAMAGE, sent, end, received, received + size)
        if is_constant(now):
            yield Priced(FILL, whole)
            return
        bits, pattern = describe_change(was, now)
        part = _filled_part(was, now) if pattern in ("and", "or") else None
        if part:
            low, high = part
            place = Event(EventKind.DAMAGE, sent + low, sent + high, received + low, received + high)
            yield Priced(FILL + self.off_grid, place)
        elif pattern != "noise":
            yield Priced(FLIPS + A_BIT * bits if pattern == "flips" else MIXED, whole)
        else:
            source = self._source(now, sent) if self._goes_on(end, received + size) else -1
            if source >= 0:
                yield Priced(REPLACE + FAR, whole._replace(kind=EventKind.REPLACE, source=source))
            else:
                yield Priced(NOISE + A_BYTE * size, whole)
        yield from self._lost_before_damage(sent, end, received, now)

    def _lost_before_damage(self, sent: int, end: int, received: int, now: bytes) -> Iterator[Priced]:
        """What stands here is like one of the next chunks, so that this one is lost and that one damaged."""
        assert self.plan is not None
        edge = end
        for lost in range(1, 4):
            after = min(self.plan.after(edge), len(self.sent))
            if edge >= len(self.sent) or received + after - edge > len(self.received):
                return
            if 0 < unlike_bits(self.sent[edge:after], now[: after - edge]) <= max(4, (after - edge) // 8):
                yield Priced(DROP + MORE_CHUNKS * math.log1p(lost), Event(EventKind.DROP, sent, edge, received, received))
            edge = after

    def _cut(self, sent: int, received: int, more: int) -> Iterator[Priced]:
        """Only the beginning of this chunk arrived: the next one begins before its end."""
        end = self._chunk(sent)[1]
        head = self.sent[end : end + KEY]
        if len(head) < KEY or not more:
            return
        low, high = received + 1, received + min(more, end - sent - 1)
        for at in {self.received.find(head, low, high + KEY), self.received.rfind(head, low, high + KEY)}:
            if at >= 0:
                yield Priced(CUT, Event(EventKind.DROP, sent + at - received, end, at, at))

    def _source(self, content: bytes, sent: int) -> int:
        """Where ``content`` stands in SENT off the grid: at an earlier distance, or searched for while that pays."""
        for distance in self.distances:
            if sent >= distance and self.sent.startswith(content, sent - distance):
                return sent - distance
        if self.searches <= 0 or changes(content) < 3:
            return -1
        at = self.sent.find(content)
        if at < 0:
            self.searches -= 1
        else:
            self.distances = [sent - at, *(one for one in self.distances if one != sent - at)][:4]
        return at

    # -- events at single bytes ----------------------------------------------------------------------------------------

    def _bytes(self, a: int, b: int) -> Iterator[Priced]:
        """Events at the very byte where the copy broke, on no grid: each says in addition where it is."""
        put_in, goes_on = self._put_in(a, b)
        yield from put_in
        changed = list(self._same_place(a, b))
        yield from changed
        if not goes_on:
            yield from self._inserted_before(a, b)
        yield from self._other_place(a, b, anywhere=self.searches > 0 and not goes_on and not changed)

    def _slight(self, a: int, b: int) -> Priced | None:
        """A few bytes were changed, and a long copy shows that nothing else happened."""
        gap = on_diagonal(self.pair, a, b, _SAYS_ALL)
        if gap is None or gap > _SHORTEST_CHUNK or self.pair.common_prefix(a + gap, b + gap) < _SAYS_ALL:
            return None
        if changes(self.received[b + gap : b + gap + _SAYS_ALL]) < 2 * _SAYS_MUCH:
            return None
        return Priced(self._price(a, b, gap) + self.off_grid, Event(EventKind.DAMAGE, a, a + gap, b, b + gap))

    def _put_in(self, a: int, b: int) -> tuple[list[Priced], bool]:
        """Bytes between here and the next place where the copy goes on; bytes that were sent were not invented."""
        key = self.sent[a : a + 24]
        reach = _NEAR if changes(key) >= 4 else _NEAR_RUN
        at = self.received.find(key, b + 1, b + reach) if len(key) >= 8 else -1
        if at < 0:
            return [], False
        if at - b >= KEY:
            straight = max(0, a + b - at)
            content = self.received[b:at]
            source = straight if self.sent.startswith(content, straight) else self._source(content, a)
            if source >= 0:
                return [Priced(AGAIN + self.off_grid, Event(EventKind.AGAIN, a, a, b, at, source))], True
        cost = INSERT + A_BYTE * (at - b) + (0.0 if self._may_be_edge(a, at, b) else self.off_grid)
        return [Priced(cost, Event(EventKind.INSERT, a, a, b, at))], True

    def _inserted_before(self, a: int, b: int) -> Iterator[Priced]:
        for jump in from_sent(self.pair, a, b) if a < len(self.sent) else ():
            if jump.sent == a and jump.received > b:
                cost = INSERT + A_BYTE * (jump.received - b) + self.off_grid
                yield Priced(cost, Event(EventKind.INSERT, a, a, b, jump.received))

    def _same_place(self, a: int, b: int) -> Iterator[Priced]:
        """Both sides agree again without a shift: what is between was changed."""
        gap = on_diagonal(self.pair, a, b, 1024) if a < len(self.sent) else None
        if gap is None:
            return
        cost = self._price(a, b, gap)
        place = Event(EventKind.DAMAGE, a, a + gap, b, b + gap)
        yield Priced(cost + (self.off_grid if cost < NOISE else self.off_grid / 2), place)
        if gap > 8 and cost > REPLACE and self.pair.common_prefix(a + gap, b + gap) >= 16:
            source = self._source(self.received[b : b + gap], a)
            if source >= 0:
                yield Priced(REPLACE + FAR + self.off_grid, place._replace(kind=EventKind.REPLACE, source=source))

    def _other_place(self, a: int, b: int, *, anywhere: bool) -> Iterator[Priced]:
        """Another place of SENT goes on here: lost up to it, or once more from it."""
        found = from_received(self.pair, a, b, anywhere=anywhere)
        jumps = [one for one in found if one.received == b]
        if found and not jumps:  # something strange stands before the copy that goes on elsewhere
            at = min(one.received for one in found)
            yield Priced(INSERT + A_BYTE * (at - b) + self.off_grid, Event(EventKind.INSERT, a, a, b, at))
        if jumps and max(one.size for one in jumps) < _SHORT_JUMP and not self._settled(a, b, jumps):
            source = self._source(self.received[b : b + _SHORT_JUMP], a)  # the short look may have found a likeness only
            jumps += [Jump(source, b, self.pair.common_prefix(source, b))] if source >= 0 else []
        for jump in jumps:
            if jump.sent > a:
                on_edge = self.plan is not None and self.plan.floor(jump.sent) >= jump.sent - self._slides(a, jump.sent)
                yield Priced(CUT + (0 if on_edge else self.off_grid), Event(EventKind.DROP, a, jump.sent, b, b))
            else:
                run = min(jump.size, a - jump.sent)
                yield Priced(AGAIN + 2 + self.off_grid, Event(EventKind.AGAIN, a, a, b, b + run, jump.sent))
            if jump.size >= KEY and a + jump.size < len(self.sent):
                cost = AGAIN + 2 + self.off_grid + (EARLY if jump.sent > a else 0)
                yield Priced(cost, Event(EventKind.AGAIN, a, a, b, b + jump.size, jump.sent))

    def _settled(self, a: int, b: int, jumps: list[Jump]) -> bool:
        """A jump leads to where the copy would have gone on by itself behind it."""
        return any(self._goes_on(a + jump.size, b + jump.size) for jump in jumps if a + jump.size < len(self.sent))

    def _slides(self, a: int, end: int) -> int:
        """How far a loss of [a, end) may slide back."""
        return same_before(self.sent, a, end, a)

    def _may_be_edge(self, a: int, at: int, b: int) -> bool:
        """Bytes put in stand on an edge, or may be slid to one."""
        if not self.plan:
            return False
        back = same_before(self.received, b, at, min(b, _SLIDES))
        return self.plan.floor(a) >= a - back

    def _price(self, a: int, b: int, size: int) -> float:
        was, now = self.sent[a : a + size], self.received[b : b + size]
        if size >= 4 and is_constant(now):
            return FILL
        bits, pattern = describe_change(was, now)
        if pattern == "flips":
            return FLIPS + A_BIT * bits
        return NOISE + A_BYTE * size if pattern == "noise" else MIXED


def _filled_part(was: bytes, now: bytes) -> tuple[int, int] | None:
    """The range that differs, when it holds one byte again and again: a fill, though it reads as bits cleared or set."""
    difference = xor(was, now)
    low, high = len(was) - len(difference.lstrip(b"\0")), len(difference.rstrip(b"\0"))
    return (low, high) if high - low >= 4 and is_constant(now[low:high]) else None
