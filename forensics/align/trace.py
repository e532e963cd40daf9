"""First reading of the received bytes: where does each piece of them stand in sent?"""

from __future__ import annotations

from dataclasses import dataclass

from forensics.align.anchors import Index, Jump, choose, from_received, from_sent, on_diagonal
from forensics.align.grid import Grid
from forensics.align.pair import Pair, changes, is_constant
from forensics.align.pieces import Piece, PieceList
from forensics.align.rules import Step, opening_rule, recurring_rule
from forensics.align.uniform import uniform_opening

_MOST_PIECES = 20_000
_CHAOS_PIECES = 400
_CHAOS_AVERAGE = 300
_CHAOS_SHARE = 0.1
_RELINKED_PLACES, _RELINKED_SHIFTS = 100, 12
"""Another build of the same project: addresses of some bytes changed in place, functions grew and shrank by all sizes."""

_MOST_SEARCHES = 64
_MOST_SCANNED = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Pieces that cover received from start to end.

    Attributes:
        related: False when the pieces explain too little of received.
        grid: The chunk grid that a rule over the whole file proves, else None.
        index: The index of sent, when one had to be made.
    """

    pieces: tuple[Piece, ...]
    related: bool
    grid: Grid | None
    index: Index | None


class Tracer:
    """Follows received along sent and finds the way on at every break.

    What is remembered of earlier breaks is tried first: after one lost chunk of 244 bytes, "244 more lost here" costs
    a comparison of one byte and settles places that no search for anchors could.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.sent_at = 0
        self.received_at = 0
        self.pieces = PieceList()
        self.steps: list[Step] = []
        self.diagonals: list[int] = []
        self.lengths: list[int] = []
        self.retouched = 0
        self.shifts: set[int] = set()
        self.searches = 0
        self.scanned = 0
        self.index: Index | None = None
        self.no_rule_before = 0
        self.next_chaos_check = _CHAOS_PIECES
        self.related = True
        self.grid: Grid | None = None

    def run(self) -> Trace:
        """Trace the whole of received."""
        self._open()
        while self.received_at < len(self.pair.received):
            self._copy()
            if self.received_at >= len(self.pair.received):
                break
            if self._ends_here() or self._all_arrived():
                self.pieces.add(self.received_at, len(self.pair.received), None)
                break
            if self._rule():
                continue
            jump = self._next()
            if jump is None:
                self.pieces.add(self.received_at, len(self.pair.received), None)
                break
            self._take(jump)
        return Trace(pieces=tuple(self.pieces.items), related=self.related, grid=self.grid, index=self.index)

    def _open(self) -> None:
        opening = opening_rule(self.pair) or uniform_opening(self.pair)
        if opening is None:
            return
        self.pieces.extend(opening.pieces)
        self.sent_at, self.received_at, self.grid = opening.sent, opening.received, opening.grid
        self.lengths = [abs(piece.rule.skipped - piece.rule.inserted) for piece in opening.pieces if piece.rule][:1]

    def _copy(self) -> None:
        size = self.pair.common_prefix(self.sent_at, self.received_at) if self.sent_at < len(self.pair.sent) else 0
        self.pieces.add(self.received_at, self.received_at + size, self.sent_at)
        self.sent_at += size
        self.received_at += size

    def _ends_here(self) -> bool:
        """The rest is one constant byte, or the pieces have become so short that this is no transfer of this file."""
        if _constant_rest(self.pair.received, self.received_at) or len(self.pieces) > _MOST_PIECES:
            return True
        if len(self.pieces) < self.next_chaos_check:
            return False
        self.next_chaos_check += 200
        pieces = self.pieces.items
        unexplained = sum(piece.size for piece in pieces if piece.sent is None)
        short = self.received_at / len(pieces) < _CHAOS_AVERAGE and unexplained > self.received_at * _CHAOS_SHARE
        short = short and not any(piece.rule for piece in pieces)
        relinked = self.retouched >= _RELINKED_PLACES and len(self.shifts) >= _RELINKED_SHIFTS
        self.related = not (short or relinked)
        return not self.related

    def _all_arrived(self) -> bool:
        """The end of sent is reached, and what follows is none of the bytes that were passed over: no device reads it."""
        if self.sent_at < len(self.pair.sent):
            return False
        rest = self.pair.received[self.received_at : self.received_at + 12]
        covered = 0
        for start, end in sorted((piece.sent, piece.sent_end) for piece in self.pieces.items if piece.sent is not None):
            if start > covered and self.pair.sent.find(rest, covered, start) >= 0:
                return False
            covered = max(covered, end)
        return True

    def _rule(self) -> bool:
        if len(self.steps) < 5 or self.received_at < self.no_rule_before:
            return False
        placed = recurring_rule(self.pair, self.steps)
        if placed is None:
            period = max(1, self.steps[-1].received - self.steps[-2].received)
            self.no_rule_before = (
                self.received_at + min(64 * period, 1 << 16) if len(self.steps) > 32 else self.received_at + 1
            )
            return False
        while not self.pieces.allows(placed.received, placed.sent):
            if placed.rule.periods <= 4:
                self.no_rule_before = self.received_at + placed.rule.received_step
                return False
            placed = placed.later()
        self.pieces.add_rule(placed.received, placed.sent, placed.rule)
        self.received_at = placed.received + placed.rule.received_step * placed.rule.periods
        self.sent_at = min(placed.sent + placed.rule.sent_step * placed.rule.periods, len(self.pair.sent))
        self.steps.clear()
        return True

    def _next(self) -> Jump | None:
        pair, sent_at, received_at = self.pair, self.sent_at, self.received_at
        in_file = sent_at < len(pair.sent)
        jumps = self._remembered()
        gap = on_diagonal(pair, sent_at, received_at, 1024) if in_file else None
        if gap is not None:
            jump = self._straight(gap)
            if gap <= 8 and jump.size >= 256 and changes(pair.received[jump.received : jump.received + 256]) >= 16:
                return jump
            jumps.append(jump)
        settled = any(
            jump.size >= 256 and changes(pair.received[jump.received : jump.received + 256]) >= 16 for jump in jumps
        )
        anywhere = not settled and self.searches < _MOST_SEARCHES
        self.searches += anywhere
        jumps += from_received(pair, sent_at, received_at, anywhere=anywhere)
        if in_file and not any(jump.received == received_at and jump.size >= 2048 for jump in jumps):
            jumps += from_sent(pair, sent_at, received_at)
            jumps += self._wider(gap)
        return choose(pair, jumps, sent_at, received_at) or self._anywhere()

    def _straight(self, gap: int) -> Jump:
        sent_at, received_at = self.sent_at + gap, self.received_at + gap
        return Jump(sent_at, received_at, self.pair.common_prefix(sent_at, received_at))

    def _wider(self, gap: int | None) -> list[Jump]:
        for window in (8192, 65536) if gap is None else ():
            gap = on_diagonal(self.pair, self.sent_at, self.received_at, window)
            if gap is not None:
                return [self._straight(gap)]
        return []

    def _remembered(self) -> list[Jump]:
        """Earlier diagonals straight on, and one more loss, repeat or insertion of a length seen before."""
        sent_at, received_at = self.sent_at, self.received_at
        places = [(received_at + diagonal, received_at) for diagonal in self.diagonals]
        for length in self.lengths:
            places += [
                (sent_at + length, received_at),
                (sent_at - length, received_at),
                (sent_at, received_at + length),
            ]
        jumps = []
        for sent, received in places:
            inside = 0 <= sent < len(self.pair.sent) and received < len(self.pair.received)
            if (
                inside
                and (sent, received) != (sent_at, received_at)
                and self.pair.sent[sent] == self.pair.received[received]
            ):
                size = self.pair.common_prefix(sent, received)
                if size >= 12:
                    jumps.append(Jump(sent, received, size))
        return jumps

    def _anywhere(self) -> Jump | None:
        """Nothing local explains the bytes: look for any 16 bytes of sent in the rest of received."""
        pair, start = self.pair, self.received_at
        rest = len(pair.received) - start
        fresh = self.index is None
        if self.index is None:
            self.index = Index(pair.sent)
        if (fresh and rest > 16384) or rest > 65536:
            share = self.index.share(pair.received, start, len(pair.received))
            if share < 0.3:
                self.related = self.related and share > 0 and not fresh
                if share == 0 or fresh:
                    return None
        end = start + max(0, _MOST_SCANNED - self.scanned)
        at = start + 1
        while True:
            hit = self.index.find(pair, at, end)
            if hit is None:
                return None
            received, sent = self._prefer_diagonal(hit)
            back = pair.common_suffix(sent, received, received - start)
            size = pair.common_prefix(sent, received)
            self.scanned += received - start
            if size + back >= 32 or received + size >= len(pair.received):
                return Jump(sent - back, received - back, size + back)
            at = received + 1

    def _prefer_diagonal(self, hit: tuple[int, int]) -> tuple[int, int]:
        received, sent = hit
        straight = received + self.sent_at - self.received_at
        if 0 <= straight < len(self.pair.sent):
            size = self.pair.common_prefix(straight, received)
            if size >= 16 and size + 16 >= self.pair.common_prefix(sent, received):
                return received, straight
        return received, sent

    def _take(self, jump: Jump) -> None:
        back = self.pair.common_suffix(jump.sent, jump.received, jump.received - self.received_at)
        sent, received = jump.sent - back, jump.received - back
        self.pieces.add(self.received_at, received, None)
        self.steps.append(Step(self.sent_at, self.received_at, sent - self.sent_at, received - self.received_at))
        del self.steps[:-64]
        before, after = self.sent_at - self.received_at, sent - received
        length = abs(after - before)
        self.retouched += length == 0 and received - self.received_at <= 8
        if length:
            self.shifts.add(length)
        if 12 <= length <= 8192:
            _remember(self.lengths, length, 4)
        _remember(self.diagonals, before, 6)
        _remember(self.diagonals, after, 6)
        self.sent_at, self.received_at = sent, received


def _remember(values: list[int], value: int, most: int) -> None:
    if value in values:
        values.remove(value)
    values.insert(0, value)
    del values[most:]


def _constant_rest(data: bytes, start: int) -> bool:
    """Everything from ``start`` on (more than 64 bytes) is one byte; cheap samples go before the full count."""
    if len(data) - start <= 64 or data[-1] != data[start]:
        return False
    if not is_constant(data[start : start + 64]) or not is_constant(data[-64:]):
        return False
    return data.count(data[start : start + 1], start) == len(data) - start
