from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.live.virtual.flash import ERASE_MICROSECONDS, PAGE_MICROSECONDS, SECTOR_SIZE, NorFlash


@given(st.binary(min_size=1, max_size=600), st.binary(min_size=1, max_size=600), st.integers(0, 3000))
def test_a_write_only_clears_bits(first: bytes, second: bytes, at: int) -> None:
    flash = NorFlash(2 * SECTOR_SIZE)
    flash.write(at, first)
    flash.write(at, second)
    both = max(len(first), len(second))
    one, other = first.ljust(both, b"\xff"), second.ljust(both, b"\xff")
    assert flash.read(at, both) == bytes(a & b for a, b in zip(one, other, strict=True))
    assert flash.read(0, at) == b"\xff" * at


def test_an_erased_sector_takes_new_bytes() -> None:
    flash = NorFlash(3 * SECTOR_SIZE)
    flash.write(0, bytes(3 * SECTOR_SIZE))
    flash.erase(SECTOR_SIZE, SECTOR_SIZE)
    assert flash.read(0, 3 * SECTOR_SIZE) == bytes(SECTOR_SIZE) + b"\xff" * SECTOR_SIZE + bytes(SECTOR_SIZE)
    flash.write(SECTOR_SIZE, b"\xe9")
    assert flash.read(SECTOR_SIZE, 1) == b"\xe9"


@pytest.mark.parametrize(("address", "size"), [(1, SECTOR_SIZE), (0, 100), (SECTOR_SIZE, SECTOR_SIZE)])
def test_only_whole_sectors_inside_are_erased(address: int, size: int) -> None:
    with pytest.raises(UsageError):
        NorFlash(SECTOR_SIZE).erase(address, size)


def test_nothing_is_written_outside() -> None:
    with pytest.raises(UsageError):
        NorFlash(SECTOR_SIZE).write(SECTOR_SIZE - 1, b"ab")


def test_work_takes_time() -> None:
    flash = NorFlash(2 * SECTOR_SIZE)
    flash.erase(0, 2 * SECTOR_SIZE)
    assert flash.busy_microseconds == 2 * ERASE_MICROSECONDS
    flash.write(250, bytes(10))  # over the edge of a page
    assert flash.busy_microseconds == 2 * ERASE_MICROSECONDS + 2 * PAGE_MICROSECONDS
