"""Lines that ``idf.py monitor`` adds: addresses decoded with the running app's ELF file.

Source: ``components/freertos/xtensa_vectors.S`` at each tag; the line number of ``_iram_start`` tells
versions apart.
"""

from __future__ import annotations

from forensics.spec.log_lines.template import LineTemplate, LineUse

LINES = (
    LineTemplate(
        kind="known",
        text="0x40080000: _iram_start at {...}xtensa_vectors.S:1685",
        use=LineUse.KNOWN,
        versions="v3.0 v3.1.0-v3.1.2",
    ),
    LineTemplate(kind="known", text="0x{address:x8}: {symbol:w} at {place:text}", use=LineUse.KNOWN),
    LineTemplate(kind="known", text="0x{address:x8}: {symbol:w} in ROM", use=LineUse.KNOWN),
    LineTemplate(kind="known", text="esp-idf-monitor {version:text}", use=LineUse.KNOWN),
    LineTemplate(kind="known", text="Quit: Ctrl+{keys:text}", use=LineUse.KNOWN),
)
