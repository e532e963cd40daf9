"""Faults between the sender and the write callback, by name and seed; the names are those of ``forensics.synth.faults``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import Random

from forensics.errors import UsageError

_SHORT = 20
_BURST = 17
"""As many as ``drop-burst`` of ``forensics.synth.faults`` loses."""


@dataclass(slots=True, kw_only=True)
class AirFault:
    """One fault at work.

    Attributes:
        name: A key of ``AIR_FAULTS``.
        places: Numbers of the chunk writes that it touches, from 0.
        random: Draws what the place leaves open: which bit, how much.
    """

    name: str
    places: Collection[int]
    random: Random
    _number: int = 0
    _before: bytes = b""
    _held: list[bytes] = field(default_factory=list)

    def deliver(self, value: bytes) -> list[bytes]:
        """What the write callback gets when the sender writes ``value``, the next chunk."""
        number, self._number = self._number, self._number + 1
        if self._held:
            delivered = _RELEASE[self.name](self._held.pop(), value)
        elif number in self.places:
            delivered = AIR_FAULTS[self.name].change(self, value)
        else:
            delivered = [value]
        self._before = value
        return delivered

    def hold(self, value: bytes) -> list[bytes]:
        """Nothing yet: the next write decides."""
        self._held.append(value)
        return []

    @property
    def before(self) -> bytes:
        """The chunk write before."""
        return self._before


Change = Callable[[AirFault, bytes], list[bytes]]
Choose = Callable[[Random, int], Collection[int]]


@dataclass(frozen=True, slots=True)
class AirFaultKind:
    """Which of a number of chunks are touched, and what happens to each."""

    choose: Choose
    change: Change


def _some(count: int) -> Choose:
    """Up to ``count`` chunks of the middle, no two of them neighbours."""

    def choose(random: Random, chunks: int) -> Collection[int]:
        inside = range(2, chunks - 3, 3)
        return frozenset(random.sample(inside, min(count, len(inside))))

    return choose


def _burst(random: Random, chunks: int) -> Collection[int]:
    first = random.randrange(2, max(3, chunks - _BURST - 2))
    return range(first, first + _BURST)


def _tail(random: Random, chunks: int) -> Collection[int]:
    return range(random.randrange(chunks // 2, max(chunks // 2 + 1, chunks - 1)), chunks)


def _every_eighth(random: Random, chunks: int) -> Collection[int]:
    return range(random.randrange(1, 8), chunks - 1, 8)


def _flip(fault: AirFault, value: bytes) -> list[bytes]:
    at = fault.random.randrange(len(value))
    return [value[:at] + bytes([value[at] ^ 1 << fault.random.randrange(8)]) + value[at + 1 :]]


def _cut_anywhere(fault: AirFault, value: bytes) -> list[bytes]:
    return [value[: fault.random.randrange(1, max(2, len(value) - 8))]]


def _lose(fault: AirFault, value: bytes) -> list[bytes]:
    return []


AIR_FAULTS: dict[str, AirFaultKind] = {
    "drop-one": AirFaultKind(_some(1), _lose),
    "drop-burst": AirFaultKind(_burst, _lose),
    "drop-every-eighth": AirFaultKind(_every_eighth, _lose),
    "tail-on-edge": AirFaultKind(_tail, _lose),
    "swap-one": AirFaultKind(_some(1), AirFault.hold),
    "repeat-one": AirFaultKind(_some(1), lambda fault, value: [value, value]),
    "overwrite-previous": AirFaultKind(_some(1), lambda fault, value: [fault.before]),
    "overwrite-next": AirFaultKind(_some(1), AirFault.hold),
    "zero-one": AirFaultKind(_some(1), lambda fault, value: [bytes(len(value))]),
    "flip-many": AirFaultKind(_some(30), _flip),
    "part-lost": AirFaultKind(_some(6), _cut_anywhere),
    "cut-to-20": AirFaultKind(lambda random, chunks: range(chunks), lambda fault, value: [value[:_SHORT]]),
}
"""Every fault of the air, by name."""

_RELEASE: dict[str, Callable[[bytes, bytes], list[bytes]]] = {
    "swap-one": lambda held, value: [value, held],
    "overwrite-next": lambda held, value: [value, value],
}
"""What becomes of a write that waited for the next one, and of that."""


def air_fault(name: str, *, chunks: int, seed: int) -> AirFault:
    """The fault ``name`` at places drawn with ``seed`` among ``chunks`` chunk writes.

    Raises:
        UsageError: no such fault, or too few chunks to draw from.
    """
    kind = AIR_FAULTS.get(name)
    if kind is None:
        raise UsageError(f"there is no fault of the air {name!r}", next_step=f"choose one of: {', '.join(AIR_FAULTS)}")
    if chunks < 8:
        raise UsageError(
            f"{chunks} chunks are too few to break one in the middle", next_step="send a larger image, or smaller chunks"
        )
    random = Random(f"{name}/{chunks}/{seed}")
    return AirFault(name=name, places=kind.choose(random, chunks), random=random)
