"""The checksums of the sectors of the slot, as the tap in the device gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forensics.model.solve import Reading, SectorMap


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
