"""The faults that a search goes through, likeliest and cheapest first."""

from __future__ import annotations

from forensics.solve.families.fills import Filled, Intact
from forensics.solve.families.moves import Moved, Swapped
from forensics.solve.families.overwrites import OverwrittenByAny, OverwrittenNearby
from forensics.solve.families.shifts import Dropped, DroppedInBlock, Duplicated
from forensics.solve.families.truncations import TruncatedAnywhere, TruncatedAtChunk
from forensics.solve.family import Family, Scene, Story

NEAR = 16
"""How many chunks apart two are that change places in a queue of a sender or a Bluetooth stack."""

LONGEST_RUN = 16
"""Consecutive chunks in one fault."""

FAMILIES: tuple[Family, ...] = (
    Intact(),
    Filled(name="filled", counts=range(1, 2)),
    OverwrittenNearby(),
    Swapped(name="adjacent-swap", words="swaps of neighbouring chunks", nearest=1, farthest=1),
    Dropped(counts=range(1, LONGEST_RUN + 1)),
    Duplicated(counts=range(1, LONGEST_RUN + 1)),
    DroppedInBlock(),
    TruncatedAtChunk(),
    Filled(name="filled-run", counts=range(2, LONGEST_RUN + 1)),
    Swapped(name="near-swap", words=f"swaps of chunks up to {NEAR} apart", nearest=2, farthest=NEAR),
    OverwrittenByAny(),
    Moved(distances=range(2, NEAR + 1)),
    TruncatedAnywhere(),
    Swapped(name="far-swap", words=f"swaps of chunks more than {NEAR} apart", nearest=NEAR + 1, farthest=None),
)

__all__ = ["FAMILIES", "Family", "Scene", "Story"]
