"""``esp_ota_begin``, ``esp_ota_write`` and ``esp_ota_end`` over a slot of the virtual flash.

Source: ESP-IDF v5.4, components/app_update/esp_ota_ops.c.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from forensics.live.virtual.flash import SECTOR_SIZE, NorFlash, Slot
from forensics.live.virtual.serial_port import SerialPort
from forensics.model.device import DeviceSettings, Walk
from forensics.spec.esp_err import ESP_ERR_INVALID_ARG, ESP_ERR_INVALID_SIZE, ESP_OK
from forensics.spec.esp_image import IMAGE_MAGIC

ESP_ERR_OTA_VALIDATE_FAILED = 0x1503
"""Source: ESP-IDF v5.4, components/app_update/include/esp_ota_ops.h."""

_TAG = "esp_ota_ops"
_NAMES = {
    ESP_ERR_INVALID_ARG: "ESP_ERR_INVALID_ARG",
    ESP_ERR_INVALID_SIZE: "ESP_ERR_INVALID_SIZE",
    ESP_ERR_OTA_VALIDATE_FAILED: "ESP_ERR_OTA_VALIDATE_FAILED",
}

Verify = Callable[[bytes, DeviceSettings], Walk]
"""The device's walk over an image, as ``forensics.verify.predict.predict_log`` makes it."""


def error_name(err: int) -> str:
    """``esp_err_to_name`` of what this module returns."""
    return _NAMES.get(err, "ESP_OK" if err == ESP_OK else "ESP_FAIL")


class Erase(StrEnum):
    """When the slot is erased."""

    WHOLE = "whole"
    """By ``esp_ota_begin``, the whole slot (``OTA_SIZE_UNKNOWN``)."""
    SEQUENTIAL = "sequential"
    """Sector by sector as writes come to it (``OTA_WITH_SEQUENTIAL_WRITES``): older bytes stay behind the last."""
    NEVER = "never"
    """By nobody: firmware that writes with ``esp_partition_write`` and forgot."""


class OtaUpdate:
    """The handle of one update.

    Attributes:
        written: Bytes written so far.
    """

    def __init__(self, flash: NorFlash, slot: Slot, erase: Erase, serial: SerialPort) -> None:
        self._flash, self._slot, self._erase, self._serial = flash, slot, erase, serial
        self.written = 0
        if erase is Erase.WHOLE:
            flash.erase(slot.offset, slot.size)

    def write(self, content: bytes) -> int:
        """Appends to what was written, and gives an ``esp_err_t``."""
        if not content:
            self._serial.error(_TAG, "write data size is 0")
            return ESP_ERR_INVALID_ARG
        if self.written == 0 and content[0] != IMAGE_MAGIC:
            self._serial.error(_TAG, f"OTA image has invalid magic byte (expected 0xE9, saw 0x{content[0]:02x})")
            return ESP_ERR_OTA_VALIDATE_FAILED
        end = self.written + len(content)
        if end > self._slot.size:
            return ESP_ERR_INVALID_SIZE
        if self._erase is Erase.SEQUENTIAL:
            self._erase_up_to(end)
        self._flash.write(self._slot.offset + self.written, content)
        self.written = end
        return ESP_OK

    def _erase_up_to(self, end: int) -> None:
        """Erases the sectors that the next write is the first to touch."""
        erased = -(-self.written // SECTOR_SIZE) * SECTOR_SIZE
        wanted = -(-end // SECTOR_SIZE) * SECTOR_SIZE
        if wanted > erased:
            self._flash.erase(self._slot.offset + erased, wanted - erased)

    def end(self, verify: Verify, settings: DeviceSettings) -> int:
        """Verifies what was written as the device would boot it, prints that walk, and gives an ``esp_err_t``."""
        if not self.written:
            return ESP_ERR_INVALID_ARG
        walk = verify(self._flash.read(self._slot.offset, self._slot.size), settings)
        self._serial.walked(walk.lines)
        return ESP_ERR_OTA_VALIDATE_FAILED if walk.err else ESP_OK
