"""The chunk size, from where the edits begin and end.

Every whole-chunk fault leaves two edges on the sender's grid. A size is scored by how unlikely it is that a random grid
would hit all those edges; sizes that senders really use get a head start, and a size is stated only when the runner-up is
far behind.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from forensics.align.pair import Pair, is_constant, run_after, run_before
from forensics.model.alignment import Edit, EditKind
from forensics.model.chunk_plan import ChunkPlan
from forensics.spec.flash import SECTOR

SMALLEST, LARGEST = 16, 4096

USUAL = {
    20: 3.0, 64: 1.0, 100: 0.5, 128: 2.0, 160: 0.5, 180: 2.0, 182: 3.0, 185: 1.0, 200: 1.0, 230: 0.5, 240: 1.0,
    241: 0.5, 244: 5.0, 245: 1.0, 247: 1.0, 250: 0.7, 251: 1.0, 253: 0.7, 256: 3.0, 460: 2.5, 490: 0.7, 492: 0.5,
    495: 1.5, 498: 0.7, 500: 3.0, 505: 0.5, 506: 0.7, 507: 1.0, 508: 1.0, 509: 3.0, 510: 2.5, 511: 1.0, 512: 4.0,
    514: 2.0, 515: 1.0, 517: 1.0, 1000: 0.02, 1024: 0.05, 2048: 0.02, 4096: 0.05,
}  # fmt: skip
"""How usual a payload is among BLE senders, relative weights: MTU - 3 of common MTUs, round numbers, sectors."""

_UNUSUAL = 0.02
_LARGER_THAN_ATT = 0.002
"""An attribute value holds at most 512 bytes and a write with MTU 517 carries 514: larger chunks are pieced together."""

_WHOLE_CHUNKS = (EditKind.DROPPED, EditKind.DUPLICATED, EditKind.REORDERED)
RESETS = (None, 4096, 16000)
RESET_COST = 2.0
_LARGEST_WRITE = 517
_STATE_SCORE = 4.0
_STATE_MARGIN = 2.0
_HIT, _MISS = 0.97, 0.03
_MISFIT = math.log(0.2)
"""A length that is no whole number of chunks: a loss that began inside a chunk, or the wrong size."""

_MOST_EDGES = 48


class Edge(NamedTuple):
    """A chunk edge lies in sent ``[low, high]``."""

    low: int
    high: int


class Evidence(NamedTuple):
    """What the edits say of the grid: edges, lengths that should be whole numbers of chunks, and lengths that may be."""

    edges: tuple[Edge, ...]
    lengths: tuple[int, ...]
    put_in: tuple[int, ...]


class Guess(NamedTuple):
    """A plan, its score in nats, and how many edges it hits."""

    score: float
    plan: ChunkPlan
    hits: int


class Inference(NamedTuple):
    """``stated`` is None when the evidence is thin; ``best`` is the likeliest guess all the same."""

    stated: Guess | None
    best: Guess | None
    alternatives: tuple[int, ...]


def how_usual(size: int) -> float:
    """How usual a chunk size is among BLE senders, as the weights of ``USUAL``."""
    return USUAL.get(size, _UNUSUAL if size <= _LARGEST_WRITE else _LARGER_THAN_ATT)


def plans_of(size: int) -> list[ChunkPlan]:
    """Chunks of ``size``, and the same starting again at each block of the sizes that receivers have."""
    return [ChunkPlan(size, 0, reset) for reset in RESETS if not reset or (size < reset and reset % size)]


def infer(pair: Pair, edits: Sequence[Edit]) -> Inference:
    """The plan that the edits speak for."""
    evidence = _evidence(pair, edits)
    if not evidence.edges:
        return Inference(None, None, ())
    guesses = _scored(evidence, _candidates(evidence))
    multiples = {guess.plan.size * times for guess in guesses[:3] for times in range(2, 9)}
    guesses = _ranked(guesses + _scored(evidence, {size for size in multiples if size <= LARGEST} - _sizes(guesses)))
    if guesses and guesses[0].hits < 0.7 * len(evidence.edges) and len(evidence.edges) >= 4:
        guesses = _scored(evidence._replace(edges=evidence.edges[:16]), range(SMALLEST, LARGEST + 1))
    lengths = set(evidence.lengths)
    return _decide(sorted(guesses, key=lambda guess: not _is_one_write(guess, guesses, lengths)), lengths)


def _decide(guesses: list[Guess], lengths: set[int]) -> Inference:
    if not guesses:
        return Inference(None, None, ())
    best = guesses[0]
    rivals = [guess for guess in guesses[1:] if guess.plan.size != best.plan.size]
    margin = best.score - rivals[0].score if rivals else best.score
    enough = 2 if best.plan.size <= _LARGEST_WRITE else 4
    clear = best.score >= _STATE_SCORE and margin >= _STATE_MARGIN and best.hits >= enough
    if any(_as_one_chunk(guess, best, lengths) for guess in guesses[1:]):
        clear = False
    stated = best if clear else None
    sizes = dict.fromkeys(guess.plan.size for guess in guesses if guess.score > best.score - 8)
    others = [size for size in sizes if not stated or size != best.plan.size]
    return Inference(stated, best, tuple(others[:4]))


def _is_one_write(guess: Guess, guesses: list[Guess], lengths: set[int]) -> bool:
    """The likeliest size is larger than any write, and this one is what was lost each time and is on the same edges."""
    best, size = guesses[0], guess.plan.size
    return best.plan.size > _LARGEST_WRITE >= size and lengths == {size} and guess.hits == best.hits


def _as_one_chunk(guess: Guess, best: Guess, lengths: set[int]) -> bool:
    """A whole event that begins and ends on a grid of its own size may be one chunk as well as several of ``best``."""
    size = guess.plan.size
    return size in lengths and size > best.plan.size and size % best.plan.size == 0 and guess.hits == best.hits


def _evidence(pair: Pair, edits: Sequence[Edit]) -> Evidence:
    edges: list[Edge] = []
    lengths: list[int] = []
    put_in: list[int] = []
    for edit in edits:
        edges += _edges(pair, edit)
        if edit.kind in _WHOLE_CHUNKS and edit.sent:
            lengths.append(edit.sent.size)
        elif edit.kind is EditKind.INSERTED and is_constant(pair.received[edit.received.start : edit.received.end]):
            put_in.append(edit.received.size)
        elif edit.kind is EditKind.REPLACED and edit.sent and edit.source:
            put_in += [length for length in (edit.sent.size, abs(edit.sent.start - edit.source.start)) if length <= LARGEST]
    inside = [edge for edge in edges if edge.low > 0 and edge.high < len(pair.sent)]
    inside = list(dict.fromkeys(inside))
    inside.sort(key=lambda edge: edge.high - edge.low)
    return Evidence(tuple(inside[:_MOST_EDGES]), tuple(lengths[:_MOST_EDGES]), tuple(dict.fromkeys(put_in)))


def _edges(pair: Pair, edit: Edit) -> Iterable[Edge]:
    if edit.sent is None:
        return
    start, end = edit.sent.start, edit.sent.end
    back, forward = edit.slack
    if edit.kind in _WHOLE_CHUNKS:
        if edit.sent.size >= SMALLEST:
            yield Edge(start - back, start + forward)
            yield Edge(end - back, end + forward)
    elif edit.kind is EditKind.REPLACED and edit.sent.size >= SMALLEST // 2:
        yield Edge(start - 2, start)
        yield Edge(end, end + 2)
    elif edit.kind is EditKind.FILLED and edit.value is not None:
        if edit.value == 0xFF and start % SECTOR == 0 and edit.sent.size < SECTOR:  # erased from the sector's start on
            yield Edge(end, end + run_after(pair.sent, end, edit.value))
            return
        yield Edge(start - run_before(pair.sent, start, edit.value), start)
        yield Edge(end, end + run_after(pair.sent, end, edit.value))
    elif edit.kind is EditKind.ALTERED and edit.pattern in ("noise", "and", "or") and edit.sent.size >= SMALLEST // 2:
        yield Edge(start - 3, start)
        yield Edge(end, end + 3)
    elif edit.kind is EditKind.INSERTED:
        yield Edge(start - back, start + forward)
    elif edit.kind is EditKind.TRUNCATED and edit.received.size == 0:
        yield Edge(start, start)


def _candidates(evidence: Evidence) -> set[int]:
    sizes = set(USUAL)
    sharp = [edge for edge in evidence.edges if edge.high - edge.low <= 8]
    lengths = {*evidence.lengths, *evidence.put_in}
    for before, after in itertools.pairwise(sharp):
        lengths.add(abs(after.high - before.high))
    for length in list(lengths)[:32]:
        if length < 1 << 18:
            sizes.update(length // parts for parts in range(1, 201) if length % parts == 0)
    return {size for size in sizes if SMALLEST <= size <= LARGEST}


def _scored(evidence: Evidence, sizes: Iterable[int]) -> list[Guess]:
    guesses = []
    for size in sizes:
        head_start = math.log(how_usual(size))
        for plan in plans_of(size):
            score, hits = _fit(evidence.edges, size, plan.reset)
            score += sum(
                _MISFIT
                for length in evidence.lengths + evidence.put_in
                if length % size and (not plan.reset or length % size != plan.reset % size)
            )
            guesses.append(Guess(head_start + score - (RESET_COST if plan.reset else 0.0), plan, hits))
    return _ranked(guesses)


def _ranked(guesses: list[Guess]) -> list[Guess]:
    return sorted(guesses, key=lambda guess: -guess.score)


def _sizes(guesses: list[Guess]) -> set[int]:
    return {guess.plan.size for guess in guesses}


def _fit(edges: Sequence[Edge], size: int, reset: int | None) -> tuple[float, int]:
    score, hits = 0.0, 0
    for low, high in edges:
        width = high - low + 1
        if reset is None:
            hit = high // size * size >= low
            chance = width / size
        else:
            hit = _hits_reset(low, high, size, reset)
            chance = width / size + width / reset
        if hit:
            hits += 1
            if chance < 1:
                score += math.log(_HIT / chance)
        else:
            score += math.log(_MISS)
    return score, hits


def _hits_reset(low: int, high: int, size: int, reset: int) -> bool:
    block = high // reset * reset
    return low <= block or block + (high - block) // size * size >= low
