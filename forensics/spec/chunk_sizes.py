"""The chunk sizes of common senders."""

from __future__ import annotations

USUAL_GRIDS: tuple[tuple[int, int | None], ...] = (
    (244, None),
    (512, None),
    (509, None),
    (500, None),
    (510, None),
    (182, None),
    (180, None),
    (185, None),
    (495, None),
    (253, None),
    (256, None),
    (128, None),
    (460, 4096),
    (4096, None),
    (509, 4096),
    (500, 4096),
    (244, 4096),
    (509, 16000),
    (244, 16000),
    (20, None),
)
"""Chunk size and restart block, likeliest first.

Payloads follow from the ATT MTU (247, 512, 185, 256, 23, less the ATT header) and the protocols' own headers;
4096 is Espressif ble_ota's sector, 16000 the part of fbiego's.
"""

USUAL_SIZES = tuple(dict.fromkeys(size for size, _ in USUAL_GRIDS))
"""Bytes of a chunk, likeliest first."""
