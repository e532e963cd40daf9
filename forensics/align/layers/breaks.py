"""What stands between neighbouring copies, at samples all over RECEIVED."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from forensics.align.chunking import plans_of
from forensics.align.layers.byte_maps import PROBE, find_near, sampled_places
from forensics.align.layers.view import View
from forensics.align.pair import Pair
from forensics.model.chunk_plan import ChunkPlan

_LONGEST_FRAME = 8192
"""Header and trailer together, with padding to a sector."""

_FAR = 1 << 20
_SHORT_PROBE = 8
_FEWEST = 6
"""So many samples must show the same break."""

_MOST = 2


class Break(NamedTuple):
    """Between two copies ``more`` bytes of RECEIVED or ``less`` bytes of SENT stand; the second copy has ``size`` bytes."""

    more: int
    less: int
    size: int
    sent: int


def breaks_in(view: View) -> list[Break]:
    """The breaks behind samples of RECEIVED; the second copy shows where both of its ends are."""
    pair = Pair(view.sent, view.received)
    found: dict[int, Break] = {}  # by place: samples in one long copy end at the same break
    for at in sampled_places(view.received):
        probe = view.received[at : at + PROBE]
        sent = max(find_near(pair, probe, at), find_near(pair, probe[:_SHORT_PROBE], at))
        if sent < 0:
            continue
        size = pair.common_prefix(sent, at)
        a, b = sent + size, at + size
        for _ in range(2):
            more, less = _between(pair, a, b)
            if b in found or not (more or less):
                break
            size = pair.common_prefix(a + less, b + more)
            found[b] = Break(more, less, size, a + less)
            a, b = a + less + size, b + more + size
    return list(found.values())


def _between(pair: Pair, a: int, b: int) -> tuple[int, int]:
    due, got = pair.sent[a : a + PROBE], pair.received[b : b + PROBE]
    if len(set(due)) < 3:
        due = pair.sent[a : a + 64]
    at = pair.received.find(due, b + 1, b + _LONGEST_FRAME + len(due)) if len(due) >= _SHORT_PROBE else -1
    if at < 0:
        short = pair.received.find(due[:_SHORT_PROBE], b + 1, b + 32 + _SHORT_PROBE)
        at = short if len(set(due[:_SHORT_PROBE])) >= 4 else -1
    if at > 0:
        return (0, 0) if at - b >= PROBE and find_near(pair, got, b) >= 0 else (at - b, 0)  # what was sent is no header
    at = pair.sent.find(got, a + 1, a + _LONGEST_FRAME) if len(got) == PROBE else -1
    if at - a >= PROBE and pair.received.find(pair.sent[a : a + PROBE], max(0, b - _FAR), b + _FAR) >= 0:
        return 0, 0  # what came elsewhere was not cut off
    return 0, at - a if at > 0 else 0


def most_usual(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs of numbers that so many breaks agree on that a rule is behind them, the most usual first."""
    counts = Counter(pairs)
    least = max(_FEWEST, counts.total() // 4)
    return [pair for pair, count in counts.most_common(_MOST) if count >= least]


def plan_of(size: int, edges: list[int]) -> ChunkPlan:
    """Chunks of ``size`` on the plan that most of the edges are on."""
    return max(plans_of(size), key=lambda plan: (sum(plan.is_edge(edge) for edge in edges), -(plan.reset or 0)))
