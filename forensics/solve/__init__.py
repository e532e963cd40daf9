"""Finds the fault from the sent bytes and what a log or a few checksums prove, without a dump.

Knows bytes and proven facts, no log text: a search for the image whose SHA-256 the device printed, a look-up
of a mistaken segment length, and a reading of sector checksums.
"""

from __future__ import annotations

from forensics.solve.search import solve
from forensics.solve.sector_stories import sector_stories
from forensics.solve.sectors import map_sectors

__all__ = ["map_sectors", "sector_stories", "solve"]
