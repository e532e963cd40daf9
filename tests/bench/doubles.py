"""Two faults at once, and faults below layers: is exactly that told?

    python -m tests.bench.doubles                  every pair of kinds and layers, far apart and close together
    python -m tests.bench.doubles triples 400      three kinds drawn at random, so many cases
    python -m tests.bench.doubles show drop noise  one pair, with the cases that are not exact

A case is right when the edits are those that were injected, or fewer that explain every byte, as ``judge`` says. Pairs that
touch or cancel each other are not made: the second fault strikes some chunks behind the first.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from forensics.align.aligner import align
from forensics.align.layers.byte_maps import MAPS
from forensics.model.alignment import Alignment, Edit, EditKind
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan
from forensics.synth.delivery import Delivery, Injection, assemble
from tests.bench.accuracy import images
from tests.bench.judge import difference, single

SIZES = (20, 128, 182, 244, 495, 509)
APART = {"far": 40, "close": 3}
"""Chunks between the two faults."""

Chunks = list[ByteSpan]
Breaker = Callable[[bytes, Chunks, int, Random], list[list[Delivery]]]
"""What arrives instead of the two chunks from a number on, chunk by chunk."""


def _kept(sent: bytes, chunk: ByteSpan) -> Delivery:
    return Delivery(chunk, sent[chunk.start : chunk.end])


def _instead(make: Callable[[bytes, Chunks, int, Random], list[Delivery]]) -> Breaker:
    """``make`` gives what arrives instead of one chunk; the next one is as it was."""

    def breaker(sent: bytes, chunks: Chunks, number: int, random: Random) -> list[list[Delivery]]:
        return [make(sent, chunks, number, random), [_kept(sent, chunks[number + 1])]]

    return breaker


def _swap(sent: bytes, chunks: Chunks, number: int, random: Random) -> list[list[Delivery]]:
    first, second = chunks[number], chunks[number + 1]
    return [[Delivery(second, sent[second.start : second.end], EditKind.REORDERED)], [_kept(sent, first)]]


def _replaced(by: int) -> Breaker:
    def make(sent: bytes, chunks: Chunks, number: int, random: Random) -> list[Delivery]:
        chunk, source = chunks[number], chunks[number - by]
        return [Delivery(chunk, sent[source.start : source.end], EditKind.REPLACED, source=source)]

    return _instead(make)


def _filled(value: int) -> Breaker:
    def make(sent: bytes, chunks: Chunks, number: int, random: Random) -> list[Delivery]:
        return [Delivery(chunks[number], bytes((value,)) * chunks[number].size, EditKind.FILLED, value=value)]

    return _instead(make)


def _flipped(sent: bytes, chunks: Chunks, number: int, random: Random) -> list[Delivery]:
    chunk = chunks[number]
    at = random.randrange(chunk.start, chunk.end)
    bit = Delivery(ByteSpan(at, at + 1), bytes((sent[at] ^ 1 << random.randrange(8),)), EditKind.ALTERED, pattern="flips")
    return [_kept(sent, ByteSpan(chunk.start, at)), bit, _kept(sent, ByteSpan(at + 1, chunk.end))]


def _part_lost(sent: bytes, chunks: Chunks, number: int, random: Random) -> list[Delivery]:
    chunk = chunks[number]
    cut = random.randrange(chunk.start + 1, max(chunk.start + 2, chunk.end - 8))
    return [_kept(sent, ByteSpan(chunk.start, cut)), Delivery(ByteSpan(cut, chunk.end), b"", EditKind.DROPPED)]


def _put_in(sent: bytes, chunks: Chunks, number: int, random: Random) -> list[Delivery]:
    place = ByteSpan(chunks[number].start, chunks[number].start)
    return [Delivery(place, random.randbytes(37), EditKind.INSERTED), _kept(sent, chunks[number])]


KINDS: dict[str, Breaker] = {
    "drop": _instead(lambda sent, chunks, number, random: [Delivery(chunks[number], b"", EditKind.DROPPED)]),
    "repeat": _instead(
        lambda sent, chunks, number, random: [
            _kept(sent, chunks[number]),
            replace(_kept(sent, chunks[number]), kind=EditKind.DUPLICATED),
        ]
    ),
    "swap": _swap,
    "overwrite-previous": _replaced(1),
    "overwrite-next": _replaced(-1),
    "zero": _filled(0x00),
    "erased": _filled(0xFF),
    "noise": _instead(
        lambda sent, chunks, number, random: [
            Delivery(chunks[number], random.randbytes(chunks[number].size), EditKind.ALTERED, pattern="noise")
        ]
    ),
    "flip": _instead(_flipped),
    "insert": _instead(_put_in),
    "part-lost": _instead(_part_lost),
}


def broken(sent: bytes, plan: ChunkPlan, kinds: list[str], apart: int, random: Random) -> list[list[Delivery]]:
    """What arrives, write by write: each kind strikes so many chunks behind the one before."""
    chunks = plan.chunks(len(sent))
    writes = [[_kept(sent, chunk)] for chunk in chunks]
    first = random.randrange(2, len(chunks) - apart * len(kinds) - 4)
    for turn, kind in enumerate(kinds):
        number = first + turn * apart
        writes[number : number + 2] = KINDS[kind](sent, chunks, number, random)
    return writes


@dataclass(frozen=True, slots=True)
class Case:
    """A broken transfer and what counts as the truth: edits, or other edits that say the same."""

    sent: bytes
    received: bytes
    truths: tuple[Injection, ...]


Layer = Callable[[bytes, ChunkPlan, list[str], int, Random], Case]


def plain(sent: bytes, plan: ChunkPlan, kinds: list[str], apart: int, random: Random) -> Case:
    """No layer."""
    writes = broken(sent, plan, kinds, apart, random)
    truth = assemble("", sent, [one for write in writes for one in write], plan)
    return Case(sent, truth.received, (truth,))


def framed(header: int, trailer: int) -> Layer:
    """A constant byte, a counter and more in front of each write, and a sum behind it; faults strike whole frames."""

    def layer(sent: bytes, plan: ChunkPlan, kinds: list[str], apart: int, random: Random) -> Case:
        deliveries: list[Delivery] = []
        for number, write in enumerate(broken(sent, plan, kinds, apart, random)):
            for part in _frames_of(write):
                content = b"".join(one.content for one in part)
                if not content or part[0].kind is EditKind.INSERTED:
                    deliveries += part
                    continue
                place = ByteSpan(part[0].place.start, part[0].place.start)
                head = (b"\xfb" + number.to_bytes(8, "little"))[:header]
                deliveries += [Delivery(place, head, EditKind.INSERTED)] if header else []
                deliveries += part
                tail = (sum(content) & 0xFFFF).to_bytes(2, "little")[:trailer]
                deliveries += [Delivery(place, tail, EditKind.INSERTED)] if trailer else []
        truth = assemble("", sent, deliveries, plan)
        return Case(sent, truth.received, (replace(truth, edits=tuple(_put_together(truth.edits))),))

    return layer


def _frames_of(write: list[Delivery]) -> Iterator[list[Delivery]]:
    """One frame for each chunk that arrived: two for one that came twice; bytes put in have none."""
    part: list[Delivery] = []
    for one in write:
        if one.kind in (EditKind.DUPLICATED, EditKind.INSERTED):
            if part:
                yield part
            yield [one]
            part = []
        else:
            part.append(one)
    if part:
        yield part


def _put_together(edits: tuple[Edit, ...]) -> Iterator[Edit]:
    """Bytes put in side by side, such as a trailer and the next header, are one edit."""
    last: Edit | None = None
    for edit in edits:
        if last and last.kind is edit.kind is EditKind.INSERTED and last.received.end == edit.received.start:
            last = replace(last, received=ByteSpan(last.received.start, edit.received.end))
            continue
        if last:
            yield last
        last = edit
    if last:
        yield last


def mapped(name: str, *, by_sender: bool) -> Layer:
    """A byte map that the sender or the receiver applies."""
    apply = next(one.apply for one in MAPS if one.name == name)

    def layer(sent: bytes, plan: ChunkPlan, kinds: list[str], apart: int, random: Random) -> Case:
        below = apply(sent) if by_sender else sent
        case = plain(below, plan, kinds, apart, random)
        return Case(sent, case.received if by_sender else apply(case.received), case.truths)

    return layer


def restarted(share: float) -> Layer:
    """The stream began again at so much of what had arrived; the faults are in the second attempt."""

    def layer(sent: bytes, plan: ChunkPlan, kinds: list[str], apart: int, random: Random) -> Case:
        chunks = plan.chunks(len(sent))
        end = chunks[len(chunks) // 2].start
        start = plan.floor(int(end * share))
        case = plain(sent[start:], plan, kinds, apart, random)
        late = [_moved(edit, start, end) for edit in case.truths[0].edits]
        again = ByteSpan(start, end)
        truths = []
        for place in (again, ByteSpan(end, end + end - start)):
            repeat = Edit(kind=EditKind.DUPLICATED, sent=again, received=place)
            truths.append(
                Injection(fault="", sent=sent, received=sent[:end] + case.received, edits=(repeat, *late), plan=plan)
            )
        return Case(sent, sent[:end] + case.received, tuple(truths))

    return layer


def _moved(edit: Edit, sent: int, received: int) -> Edit:
    return replace(
        edit,
        sent=edit.sent.shifted(sent) if edit.sent else None,
        received=edit.received.shifted(received),
        source=edit.source.shifted(sent) if edit.source else None,
    )


LAYERS: dict[str, Layer] = {
    "plain": plain,
    "header-1": framed(1, 0),
    "header-3": framed(3, 0),
    "trailer-2": framed(0, 2),
    "header-2-trailer-2": framed(2, 2),
    **{f"{one.name} by sender": mapped(one.name, by_sender=True) for one in MAPS},
    **{f"{one.name} by receiver": mapped(one.name, by_sender=False) for one in MAPS},
    "restart": restarted(0.0),
    "overlap": restarted(0.7),
}


def is_right(case: Case, alignment: Alignment) -> bool:
    """The edits are what was injected, or fewer that explain every byte."""
    told = list(_put_together(tuple(single(alignment.edits))))
    if any(difference(truth, told) == ([], []) for truth in case.truths):
        return True
    return len(told) < min(len(single(truth.edits)) for truth in case.truths)


def cases(layer: str, kinds: list[str], apart: int, seed: int) -> Iterator[tuple[str, ChunkPlan, Case]]:
    """One case for each image, chunk sizes in turn."""
    for number, (name, sent) in enumerate(images()):
        random = Random(f"{layer}/{kinds}/{apart}/{number}/{seed}")
        plan = ChunkPlan(SIZES[(number + seed + len("".join(kinds))) % len(SIZES)])
        yield name, plan, LAYERS[layer](sent, plan, kinds, apart, random)


def run(jobs: Iterator[tuple[str, list[str], int]], *, show: bool = False, seed: int = 1) -> Counter[tuple[str, bool]]:
    """How many cases of each layer are right and wrong."""
    score: Counter[tuple[str, bool]] = Counter()
    for layer, kinds, apart in jobs:
        for name, plan, case in cases(layer, kinds, apart, seed):
            alignment = align(case.sent, case.received)
            right = is_right(case, alignment)
            score[layer, right] += 1
            if not right and show:
                _tell(f"{layer}: {' + '.join(kinds)}, {apart} apart, chunks of {plan.size}, {name}", case, alignment)
    return score


def _tell(title: str, case: Case, alignment: Alignment) -> None:
    print(title, [layer.words for layer in alignment.layers])  # noqa: T201
    for word, edits in zip(("not told", "not injected"), difference(case.truths[0], alignment.edits), strict=True):
        for edit in edits[:3]:
            print(f"  {word}: {edit.kind} sent {edit.sent} received {edit.received} slack {edit.slack}")  # noqa: T201


def pairs(layers: list[str]) -> Iterator[tuple[str, list[str], int]]:
    """Every pair of kinds below each layer, far apart and close together."""
    for layer in layers:
        for first in KINDS:
            for second in KINDS:
                for apart in APART.values():
                    yield layer, [first, second], apart


def triples(count: int, seed: int) -> Iterator[tuple[str, list[str], int]]:
    """Three kinds drawn at random, below a layer drawn at random."""
    random = Random(seed)
    for _ in range(count):
        yield random.choice(list(LAYERS)), random.sample(list(KINDS), 3), random.choice(list(APART.values()))


def main() -> None:
    """Print the table."""
    words = sys.argv[1:]
    if words[:1] == ["show"]:
        run(((layer, words[1:3], apart) for layer in words[3:] or ["plain"] for apart in APART.values()), show=True)
        return
    jobs = triples(int(words[1]), 1) if words[:1] == ["triples"] else pairs(words or list(LAYERS))
    score = run(jobs, show=bool(words) and words[0] != "triples")
    print("| layer | cases | exact or plainer |\n| --- | ---: | ---: |")  # noqa: T201
    for layer in LAYERS:
        right, wrong = score[layer, True], score[layer, False]
        if right + wrong:
            print(f"| {layer} | {right + wrong} | {100 * right / (right + wrong):.1f} % |")  # noqa: T201
    right = sum(count for (_, good), count in score.items() if good)
    print(f"| all | {score.total()} | {100 * right / score.total():.2f} % |")  # noqa: T201


if __name__ == "__main__":
    main()
