"""Names of the flash settings in the image header, as esptool gives them.

Source: esptool 5.6, ``targets/*.py`` (``FLASH_SIZES``, ``FLASH_FREQUENCY``); ESP-IDF v5.4,
``esp_image_spi_freq_t``.
"""

from __future__ import annotations

from forensics.spec.chips import Chip
from forensics.spec.esp_image import SPI_MODES

_SIZES = dict(enumerate(("1MB", "2MB", "4MB", "8MB", "16MB", "32MB", "64MB", "128MB")))
_ESP8266_SIZES = {
    0: "512KB",
    1: "256KB",
    2: "1MB",
    3: "2MB",
    4: "4MB",
    5: "2MB-c1",
    6: "4MB-c1",
    8: "8MB",
    9: "16MB",
}
_SPEEDS = {0xF: "80m", 0: "40m", 1: "26m", 2: "20m"}
_SPEEDS_OF_CHIP = {
    "esp32c2": {0xF: "60m", 0: "30m", 1: "20m", 2: "15m"},
    "esp32c5": {0xF: "80m", 0: "40m", 2: "20m"},
    "esp32c6": {0: "80m or 40m", 2: "20m"},
    "esp32c61": {0xF: "80m", 0: "40m", 2: "20m"},
    "esp32h2": {0xF: "48m", 0: "24m", 1: "16m", 2: "12m"},
    "esp32h21": {0xF: "48m", 0: "24m", 1: "16m", 2: "12m"},
    "esp32h4": {0xF: "48m", 0: "24m", 1: "16m", 2: "12m"},
}


def flash_mode_name(mode: int) -> str:
    """``DIO`` and the like, or the number in hex where no chip knows it."""
    return SPI_MODES[mode] if 0 <= mode < len(SPI_MODES) else f"0x{mode:x}"


def flash_size_name(size: int, chip: Chip | None = None) -> str:
    """``4MB`` and the like for a ``spi_size``, or the number in hex."""
    sizes = _ESP8266_SIZES if chip is not None and chip.esp8266 else _SIZES
    return sizes.get(size, f"0x{size:x}")


def flash_speed_name(speed: int, chip: Chip | None = None) -> str:
    """``80m`` and the like for a ``spi_speed``, or the number in hex."""
    speeds = _SPEEDS_OF_CHIP.get(chip.target, _SPEEDS) if chip is not None else _SPEEDS
    return speeds.get(speed, f"0x{speed:x}")
