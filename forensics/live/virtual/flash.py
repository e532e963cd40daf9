"""NOR flash: erased by the sector to ones, written by clearing bits, and slow at both."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.errors import UsageError

SECTOR_SIZE = 4096
"""Erase unit. Source: ESP-IDF v5.4 ``spi_flash_mmap.h``, ``SPI_FLASH_SEC_SIZE``."""

PAGE_SIZE = 256
"""Bytes that one program command takes, as every serial NOR flash on ESP32 modules has them."""

ERASE_MICROSECONDS = 45_000
PAGE_MICROSECONDS = 700
"""Typical times of the flash on modules (4 KB sector erase, page program), as its data sheets give them."""

_ERASED = b"\xff" * SECTOR_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """An app partition: its label, flash address and bytes."""

    label: str
    offset: int
    size: int


class NorFlash:
    """The whole flash of a device.

    Attributes:
        busy_microseconds: How long all erasing and writing so far would have taken.
    """

    def __init__(self, size: int = 0x400000) -> None:
        self._cells = bytearray(b"\xff") * size
        self.busy_microseconds = 0

    def read(self, address: int, size: int) -> bytes:
        """``size`` bytes at a flash address.

        Raises:
            UsageError: the range leaves the flash.
        """
        self._check(address, size)
        return bytes(self._cells[address : address + size])

    def erase(self, address: int, size: int) -> None:
        """Sets whole sectors to 0xFF.

        Raises:
            UsageError: the range is not of whole sectors, or leaves the flash.
        """
        self._check(address, size)
        if address % SECTOR_SIZE or size % SECTOR_SIZE:
            raise UsageError(
                f"flash is erased by whole sectors, not {size} bytes at 0x{address:x}",
                next_step="erase from a multiple of 4096, and a multiple of it",
            )
        sectors = size // SECTOR_SIZE
        self._cells[address : address + size] = _ERASED * sectors
        self.busy_microseconds += sectors * ERASE_MICROSECONDS

    def write(self, address: int, content: bytes) -> None:
        """Clears the bits that are 0 in ``content``; a cleared bit stays cleared until its sector is erased.

        Raises:
            UsageError: the range leaves the flash.
        """
        size = len(content)
        self._check(address, size)
        old = int.from_bytes(self._cells[address : address + size], "big")
        self._cells[address : address + size] = (old & int.from_bytes(content, "big")).to_bytes(size, "big")
        if size:
            pages = (address + size - 1) // PAGE_SIZE - address // PAGE_SIZE + 1
            self.busy_microseconds += pages * PAGE_MICROSECONDS

    def _check(self, address: int, size: int) -> None:
        if not 0 <= address <= address + size <= len(self._cells):
            raise UsageError(
                f"{size} bytes at 0x{address:x} are outside a flash of {len(self._cells)} bytes",
                next_step="make the flash larger",
            )
