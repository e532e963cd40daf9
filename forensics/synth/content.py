"""Fills the segments of a layout with bytes that look like compiled firmware."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from random import Random

from forensics.synth.constant_data import ConstantWriter
from forensics.synth.machine_code import CodeWriter, InstructionSet


class Content(StrEnum):
    """What a segment holds, which decides how its bytes are distributed."""

    RODATA = "rodata"
    """Constants mapped from flash: texts, tables, pictures."""
    DATA = "data"
    """Initialised variables, copied to RAM."""
    VECTORS = "vectors"
    """Exception vectors, copied to instruction RAM."""
    RAM_CODE = "ram-code"
    """Functions that run from RAM."""
    FLASH_CODE = "flash-code"
    """Functions that run from flash."""
    ZERO = "zero"
    """Padding, or RTC memory without content."""


_ADDRESSES_PER_IMAGE = 4000
_ASSETS_FROM = 0x8000
_NUMBERS = (
    *(1 << shift for shift in range(6, 31)),
    *(0xFFFF, 0xFF00, 0xFFFFFF, 0x7FFFFFFF, 0xFFFF0000, 0xFFFFFFFE, 10000, 100000, 1000000, 0x0103, 0x1502),
    *(0x3FF00000, 0x3FF44000, 0x3FF48000, 0x60000000, 0x60008000, 0x600C0000),
)
_CODE = (Content.RAM_CODE, Content.FLASH_CODE, Content.VECTORS)


def fill_segments(plan: Sequence[tuple[Content, int, int]], *, instructions: InstructionSet, rng: Random) -> list[bytes]:
    """The data of every segment.

    Args:
        plan: Content, load address and data length (bytes) of each segment, in file order.
        instructions: What code is made of.
        rng: Source of every choice.
    """
    addresses = _address_pool(plan, rng)
    code_size = sum(size for content, _, size in plan if content in _CODE)
    code = CodeWriter(instructions, addresses, size=code_size, rng=rng)
    constants = ConstantWriter(addresses, rng=rng)
    filled = []
    for content, _, size in plan:
        match content:
            case Content.RODATA:
                assets = 0.0 if size < _ASSETS_FROM else min(0.6, size / 0xA0000)
                filled.append(constants.rodata(size, assets=assets))
            case Content.DATA:
                filled.append(constants.data(size))
            case Content.VECTORS:
                filled.append(code.vectors(size))
            case Content.RAM_CODE | Content.FLASH_CODE:
                filled.append(code.write(size, repetitive=content is Content.FLASH_CODE))
            case Content.ZERO:
                filled.append(bytes(size))
    return filled


def _address_pool(plan: Sequence[tuple[Content, int, int]], rng: Random) -> list[bytes]:
    """Load addresses inside the segments, some wanted far more often than others, and a few plain numbers."""
    used = [(load_addr, size) for content, load_addr, size in plan if size and content is not Content.ZERO]
    ranges = rng.choices(
        [range(start, start + size, 4) for start, size in used],
        [size for _, size in used],
        k=min(_ADDRESSES_PER_IMAGE, sum(size for _, size in used) // 32 + 8),
    )
    distinct = [rng.choice(addresses) for addresses in ranges]
    popular = rng.choices(distinct[: len(distinct) // 8 + 1], k=len(distinct) // 2)
    numbers = rng.choices(_NUMBERS, k=len(distinct) // 2)
    return [address.to_bytes(4, "little") for address in distinct + popular + numbers]
