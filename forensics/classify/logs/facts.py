"""All that is known of one log when findings are drawn from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from forensics.classify.facts import Side
from forensics.classify.logs.proven import Proof, prove
from forensics.model.log import DeviceLog, LogError, LogEvent, LogPass
from forensics.model.solve import LengthHit, Reading, SectorMap, SolveResult

LocateLength = Callable[[bytes, int, int, Sequence[int] | None], tuple[LengthHit, ...]]
"""SENT, the length that was printed, the file offset where it was read, and the chunk sizes, or None."""

PredictWalks = Callable[[bytes, LogPass], Iterable[LogPass]]
"""The walks that a device would log over these bytes in the slot of the logged one, one for each release it may run."""

MOST_FAILURES = 100
"""Different objections kept from the beginning of a log, and as many from its end."""

LINES_KEPT = 12
"""Line numbers of one finding; a transfer that restarts at every chunk prints thousands of equal ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One objection of the device, however often it was printed.

    Attributes:
        error: As it stands in the last walk that has it.
        walk: That walk.
        lines: Where the same objection to the same image stands.
        healed: A later walk of the same image passed.
        aside: The device looked at the slot in passing, as on the first boot with flash encryption.
    """

    error: LogError
    walk: LogPass
    lines: tuple[int, ...]
    healed: bool = False
    aside: bool = False

    @property
    def benign(self) -> bool:
        """It does not decide about the image."""
        return self.healed or self.aside

    @property
    def proof(self) -> Proof:
        """What the walk proves."""
        return prove(self.walk)

    def number(self, name: str) -> int:
        """An integer field of the line, 0 when the line has none."""
        value = self.error.fields.get(name, 0)
        return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotMap:
    """The checksums of the slot's sectors that the tap in the device gave, beside the files.

    Attributes:
        crcs: CRC32 of each known sector by its index in the slot.
        lines: Line of the log that holds a sector; empty when the map was notified.
        damaged: Lines of the map that cannot be read whole.
        earlier: How many maps stand before this one in the log, of other attempts.
        found: The map held against SENT, or None without SENT.
        readings: Ways to tell how SENT became what the slot holds, likeliest first; none when no simple fault does.
        withheld: The first bytes of the slot were still erased, and all else in its first sector is right.
        unlike_dump: Sectors in which the dump at hand differs from the map; None when none of it can be compared.
    """

    crcs: Mapping[int, int]
    lines: Mapping[int, int] = field(default_factory=dict)
    damaged: tuple[int, ...] = ()
    earlier: int = 0
    found: SectorMap | None = None
    readings: tuple[Reading, ...] = ()
    withheld: bool = False
    unlike_dump: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFacts:
    """The case.

    Attributes:
        sent: The image that was sent, or None.
        received: A dump of the slot, or None.
        locate: Looks a length up in SENT.
        predict: Walks over given bytes.
        solved: Result of the search for the calculated hash, or None when there was none.
        chunk_sizes: Bytes of a chunk as given, else None.
        name: How the log is called in commands.
        failures: Every objection of the device, in the order of the log.
        slot_map: The map of the slot that the log holds, or None.
    """

    log: DeviceLog
    sent: Side | None = None
    received: Side | None = None
    locate: LocateLength | None = None
    predict: PredictWalks | None = None
    solved: SolveResult | None = None
    chunk_sizes: tuple[int, ...] | None = None
    name: str = "device.log"
    failures: tuple[Failure, ...] = field(default=())
    slot_map: SlotMap | None = None

    def of_kind(self, *kinds: str) -> list[Failure]:
        """The objections of these kinds."""
        return [failure for failure in self.failures if failure.error.kind in kinds]

    def events(self, *kinds: str) -> list[LogEvent]:
        """The events of these kinds."""
        return [event for event in self.log.events if event.kind in kinds]


def failures_of(log: DeviceLog) -> tuple[Failure, ...]:
    """Equal objections to one image as one, with all their lines."""
    decided = {walk.image_start: walk.outcome for walk in log.passes if walk.outcome != "unknown"}
    encrypting = [event.line for event in log.events if event.kind == "flash_encryption"]
    found: dict[object, Failure] = {}
    for walk, error in _errors(log):
        key = (walk.image_start, error.kind, tuple(sorted(error.fields.items(), key=str)))
        before = found.pop(key, None) if error.kind != "ota_invalid_magic_byte" else None
        lines = (*before.lines, error.line) if before else (error.line,)
        found[key if error.kind != "ota_invalid_magic_byte" else error.line] = Failure(
            error=error,
            walk=walk,
            lines=lines[-LINES_KEPT:],
            healed=walk.image_start is not None and decided.get(walk.image_start) == "passed",
            aside=bool(encrypting) and min(encrypting) < error.line and error.kind == "invalid_magic_byte",
        )
    kept = tuple(found.values())
    return kept if len(kept) <= 2 * MOST_FAILURES else (*kept[:MOST_FAILURES], *kept[-MOST_FAILURES:])


def _errors(log: DeviceLog) -> Iterator[tuple[LogPass, LogError]]:
    for walk in log.passes:
        for error in walk.errors:
            yield walk, error
