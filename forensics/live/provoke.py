"""Faults that a bench asks for on purpose: ``--provoke drop:1204,swap:99``. Each is marked in the journal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from forensics.errors import UsageError
from forensics.protocols.senders.steps import Write

_WORD = re.compile(r"([a-z]+):(\d{1,9})(?:-(\d{1,9}))?")
_MOST_CHUNKS = 100_000


class Fault(StrEnum):
    """What to do to a chunk."""

    DROP = "drop"
    """It is not written."""
    SWAP = "swap"
    """It is written behind the chunk after it."""
    REPEAT = "repeat"
    """It is written twice."""
    OVERWRITE = "overwrite"
    """It carries the bytes of the chunk before it, as from a buffer that was used again too early."""
    CORRUPT = "corrupt"
    """The bits of its middle byte are turned over."""
    CUT = "cut"
    """Only its first half is written."""
    STOP = "stop"
    """The link is closed in front of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredWrite:
    """A write as it goes out; ``altered`` when its bytes are no longer those of the image."""

    write: Write
    altered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provoked:
    """What becomes of a write.

    Attributes:
        writes: What goes out in its place, in order.
        fault: What was done to it, or None.
    """

    writes: tuple[AlteredWrite, ...]
    fault: Fault | None = None


def parse_provocations(text: str) -> dict[int, Fault]:
    """Chunk number to fault, of ``drop:1204,swap:99,repeat:3-5``; chunks count from 0 as in reports.

    Raises:
        UsageError: it is not such a list, or names a chunk twice.
    """
    found: dict[int, Fault] = {}
    for part in text.split(","):
        match = _WORD.fullmatch(part.strip())
        if match is None or match[1] not in set(Fault):
            words = ", ".join(Fault)
            raise UsageError(
                f"cannot provoke {part.strip()!r}", next_step=f"write a fault and a chunk, e.g. drop:12; {words}"
            )
        first, last = int(match[2]), int(match[3] or match[2])
        if not first <= last < first + _MOST_CHUNKS:
            raise UsageError(
                f"the chunks {first}-{last} are no range of at most {_MOST_CHUNKS}",
                next_step="name fewer, and the first one first",
            )
        for chunk in range(first, last + 1):
            if chunk in found:
                raise UsageError(f"chunk {chunk} is named twice", next_step="provoke one fault a chunk")
            found[chunk] = Fault(match[1])
    return found


class Provoker:
    """Alters the chunks that were named, each once: what a protocol sends again goes out whole."""

    def __init__(self, faults: dict[int, Fault]) -> None:
        self._faults = dict(faults)
        self._held: list[Write] = []
        self._previous = b""

    def apply(self, write: Write) -> Provoked:
        """What goes out in place of ``write``."""
        fault = self._faults.pop(write.chunk, None) if write.chunk is not None else None
        held, self._held = self._held, []
        if fault is Fault.SWAP:
            self._held = [write]
            writes: tuple[AlteredWrite, ...] = ()
        else:
            writes = self._altered(write, fault)
        if write.chunk is not None:
            self._previous = write.value[write.start : write.start + write.length]
        return Provoked(writes=(*writes, *_plain(held)), fault=fault)

    def release(self) -> tuple[AlteredWrite, ...]:
        """What is still held back: no chunk follows before the device must answer."""
        held, self._held = self._held, []
        return _plain(held)

    @property
    def unused(self) -> Sequence[int]:
        """Chunks that were named and never came."""
        return sorted(self._faults)

    def _altered(self, write: Write, fault: Fault | None) -> tuple[AlteredWrite, ...]:
        start, end = write.start, write.start + write.length
        payload = write.value[start:end]
        match fault:
            case Fault.DROP | Fault.STOP:
                return ()
            case Fault.REPEAT:
                return _plain((write, write))
            case Fault.OVERWRITE:
                changed = self._previous.ljust(len(payload), b"\xff")[: len(payload)]
            case Fault.CORRUPT:
                middle = len(payload) // 2
                changed = payload[:middle] + bytes((payload[middle] ^ 0xFF,)) + payload[middle + 1 :]
            case Fault.CUT:
                changed = payload[: len(payload) // 2]
            case _:
                return _plain((write,))
        value = write.value[:start] + changed + write.value[end:]
        return (AlteredWrite(write=replace(write, value=value, length=len(changed)), altered=True),)


def _plain(writes: Iterable[Write]) -> tuple[AlteredWrite, ...]:
    return tuple(AlteredWrite(write=write) for write in writes)
