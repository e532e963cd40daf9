"""The image's checksum, as every side of otadiff calculates it."""

from __future__ import annotations

CHECKSUM_SEED = 0xEF
"""First value of the XOR (``ESP_ROM_CHECKSUM_INITIAL``, esp_image_format.c, ESP-IDF v5.4)."""

_BLOCK = 1 << 14


def xor_bytes(data: bytes | memoryview, value: int = 0) -> int:
    """XOR of all bytes of ``data`` and of ``value``.

    The device folds 32-bit words; XOR has no order, so whole blocks are folded here as one big integer each.
    """
    size = len(data)
    folded = 0
    for start in range(0, size, _BLOCK):
        folded ^= int.from_bytes(data[start : start + _BLOCK], "little")
    width = 8 * min(size, _BLOCK)
    while width > 8:
        half = (width // 8 + 1) // 2 * 8
        folded = (folded >> half) ^ (folded & ((1 << half) - 1))
        width = half
    return folded ^ value
