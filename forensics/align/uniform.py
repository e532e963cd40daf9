"""The same bytes put behind, or taken from, every chunk: found by the length of what arrived.

In chunks of 16 or 20 bytes the copies between two breaks are too short to be told from bytes that agree by chance, but
each break moves the length by the same amount, so the two lengths leave few chunk sizes to try.
"""

from __future__ import annotations

from collections.abc import Iterator

from forensics.align.grid import Grid
from forensics.align.pair import Pair
from forensics.align.pieces import PieceList, Rule
from forensics.align.rules import Opening, PlacedRule, periods_of

_SMALLEST, _LARGEST = 8, 4200

_MOST_BYTES = 8
_FEWEST = 24
"""Chunks over which the rule must hold from the first one on."""


def uniform_opening(pair: Pair) -> Opening | None:
    """The rule that every chunk obeys, or None when none explains the difference in length."""
    more = len(pair.received) - len(pair.sent)
    for count in range(1, _MOST_BYTES + 1):
        for size in _sizes(len(pair.sent), more, count):
            opening = _behind(pair, size, count) if more > 0 else _before(pair, size, count)
            if opening is not None:
                return opening
    return None


def _sizes(total: int, more: int, count: int) -> Iterator[int]:
    """Chunk sizes at which ``count`` bytes more or less in each chunk make the difference; the last may differ."""
    for chunks in {abs(more) // count, abs(more) // count + 1}:
        if chunks > 1:
            smallest, largest = -(-total // chunks), (total - 1) // (chunks - 1)
            yield from range(max(smallest, _SMALLEST, count + _SMALLEST // 2), min(largest, _LARGEST) + 1)


def _behind(pair: Pair, size: int, count: int) -> Opening | None:
    if not pair.received.startswith(pair.sent[:size]):
        return None
    pieces = PieceList()
    pieces.add(0, size, 0)
    return _opening(pair, pieces, PlacedRule(size, size, Rule(0, count, size, 0)))


def _before(pair: Pair, size: int, count: int) -> Opening | None:
    kept = size - count
    first = _opening(pair, PieceList(), PlacedRule(0, 0, Rule(count, 0, kept, 0)))
    if first is not None or not pair.received.startswith(pair.sent[:kept]):
        return first
    pieces = PieceList()
    pieces.add(0, kept, 0)
    return _opening(pair, pieces, PlacedRule(kept, kept, Rule(count, 0, kept, 0)))


def _opening(pair: Pair, pieces: PieceList, placed: PlacedRule) -> Opening | None:
    rule = placed.rule
    possible = min(
        (len(pair.received) - placed.received) // rule.received_step, (len(pair.sent) - placed.sent) // rule.sent_step
    )
    held = periods_of(pair, placed, possible)
    if held < max(_FEWEST, possible // 4):
        return None
    pieces.add_rule(placed.received, placed.sent, rule._replace(periods=held))
    sent_end, received_end = placed.sent + held * rule.sent_step, placed.received + held * rule.received_step
    rest = pair.sent[sent_end:]
    if rule.inserted and len(rest) < rule.sent_step and pair.received.startswith(rest, received_end + rule.inserted):
        pieces.add(received_end, received_end + rule.inserted, None)
        pieces.add(received_end + rule.inserted, received_end + rule.inserted + len(rest), sent_end)
        sent_end, received_end = len(pair.sent), received_end + rule.inserted + len(rest)
    return Opening(tuple(pieces.items), sent_end, received_end, Grid(rule.sent_step))
