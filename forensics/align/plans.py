"""Chunk plans that compete: each is decoded, and the cheapest path wins. No plan competes as well.

A first look without a plan shows the first breaks; the sizes that they speak for are tried. Beside its path a plan costs how
unusual its size is. On an edge an event need not say where it is, which pays for the plan: the smaller the chunks, the less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from forensics.align.chunking import RESET_COST, RESETS, USUAL, how_usual, infer, plans_of
from forensics.align.decoder import MOST_STATES, Decoder
from forensics.align.events import A_BYTE, AGAIN, Event, EventKind
from forensics.align.order import UNRESOLVED, in_any_order
from forensics.align.pair import Pair
from forensics.align.path_edits import edits_of, joined
from forensics.align.proof import spans_of
from forensics.align.proposals import TYPICAL
from forensics.align.slack import with_slack
from forensics.model.alignment import Edit, EditKind
from forensics.model.chunk_plan import ChunkPlan

_GLANCE = 64
"""Breaks after which a first look without a plan has seen enough to say what the plan may be."""

_ASKED_VALUES = (0x00, 0x01, 0x20, 0x42, 0x84, 0xC8, 0xE9, 0xFF)
"""Values whose counts say whether RECEIVED can be SENT in another order."""

_LOOKED_AT = 64
_SHORT_COPIES = 300
"""Bytes of RECEIVED for each event; fewer, with a tenth of them strange, is no transfer of this file."""

_LONG_LOOK = 400
_TOUCHED, _FEW_TOUCHED, _TOUCHED_PLACES, _SHIFTS, _GROWN = 8, 8, 100, 12, 512
"""Places of a few bytes that another build changes, of which so many are seen, and lengths that its functions grow by."""

_CHAOS_STATES = 8000
"""States in which a likely plan must bring order into chaos."""

_SMALL = 4096
"""In so few bytes no share says whether the two files are related."""

_STRANGE = 60.0
"""Cost in nats from which on it is asked whether only the order of the chunks changed."""

_MOST_PLANS = 12
_SURE_EVENTS, _MISFITS = 8, 20
"""So many events of which all but one in twenty are on the plan, and no other plan is asked."""


class Told(NamedTuple):
    """What happened: events, the edits that they are, the plan, and what path and plan cost together in nats."""

    cost: float
    events: list[Event]
    edits: list[Edit]
    plan: ChunkPlan | None


def tell(pair: Pair, plan: ChunkPlan | None = None, *, bound: float = math.inf, look: Told | None = None) -> Told | None:
    """The cheapest path over all plans, or over ``plan`` when it is known.

    Args:
        pair: SENT and RECEIVED.
        plan: The chunk plan when it is known.
        bound: Cost beyond which no path is of interest, in nats.
        look: What a first look showed, if there was one.

    Returns:
        None when no path costs less than the bound, or none is found with the work allowed.
    """
    if pair.sent == pair.received:
        return Told(0.0, [], [], plan)
    if plan:
        return _decoded(pair, plan, bound)
    first = look or first_look(pair, bound)
    chaos = first is not None and _is_chaos(first)
    done = first is not None and first.events[-1].received_end == len(pair.received)
    best = first if first and done and not chaos and _holds(pair, first) else None
    candidates = _candidates(pair, first.edits) if first else []
    moved = _order_changed(pair, candidates) if first is None or first.cost > _STRANGE else None
    if moved and moved.cost <= bound:
        return moved
    if first and _is_another_build(pair, first):
        return None
    for candidate in candidates[:1] if chaos else candidates:
        one = _decoded(pair, candidate, min(bound, best.cost if best else math.inf), _CHAOS_STATES if chaos else MOST_STATES)
        best = min((told for told in (best, one) if told), key=lambda told: told.cost, default=None)
        if one and _fits(one, candidate):
            break
    if best is None and first and not chaos:
        best = _decoded(pair, None, bound)
    return best


def first_look(pair: Pair, bound: float = math.inf) -> Told | None:
    """The first events without a plan, which are all there are when they reach the end; None when there is no path."""
    path = Decoder(pair, None, breaks=_GLANCE, bound=bound).run()
    return Told(path.cost, path.events, edits_of(pair, path.events, None), None) if path else None


def _holds(pair: Pair, told: Told) -> bool:
    return spans_of(pair, told.edits) is not None


def _decoded(pair: Pair, plan: ChunkPlan | None, bound: float, most: int = MOST_STATES) -> Told | None:
    """What happened on ``plan``, with its cost; None when it is dearer than ``bound`` or its edits do not give RECEIVED."""
    extra = _prior(plan) if plan else 0.0
    slack = max(1.0, math.log(plan.size / TYPICAL)) if plan else 1.0  # large chunks get something back for each event
    decoder = Decoder(pair, plan, bound=(bound - extra) * slack, most=most)
    path = decoder.run()
    if path is None:
        return _in_any_order(pair, plan, bound) if plan and decoder.gave_up else None
    extra += _back(plan, sum(event.kind is not EventKind.END for event in path.events))
    for on in dict.fromkeys((plan, None)):
        told = Told(path.cost + extra, path.events, edits_of(pair, path.events, on), plan)
        if _holds(pair, told):
            return told
    return None


def _in_any_order(pair: Pair, plan: ChunkPlan, bound: float) -> Told | None:
    """Chunks in any order: the cost is that of the events that the edits are, not of a path."""
    edits = in_any_order(pair, plan)
    if edits is None:
        return None
    foreign = sum(edit.received.size for edit in edits if edit.kind in (EditKind.INSERTED, EditKind.ALTERED))
    cost = AGAIN * len(edits) + A_BYTE * foreign + _prior(plan) + _back(plan, len(edits))
    told = Told(cost, [], edits, plan)
    return told if cost <= bound and _holds(pair, told) else None


def _order_changed(pair: Pair, plans: Sequence[ChunkPlan]) -> Told | None:
    """Every chunk arrived once and only their order changed: no path is simpler. Of sizes that fit the largest is taken."""
    counts = (pair.sent.count(value) == pair.received.count(value) for value in _ASKED_VALUES)
    if len(pair.sent) != len(pair.received) or not all(counts):
        return None
    usual = [ChunkPlan(size) for size in sorted(USUAL, reverse=True) if _holds_chunks(pair, size)]
    for plan in (*plans, *usual):
        told = _in_any_order(pair, plan, math.inf)
        if told and all(edit.kind is EditKind.REORDERED or edit.pattern == UNRESOLVED for edit in told.edits):
            return told
    return None


def _is_chaos(first: Told) -> bool:
    """Another file: short copies with something strange between them, at distances of all kinds."""
    reached = first.events[-1].received
    strange = [edit.received.size for edit in first.edits if edit.kind in (EditKind.INSERTED, EditKind.ALTERED)]
    if len(first.events) < _GLANCE:
        return 2 * sum(strange) > reached > _SMALL
    return reached < _SHORT_COPIES * len(first.events) and sum(strange) * 10 > reached


def _is_another_build(pair: Pair, first: Told) -> bool:
    """Bytes of addresses changed in place, and functions grew and shrank by all sizes: the same project, built again."""
    if len(first.events) < _GLANCE or _touched(first.edits) < _FEW_TOUCHED:
        return False
    path = Decoder(pair, None, breaks=_LONG_LOOK).run()
    edits = edits_of(pair, path.events, None) if path else []
    moving = (EditKind.DROPPED, EditKind.DUPLICATED, EditKind.INSERTED)
    shifts = {abs(edit.received.size - (edit.sent.size if edit.sent else 0)) for edit in edits if edit.kind in moving}
    shifts = {shift for shift in shifts if shift <= _GROWN}
    if not path or path.events[-1].sent == path.events[-1].received:
        return False  # both sides are in step: what seemed to move were tables that repeat themselves
    return _touched(edits) >= _TOUCHED_PLACES and len(shifts) >= _SHIFTS


def _touched(edits: Sequence[Edit]) -> int:
    return sum(edit.kind is EditKind.ALTERED and edit.received.size <= _TOUCHED for edit in edits)


def _holds_chunks(pair: Pair, size: int) -> bool:
    """Nearly all of some chunks of RECEIVED are chunks of SENT."""
    step = max(1, len(pair.received) // size // _LOOKED_AT) * size
    asked = [pair.received[at : at + size] for at in range(0, len(pair.received) - size, step)]
    known = {pair.sent[at : at + size] for at in range(0, len(pair.sent), size)}
    return sum(chunk in known for chunk in asked) * 8 >= len(asked) * 7 > 0


def _back(plan: ChunkPlan | None, events: int) -> float:
    """What events on the edges of a plan need not say, in nats: the larger the chunks, the fewer places there are."""
    return events * math.log(TYPICAL / plan.size) if plan else 0.0


def _prior(plan: ChunkPlan) -> float:
    """How unusual the plan is, in nats."""
    return math.log(sum(USUAL.values()) / how_usual(plan.size)) + (RESET_COST if plan.reset else 0.0)


def _candidates(pair: Pair, edits: list[Edit]) -> list[ChunkPlan]:
    inference = infer(pair, with_slack(pair, joined(edits, across_gaps=True)))
    if inference.best is None:
        return []
    best = inference.best.plan
    plans = [best]
    for reset in (best.reset, *RESETS):
        for size in (best.size, *inference.alternatives):
            plans += [plan for plan in plans_of(size) if plan.reset == reset]
    return list(dict.fromkeys(plans))[:_MOST_PLANS]


def _fits(told: Told, plan: ChunkPlan) -> bool:
    """So many events on the plan that it is certain."""
    off = sum(not _on_edges(event, plan) for event in told.events[:-1])
    return len(told.events) >= _SURE_EVENTS and off * _MISFITS <= len(told.events)


def _on_edges(event: Event, plan: ChunkPlan) -> bool:
    return plan.is_edge(event.sent) and (event.kind is not EventKind.DROP or plan.is_edge(event.sent_end))
