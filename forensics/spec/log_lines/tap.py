"""The map of the written slot that ``samples/firmware/otatap.h`` prints, some sectors of 4096 bytes a line.

Source: ``otatap_print_map`` of that header. ``line_check`` of ``spec/tap.py`` is the check of a line.
"""

from __future__ import annotations

from forensics.spec.log_lines.template import LineTemplate, LineUse

SECTOR_MAP = "sector_map"
"""Kind of the lines: index of the first sector in hex, how many there are, a CRC32 each, and the line's own check."""

LINES = (
    LineTemplate(
        kind=SECTOR_MAP,
        text="OTAMAP {first:x} {count:d} {crcs:crcs} ={check:x8}",
        use=LineUse.EVENT,
        anywhere="OTAMAP",
    ),
    # Cut, or short of characters: its sectors are unknown, and that is worth telling.
    LineTemplate(
        kind=SECTOR_MAP,
        text="OTAMAP {rest:cut}",
        use=LineUse.EVENT,
        constants=(("damaged", 1),),
        anywhere="OTAMAP",
    ),
)
