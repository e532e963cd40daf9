"""Breaks a transfer by name and seed, and says exactly what was done."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from forensics.model.alignment import EditKind
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan
from forensics.synth.delivery import Delivery, Injection, assemble

Breaker = Callable[[bytes, list[ByteSpan], Random], list[Delivery]]

TWO_BUFFERS = 32000
"""A receiver with two buffers of 16 000 bytes that are never cleared shows the bytes of two parts before."""


def inject(sent: bytes, fault: str, plan: ChunkPlan, seed: int) -> Injection:
    """The transfer of ``sent`` with ``fault`` (a name in ``FAULTS``), at places drawn with ``seed``."""
    random = Random(f"{fault}/{plan.size}/{plan.reset}/{len(sent)}/{seed}")
    return assemble(fault, sent, FAULTS[fault](sent, plan.chunks(len(sent)), random), plan)


def _keep(sent: bytes, chunk: ByteSpan) -> Delivery:
    return Delivery(chunk, sent[chunk.start : chunk.end])


def _drop(chunk: ByteSpan) -> Delivery:
    return Delivery(chunk, b"", EditKind.DROPPED)


def _fill(chunk: ByteSpan, value: int) -> Delivery:
    return Delivery(chunk, bytes((value,)) * chunk.size, EditKind.FILLED, value=value)


def _overwrite(sent: bytes, chunk: ByteSpan, back: int) -> Delivery:
    """The place of ``chunk`` holds what stands ``back`` bytes earlier (later when negative)."""
    source = chunk.shifted(-back)
    return Delivery(chunk, sent[source.start : source.end], EditKind.REPLACED, source=source)


def _noise(chunk: ByteSpan, random: Random) -> Delivery:
    return Delivery(chunk, random.randbytes(chunk.size), EditKind.ALTERED, pattern="noise")


def _and(sent: bytes, chunk: ByteSpan) -> Delivery:
    """Written over flash that still held the bytes one chunk before: NOR flash can only clear bits."""
    old = sent[chunk.start - chunk.size : chunk.start]
    mixed = int.from_bytes(sent[chunk.start : chunk.end], "big") & int.from_bytes(old, "big")
    return Delivery(chunk, mixed.to_bytes(chunk.size, "big"), EditKind.ALTERED, pattern="and")


def _flip(sent: bytes, chunk: ByteSpan, random: Random) -> list[Delivery]:
    at = random.randrange(chunk.start, chunk.end)
    place = ByteSpan(at, at + 1)
    flipped = Delivery(place, bytes((sent[at] ^ 1 << random.randrange(8),)), EditKind.ALTERED, pattern="flips")
    head, tail = ByteSpan(chunk.start, at), ByteSpan(at + 1, chunk.end)
    return [_keep(sent, head), flipped, _keep(sent, tail)]


def _picked(chunks: list[ByteSpan], count: int, random: Random, apart: int = 2) -> list[int]:
    """Up to ``count`` chunk numbers in the middle of the transfer, no two closer than ``apart``."""
    inside = range(2, len(chunks) - 2)
    wanted = min(count, len(inside) // (2 * apart))
    picked: list[int] = []
    for number in random.sample(list(inside), min(len(inside), wanted * 8)):
        if len(picked) < wanted and all(abs(number - other) >= apart for other in picked):
            picked.append(number)
    return sorted(picked)


def _each(count: int, change: Callable[[bytes, ByteSpan, Random], list[Delivery]], apart: int = 2) -> Breaker:
    """``change`` applied to ``count`` chunks."""

    def breaker(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
        chosen = set(_picked(chunks, count, random, apart))
        deliveries: list[Delivery] = []
        for number, chunk in enumerate(chunks):
            deliveries += change(sent, chunk, random) if number in chosen else [_keep(sent, chunk)]
        return deliveries

    return breaker


def _burst(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
    first = random.randrange(1, max(2, len(chunks) - 18))
    return [_drop(chunk) if first <= number < first + 17 else _keep(sent, chunk) for number, chunk in enumerate(chunks)]


def _first_lost(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
    return [_drop(chunk) if number < 3 else _keep(sent, chunk) for number, chunk in enumerate(chunks)]


def _tail_lost(*, mid_chunk: bool) -> Breaker:
    def breaker(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
        number = random.randrange(len(chunks) // 2, len(chunks) - 1)
        end = chunks[number].start
        if mid_chunk:
            end += random.randrange(1, chunks[number].size)
        kept = [Delivery(ByteSpan(0, end), sent[:end])]
        return [*kept, Delivery(ByteSpan(end, len(sent)), b"", EditKind.TRUNCATED)]

    return breaker


def _swap(count: int) -> Breaker:
    def breaker(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
        deliveries = [_keep(sent, chunk) for chunk in chunks]
        for number in _picked(chunks, count, random, apart=4):
            first, second = deliveries[number], deliveries[number + 1]
            if first.content != second.content:
                early = Delivery(second.place, second.content, EditKind.REORDERED)
                deliveries[number : number + 2] = [early, first]
        return deliveries

    return breaker


def _moved_far(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
    deliveries = [_keep(sent, chunk) for chunk in chunks]
    number = random.randrange(1, len(chunks) // 2)
    moved = deliveries.pop(number)
    target = random.randrange(len(chunks) // 2 + 2, len(chunks) - 1)
    deliveries.insert(target, Delivery(moved.place, moved.content, EditKind.REORDERED))
    return deliveries


def _repeat(sent: bytes, chunk: ByteSpan, random: Random) -> list[Delivery]:
    return [_keep(sent, chunk), Delivery(chunk, sent[chunk.start : chunk.end], EditKind.DUPLICATED)]


def _repeat_late(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
    deliveries = [_keep(sent, chunk) for chunk in chunks]
    number = random.randrange(1, len(chunks) // 2)
    again = Delivery(chunks[number], sent[chunks[number].start : chunks[number].end], EditKind.DUPLICATED)
    deliveries.insert(random.randrange(number + 3, len(chunks) - 1), again)
    return deliveries


def _overwrite_by(back: Callable[[ByteSpan], int]) -> Callable[[bytes, ByteSpan, Random], list[Delivery]]:
    def change(sent: bytes, chunk: ByteSpan, random: Random) -> list[Delivery]:
        by = back(chunk)
        if chunk.start - by < 0 or chunk.end - by > len(sent):
            return [_keep(sent, chunk)]
        return [_overwrite(sent, chunk, by)]

    return change


def _insert(sent: bytes, chunk: ByteSpan, random: Random) -> list[Delivery]:
    place = ByteSpan(chunk.start, chunk.start)
    return [Delivery(place, random.randbytes(37), EditKind.INSERTED), _keep(sent, chunk)]


def _header(make: Callable[[int], bytes]) -> Breaker:
    def breaker(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
        deliveries = []
        for number, chunk in enumerate(chunks):
            place = ByteSpan(chunk.start, chunk.start)
            deliveries += [Delivery(place, make(number), EditKind.INSERTED), _keep(sent, chunk)]
        return deliveries

    return breaker


def _cut(kept: int) -> Breaker:
    def breaker(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
        deliveries = []
        for number, chunk in enumerate(chunks):
            end = min(chunk.end, chunk.start + kept)
            deliveries.append(_keep(sent, ByteSpan(chunk.start, end)))
            if end < chunk.end:
                last = number == len(chunks) - 1
                kind = EditKind.TRUNCATED if last else EditKind.DROPPED
                deliveries.append(Delivery(ByteSpan(end, chunk.end), b"", kind))
        return deliveries

    return breaker


def _every_eighth(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
    first = random.randrange(1, 8)
    return [_drop(chunk) if number % 8 == first else _keep(sent, chunk) for number, chunk in enumerate(chunks)]


def _restart(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
    number = random.randrange(len(chunks) // 4, len(chunks) * 3 // 4)
    end = chunks[number].start
    whole = [_keep(sent, chunk) for chunk in chunks]
    return [*whole[:number], Delivery(ByteSpan(0, end), sent[:end], EditKind.DUPLICATED), *whole[number:]]


def _padded(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
    pad = -len(sent) % 4096 or 4096
    end = ByteSpan(len(sent), len(sent))
    return [_keep(sent, chunk) for chunk in chunks] + [Delivery(end, bytes(pad), EditKind.TRAILING)]


def _part_lost(sent: bytes, chunk: ByteSpan, random: Random) -> list[Delivery]:
    """A stream buffer that was nearly full took only the beginning of a write."""
    cut = random.randrange(chunk.start + 1, max(chunk.start + 2, chunk.end - 8))
    return [_keep(sent, ByteSpan(chunk.start, cut)), _drop(ByteSpan(cut, chunk.end))]


def _mixed(sent: bytes, chunks: list[ByteSpan], random: Random) -> list[Delivery]:
    """Twenty-two events of seven kinds in turn, far enough apart not to touch."""
    numbers = _picked(chunks, 22, random, apart=6)
    random.shuffle(numbers)
    deliveries = [[_keep(sent, chunk)] for chunk in chunks]
    for count, number in enumerate(numbers):
        chunk, following = chunks[number], chunks[number + 1]
        kind = count % 7
        if kind == 0:
            deliveries[number] = [_drop(chunk)]
        elif kind == 1 and sent[chunk.start : chunk.end] != sent[following.start : following.end]:
            early = Delivery(following, sent[following.start : following.end], EditKind.REORDERED)
            deliveries[number], deliveries[number + 1] = [early], [_keep(sent, chunk)]
        elif kind == 2:
            deliveries[number] = _repeat(sent, chunk, random)
        elif kind == 3:
            deliveries[number] = [_overwrite(sent, chunk, chunk.size)]
        elif kind == 4:
            deliveries[number] = [_fill(chunk, 0x00)]
        elif kind == 5:
            deliveries[number] = [_noise(chunk, random)]
        elif kind == 6:
            deliveries[number] = _insert(sent, chunk, random)
    return [one for several in deliveries for one in several]


FAULTS: dict[str, Breaker] = {
    "identical": lambda sent, chunks, random: [_keep(sent, chunk) for chunk in chunks],
    "drop-one": _each(1, lambda sent, chunk, random: [_drop(chunk)]),
    "drop-many": _each(50, lambda sent, chunk, random: [_drop(chunk)], apart=1),
    "drop-burst": _burst,
    "drop-first": _first_lost,
    "tail-on-edge": _tail_lost(mid_chunk=False),
    "tail-mid-chunk": _tail_lost(mid_chunk=True),
    "swap-one": _swap(1),
    "swap-many": _swap(5),
    "move-far": _moved_far,
    "repeat-one": _each(1, _repeat),
    "repeat-many": _each(10, _repeat),
    "repeat-late": _repeat_late,
    "overwrite-previous": _each(1, _overwrite_by(lambda chunk: chunk.size)),
    "overwrite-previous-many": _each(10, _overwrite_by(lambda chunk: chunk.size)),
    "overwrite-next": _each(1, _overwrite_by(lambda chunk: -chunk.size)),
    "overwrite-two-buffers": _each(3, _overwrite_by(lambda chunk: TWO_BUFFERS)),
    "zero-one": _each(1, lambda sent, chunk, random: [_fill(chunk, 0x00)]),
    "zero-many": _each(20, lambda sent, chunk, random: [_fill(chunk, 0x00)]),
    "erased-many": _each(20, lambda sent, chunk, random: [_fill(chunk, 0xFF)]),
    "noise-many": _each(10, lambda sent, chunk, random: [_noise(chunk, random)]),
    "insert-many": _each(5, _insert),
    "flip-many": _each(30, _flip),
    "and-many": _each(5, lambda sent, chunk, random: [_and(sent, chunk)]),
    "header-one": _header(lambda number: b"\xfb"),
    "header-counter": _header(lambda number: b"\xfb" + bytes((number & 0xFF,))),
    "cut-to-20": _cut(20),
    "drop-every-eighth": _every_eighth,
    "restart": _restart,
    "pad-4096": _padded,
    "part-lost": _each(6, _part_lost),
    "mixed": _mixed,
}
"""Every way to break a transfer, by name."""
