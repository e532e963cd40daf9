"""The CRC of link layer packets.

Source: Bluetooth Core Specification 5.4, volume 6, part B, section 3.1.1: polynomial
x^24 + x^10 + x^9 + x^6 + x^4 + x^3 + x + 1, least significant bit first.
"""

from __future__ import annotations

_REFLECTED_POLYNOMIAL = 0xDA6000
_WIDTH = 24


def _entry(value: int) -> int:
    for _bit in range(8):
        value = value >> 1 ^ (_REFLECTED_POLYNOMIAL if value & 1 else 0)
    return value


_TABLE = tuple(_entry(value) for value in range(256))


def crc24(pdu: bytes, init: int) -> bytes:
    """The three bytes that follow ``pdu`` on the air; ``init`` as CONNECT_IND gives it (little endian)."""
    state = int(f"{init:0{_WIDTH}b}"[::-1], 2)
    for value in pdu:
        state = state >> 8 ^ _TABLE[(state ^ value) & 0xFF]
    return state.to_bytes(3, "little")
