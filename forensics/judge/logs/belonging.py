"""Whether a walk of the log and an image belong together."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.judge.case import Side
from forensics.judge.logs.proven import SegmentEntry, prove
from forensics.model.image import Segment
from forensics.model.log import DeviceLog, LogPass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """How one walk agrees with one image.

    Attributes:
        shown: Segment headers that the log shows.
        agree: How many of them, from the first, are those of the image.
        header: The image header line agrees; None when the log has none.
        conflicts: What is different, as clauses.
    """

    walk: LogPass
    shown: int
    agree: int
    header: bool | None
    conflicts: tuple[str, ...]

    @property
    def related(self) -> bool:
        """Something of the image was recognised."""
        return self.agree > 0 or (self.header is True and not self.shown)

    @property
    def complete(self) -> bool:
        """All that the log shows of the headers is the image's."""
        return self.related and self.agree == self.shown and self.header is not False

    @property
    def foreign(self) -> bool:
        """The log shows headers, and from the first on they are another image's."""
        return not self.related and bool(self.conflicts)


def kinship(walk: LogPass, side: Side) -> Kinship:
    """``walk`` held against the image of ``side``."""
    proof = prove(walk)
    image = side.image
    conflicts: list[str] = []
    agree = 0
    counting = True
    for one in proof.segments:
        known = image.segments[one.index] if one.index < len(image.segments) else None
        if known is not None and (known.load_addr, known.data_len) == (one.load_addr, one.data_len):
            agree += counting
            continue
        counting = False
        if len(conflicts) < 3:
            conflicts.append(_conflict(one, known, side.name))
    header = _header(walk, side, conflicts)
    return Kinship(walk=walk, shown=len(proof.segments), agree=agree, header=header, conflicts=tuple(conflicts))


def _conflict(one: SegmentEntry, known: Segment | None, name: str) -> str:
    if known is None:
        return f"segment {one.index} of the log does not exist in {name}"
    if known.load_addr == one.load_addr:
        return f"segment {one.index} has {one.data_len} bytes in the log and {known.data_len} in {name}"
    return f"segment {one.index} has load address 0x{one.load_addr:08x} in the log and 0x{known.load_addr:08x} in {name}"


def _header(walk: LogPass, side: Side, conflicts: list[str]) -> bool | None:
    logged, known = walk.header, side.image.header
    if logged is None or known is None:
        return None
    pairs = (
        ("segment count", logged.segment_count, known.segment_count),
        ("SPI mode", logged.spi_mode, known.spi_mode),
        ("SPI size", logged.spi_size, known.spi_size),
        ("entry address", logged.entry_addr, known.entry_addr),
    )
    different = [
        f"{name} 0x{theirs:x} in the log, 0x{ours:x} in {side.name}" for name, theirs, ours in pairs if theirs != ours
    ]
    conflicts.extend(different[:1])
    return not different


def kindred(log: DeviceLog, side: Side) -> tuple[Kinship, ...]:
    """The walks that show anything of an image, the most telling first; of equals, the last of the log."""
    found = [kinship(walk, side) for walk in log.passes]
    telling = [one for one in found if one.shown or one.header is not None]
    telling.reverse()
    return tuple(sorted(telling, key=lambda one: (-one.agree, one.header is not True)))
