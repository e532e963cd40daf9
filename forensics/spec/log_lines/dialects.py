"""Every line of a device log that otadiff understands, with the ESP-IDF releases that print it.

A new dialect is one module here and one row of ``DIALECTS``.
"""

from __future__ import annotations

from forensics.spec.log_lines import (
    arduino,
    bluetooth,
    boot,
    common,
    delta,
    encrypted,
    esp8266,
    esp_image,
    esphome,
    hosted,
    https,
    libraries,
    mcuboot,
    monitor,
    ota,
    rom,
    secure_boot,
    sender,
    tap,
    tasmota,
    tools,
)
from forensics.spec.log_lines.template import LineTemplate, Meaning

DIALECTS: tuple[tuple[str, tuple[LineTemplate, ...]], ...] = (
    ("esp_image", esp_image.LINES),
    ("boot", boot.LINES),
    ("esp_ota_ops", ota.LINES),
    ("secure_boot", secure_boot.LINES),
    ("rom", rom.LINES),
    ("bluetooth", bluetooth.LINES),
    ("https", (*https.LINES, *encrypted.LINES, *delta.LINES)),
    (
        "libraries",
        (
            *libraries.LINES,
            *esp8266.LINES,
            *arduino.LINES,
            *esphome.LINES,
            *tasmota.LINES,
            *mcuboot.LINES,
            *hosted.LINES,
            *tools.LINES,
        ),
    ),
    ("sender", sender.LINES),
    ("tap", tap.LINES),
    ("monitor", monitor.LINES),
)
"""The dialects in the order in which they are tried; within one, the more telling wording stands first."""

MEANINGS: dict[str, Meaning] = {
    key: meaning
    for module in (
        common, boot, ota, rom, bluetooth, https, encrypted, delta,
        esp8266, arduino, esphome, tasmota, mcuboot, hosted, tools,
    )
    for key, meaning in module.MEANINGS.items()
}  # fmt: skip
"""What lines say by themselves, by the key that their templates name in ``means``."""

TAGS = (
    "esp_image", "boot", "boot_comm", "esp_ota_ops", "esp_https_ota", "flash_parts", "flash_encrypt",
    "bootloader_flash", "bootloader_mmap", "bootloader_common", "NimBLE", "otatap",
    "secure_boot", "secure_boot_v1", "secure_boot_v2", "secure_boot_v2_rsa", "secure_boot_v2_ecdsa",
)  # fmt: skip
"""Tags under which the lines of ESP-IDF and of the tap stand, beside ``boot.esp32*``: enough to know a line whose head
was lost."""
