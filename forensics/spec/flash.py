"""Facts about the SPI flash of every ESP32."""

from __future__ import annotations

SECTOR = 4096
"""Bytes of one erase unit. Source: ESP-IDF v5.4 ``spi_flash_mmap.h``, ``SPI_FLASH_SEC_SIZE``."""

ERASED_SECTOR = b"\xff" * SECTOR
"""A sector that was erased and not written: all bits are set."""
