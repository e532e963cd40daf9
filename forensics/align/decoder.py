"""RECEIVED as the cheapest path of events over SENT.

A state (sent, received) says: RECEIVED is explained up to here, and the sender has got there. Equal bytes are free and are
followed at once to the last chunk edge that agrees, so a state exists only where something happened. From there every event
that the bytes allow leads to another state at its cost. The cheapest path to the end of RECEIVED is what happened; nothing
rewrites it afterwards. This is Dijkstra's algorithm over (sent, received) with two bounds:

* A state is given up when another one is further in RECEIVED for ``MARGIN`` less, provided that the copy that got it further
  holds information. A few states for each event are left, however large the files are.
* The work is counted in states. A path that needs more is not found, and something simpler is reported.

Without a chunk plan every byte is an edge, and only events of single bytes are tried.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from typing import NamedTuple

from forensics.align.events import Event, EventKind
from forensics.align.pair import Pair, changes, is_constant, run_before
from forensics.align.proposals import KEY, TYPICAL, Proposals
from forensics.model.chunk_plan import ChunkPlan

MARGIN = 9.0
"""Nats by which a state may be behind: one event and a quarter."""

HOPELESS = 9.0
"""A path of more than one event for each chunk explains nothing."""

_FIRST_STATES, _STATES_A_CHUNK, MOST_STATES = 4000, 20, 200_000
_STATES_A_BREAK = 8
_GLANCE = 128
"""Bytes at either end of a copy that are asked for information."""

State = tuple[int, int]


class Path(NamedTuple):
    """The events from start to end and what they cost together, in nats."""

    cost: float
    events: list[Event]


class _Reached(NamedTuple):
    """The cheapest way to a state."""

    cost: float
    before: State | None
    event: Event | None


class Decoder:
    """The search over one pair on one chunk plan.

    Args:
        pair: SENT and RECEIVED.
        plan: The chunk plan, or None: every byte is an edge.
        bound: Cost in nats beyond which the path is of no interest.
        breaks: Stop after about so many events, for a first look.
        most: States after which the search gives up, whatever it has reached.
    """

    def __init__(
        self,
        pair: Pair,
        plan: ChunkPlan | None,
        *,
        bound: float = math.inf,
        breaks: int | None = None,
        most: int = MOST_STATES,
    ) -> None:
        self.pair, self.plan, self.bound, self.breaks, self.most = pair, plan, bound, breaks, most
        self.proposals = Proposals(pair, plan)
        self.reached: dict[State, _Reached] = {}
        self.heap: list[tuple[float, int, int, int]] = []
        self.front_at: list[int] = []
        self.front_cost: list[float] = []
        self.states = 0
        """How many states were looked at."""
        self.gave_up = False
        """The path takes too much work, or explains nothing."""

    def run(self) -> Path | None:
        """The cheapest path, or None when it is dearer than the bound or takes too much work."""
        self._reach(0.0, None, None, 0, 0)
        size = self.plan.size if self.plan else TYPICAL
        goal: tuple[float, State, Event] | None = None
        done: set[State] = set()
        while self.heap:
            cost, minus_received, sent, more = heapq.heappop(self.heap)
            state = (sent, -minus_received)
            if goal is not None and cost >= goal[0]:
                break
            if state in done or cost > self.reached[state].cost:
                continue
            self.gave_up = self._is_hopeless(cost, state[1], size)
            if cost > self.bound or self.gave_up:
                return None
            limit = self._limit(cost, state[1])
            if limit < 0:
                continue
            done.add(state)
            self.states += 1
            if self._has_seen_enough(state[1]):
                goal = (cost, state, Event(EventKind.END, sent, sent, state[1], state[1]))
                break
            if self.plan:
                self._open_run(state, more)
            is_first = not self.front_at or state[1] + more >= self.front_at[-1]
            for price, event in self.proposals.at(*state, more, limit, is_first=is_first):
                if event.kind is not EventKind.END and price <= limit:
                    self._reach(cost + price, state, event, event.next_sent, event.received_end)
                elif price <= limit and (goal is None or cost + price < goal[0]):
                    goal = (cost + price, state, event)
        return None if goal is None else Path(goal[0], self._events(goal[1], goal[2]))

    def _is_hopeless(self, cost: float, received: int, size: int) -> bool:
        """More than an event for each chunk, or too many states for how far they got."""
        reached = (self.front_at[-1] if self.front_at else 0) / size
        if self.states > min(self.most, _FIRST_STATES + _STATES_A_CHUNK * reached):
            return True
        at_end = received == len(self.pair.received)
        return self.breaks is None and not at_end and cost > HOPELESS * (40 + received / size)

    def _has_seen_enough(self, received: int) -> bool:
        return self.breaks is not None and self.states > _STATES_A_BREAK * self.breaks and received >= self.front_at[-1]

    def _events(self, state: State, last: Event) -> list[Event]:
        events = [last]
        while True:
            _, before, event = self.reached[state]
            if before is None or event is None:
                return events[::-1]
            events.append(event)
            state = before

    def _limit(self, cost: float, received: int) -> float:
        """What an event may cost before the path falls too far behind one that is further, or is beyond the bound."""
        place = bisect_right(self.front_at, received)
        ahead = self.front_cost[place] + MARGIN if place < len(self.front_at) else math.inf
        return min(ahead, self.bound) - cost

    def _reach(self, cost: float, before: State | None, event: Event | None, sent: int, received: int) -> None:
        """Follow the copy from here to the last edge that agrees, and open the state there."""
        end = len(self.pair.sent)
        equal = self.pair.common_prefix(sent, received) if sent < end else 0
        there = sent + equal
        if self.plan and there < end:
            there = max(sent, self.plan.floor(there))
        state = (there, received + there - sent)
        known = self.reached.get(state)
        if known and known.cost <= cost + 1e-9:
            return
        self.reached[state] = _Reached(cost, before, event)
        heapq.heappush(self.heap, (cost, -state[1], there, equal - (there - sent)))
        if there > sent:
            self._advance(cost, received, state[1])

    def _advance(self, cost: float, start: int, received: int) -> None:
        """Move the front to ``received``: the less information the copy holds, the less it counts."""
        data = self.pair.received
        told = changes(data[start : min(received, start + _GLANCE)]) + changes(
            data[max(start, received - _GLANCE) : received]
        )
        cost += 0.0 if told > 32 else 2.0 if told > 8 else 4.0
        place = bisect_right(self.front_at, received)
        if place < len(self.front_at) and self.front_cost[place] <= cost:
            return
        low = place
        while low and self.front_cost[low - 1] >= cost:
            low -= 1
        self.front_at[low:place] = [received]
        self.front_cost[low:place] = [cost]

    def _open_run(self, state: State, more: int) -> None:
        """In a run the copy may have gone on by chance: what happened may have happened where the run begins."""
        assert self.plan is not None
        sent, received = state
        cost, before, event = self.reached[state]
        landed = event.next_sent if event else 0
        if sent - landed < self.plan.size or not is_constant(self.pair.received[received - KEY : received + 1]):
            return
        value = self.pair.received[received - 1]
        edge = self.plan.ceil(sent - run_before(self.pair.received, received, value, limit=sent - landed))
        earlier = (edge, received - sent + edge)
        if edge < sent and earlier not in self.reached:
            self.reached[earlier] = _Reached(cost, before, event)
            heapq.heappush(self.heap, (cost, -earlier[1], edge, more + sent - edge))
