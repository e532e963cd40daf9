"""Chunks in any order: the answer for transfers in which so much happened that no path is found.

Every chunk of RECEIVED is looked up; those that kept their order stay, the others moved. It takes one pass, whatever
happened, and does not ask what is cheapest.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from forensics.align.damage import damaged_in_place
from forensics.align.pair import Pair
from forensics.model.alignment import Edit, EditKind, in_order
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan

UNRESOLVED = "unresolved"
"""Pattern of an edit that says that something happened to these bytes, and not what."""

_MOST_SKIPPED = 1 << 18
"""Bytes that are gone through one by one."""

_MOST_EDITS = 20_000
"""Beyond so many edits nobody reads them: the counts are what there is to say."""


class _Copy(NamedTuple):
    """Received ``[start, end)`` holds the chunk at ``sent``."""

    start: int
    end: int
    sent: int


def rising(row: Sequence[int]) -> set[int]:
    """Places of a longest rising part of ``row``, by patience sorting."""
    tops: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(row):
        pile = bisect_left(tops, value)
        before.append(places[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [value]
        places[pile : pile + 1] = [place]
    found: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        found.add(place)
        place = before[place]
    return found


def in_any_order(pair: Pair, plan: ChunkPlan) -> list[Edit] | None:
    """Edits for RECEIVED as chunks of ``plan`` in any order, with what stands between them.

    None when much of it is no chunk. More than some thousand edits are one, ``altered`` with the pattern ``unresolved``.
    """
    copies = _copies(pair, plan)
    if copies is None:
        return None
    first: dict[int, _Copy] = {}
    for copy in copies:
        first.setdefault(copy.sent, copy)
    own = [copy for copy in copies if first[copy.sent] is copy]
    kept = {own[number] for number in rising([copy.sent for copy in own])}
    if len(copies) - len(kept) > _MOST_EDITS:
        return _unresolved(pair)
    edits = [
        Edit(
            kind=EditKind.REORDERED if first[copy.sent] is copy else EditKind.DUPLICATED,
            sent=ByteSpan(copy.sent, copy.sent + copy.end - copy.start),
            received=ByteSpan(copy.start, copy.end),
        )
        for copy in copies
        if copy not in kept
    ]
    edits += _between(pair, copies, kept)
    return in_order(edits)


def _unresolved(pair: Pair) -> list[Edit]:
    """One edit for the whole: what happened to which bytes was not found out."""
    size = min(len(pair.sent), len(pair.received))
    whole = ByteSpan(0, size)
    edits = [Edit(kind=EditKind.ALTERED, sent=whole, received=whole, pattern=UNRESOLVED)] if size else []
    if size < len(pair.sent):
        edits.append(Edit(kind=EditKind.TRUNCATED, sent=ByteSpan(size, len(pair.sent)), received=ByteSpan(size, size)))
    elif size < len(pair.received):
        edits.append(Edit(kind=EditKind.TRAILING, sent=None, received=ByteSpan(size, len(pair.received))))
    return edits


def _copies(pair: Pair, plan: ChunkPlan) -> list[_Copy] | None:
    """The chunks of RECEIVED from start to end; what no chunk explains is skipped to the next one that is known.

    None when too much of it is no chunk.
    """
    sent, received = pair.sent, pair.received
    edges = plan.edges(len(sent))
    size_of = {edge: end - edge for edge, end in itertools.pairwise([*edges, len(sent)])}
    waiting: dict[bytes, list[int]] = {}
    for edge in reversed(edges):
        waiting.setdefault(sent[edge : edge + size_of[edge]], []).append(edge)
    sizes = sorted(set(size_of.values()), reverse=True)
    copies: list[_Copy] = []
    used: set[int] = set()
    at = due = skipped = 0
    while at < len(received):
        size = size_of.get(due, 0)
        if not size or due in used or not received.startswith(sent[due : due + size], at):
            same = next((found for size in sizes if (found := waiting.get(received[at : at + size]))), [])
            while len(same) > 1 and same[-1] in used:  # of equal chunks the next one comes next, and the last one again
                same.pop()
            due = same[-1] if same else -1
        if due < 0:
            at, skipped = at + 1, skipped + 1
            if skipped > _MOST_SKIPPED:
                return None
            continue
        copies.append(_Copy(at, at + size_of[due], due))
        used.add(due)
        at, due = at + size_of[due], due + size_of[due]
    return copies


def _between(pair: Pair, copies: list[_Copy], kept: set[_Copy]) -> list[Edit]:
    """What is neither kept nor moved: bytes that were changed in place, lost, or put in."""
    edits: list[Edit] = []
    taken = sorted((copy.sent, copy.sent + copy.end - copy.start) for copy in {copy.sent: copy for copy in copies}.values())
    missing = [
        (low, high)
        for (_, low), (high, _) in itertools.pairwise([(0, 0), *taken, (len(pair.sent), len(pair.sent))])
        if low < high
    ]
    strange = [
        (low, high)
        for (_, low, _), (high, _, _) in itertools.pairwise(
            [_Copy(0, 0, 0), *copies, _Copy(len(pair.received), len(pair.received), 0)]
        )
        if low < high
    ]
    row = sorted(kept)
    ends_at = {copy.end: copy.sent + copy.end - copy.start for copy in row}
    lost = dict(missing)
    for low, high in strange:
        place = ends_at.get(low, 0 if low == 0 else -1)
        if place in lost and lost[place] - place == high - low:
            edits += damaged_in_place(pair, place, low, high - low)
            del lost[place]
        else:
            beside = max(place, 0)
            edits.append(Edit(kind=EditKind.INSERTED, sent=ByteSpan(beside, beside), received=ByteSpan(low, high)))
    seams = [(copy.sent, copy.start) for copy in row]
    for low, high in lost.items():
        number = bisect_left(seams, (low, 0))
        seam = seams[number][1] if number < len(seams) else len(pair.received)
        kind = EditKind.TRUNCATED if high == len(pair.sent) and seam == len(pair.received) else EditKind.DROPPED
        edits.append(Edit(kind=kind, sent=ByteSpan(low, high), received=ByteSpan(seam, seam)))
    return edits
