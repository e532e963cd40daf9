"""Every line of a device log that otadiff understands, with the ESP-IDF releases that print it.

A new dialect is one module here and one row of ``DIALECTS``.
"""

from __future__ import annotations

from forensics.spec.log_lines import bluetooth, boot, esp_image, libraries, monitor, ota, rom, secure_boot, tap
from forensics.spec.log_lines.esp_image import SEGMENT_ADDRESS_OF_HEADER
from forensics.spec.log_lines.releases import ANY_RELEASE, describe_releases, releases
from forensics.spec.log_lines.template import LineTemplate, LineUse

DIALECTS: tuple[tuple[str, tuple[LineTemplate, ...]], ...] = (
    ("esp_image", esp_image.LINES),
    ("boot", boot.LINES),
    ("esp_ota_ops", ota.LINES),
    ("secure_boot", secure_boot.LINES),
    ("rom", rom.LINES),
    ("bluetooth", bluetooth.LINES),
    ("libraries", libraries.LINES),
    ("tap", tap.LINES),
    ("monitor", monitor.LINES),
)
"""The dialects in the order in which they are tried; within one, the more telling wording stands first."""

TAGS = (
    "esp_image", "boot", "boot_comm", "esp_ota_ops", "esp_https_ota", "flash_parts", "flash_encrypt",
    "bootloader_flash", "bootloader_mmap", "bootloader_common", "NimBLE", "otatap",
    "secure_boot", "secure_boot_v1", "secure_boot_v2", "secure_boot_v2_rsa", "secure_boot_v2_ecdsa",
)  # fmt: skip
"""Tags under which the lines of ESP-IDF and of the tap stand, beside ``boot.esp32*``: enough to know a line whose head
was lost."""

__all__ = [
    "ANY_RELEASE",
    "DIALECTS",
    "SEGMENT_ADDRESS_OF_HEADER",
    "TAGS",
    "LineTemplate",
    "LineUse",
    "describe_releases",
    "releases",
]
