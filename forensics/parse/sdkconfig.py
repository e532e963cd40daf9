"""``sdkconfig``: what the firmware that runs on the device was configured for."""

from __future__ import annotations

import re
from dataclasses import replace

from forensics.errors import InputError
from forensics.model.device import DeviceSettings
from forensics.spec.chips import chip_by_name

_LINE = re.compile(r'^CONFIG_(\w++)=("?)([^"\r\n]*+)\2[ \t\r]*+$', re.MULTILINE)
_VERSION = re.compile(r"ESP-IDF\) (v?\d{1,3}\.\d{1,3}(?:\.\d{1,3})?)[^\n]{0,40} Project Configuration")
_SCHEMES = {
    "SECURE_SIGNED_APPS_RSA_SCHEME": "secure boot v2 (RSA-3072)",
    "SECURE_SIGNED_APPS_ECDSA_V2_SCHEME": "secure boot v2 (ECDSA)",
    "SECURE_SIGNED_APPS_ECDSA_SCHEME": "secure boot v1 (ECDSA)",
}
_SIGNED = ("SECURE_SIGNED_ON_UPDATE", "SECURE_SIGNED_ON_UPDATE_NO_SECURE_BOOT", "SECURE_SIGNED_APPS", "SECURE_BOOT")
_MEGABYTE = 1 << 20
_FEWEST = 3
"""Lines ``CONFIG_...=`` that a configuration has at least."""


def device_of_sdkconfig(text: str, settings: DeviceSettings, *, name: str) -> tuple[DeviceSettings, int | None]:
    """The device of ``settings`` as ``text`` configures it, and the flash address of its partition table if it says that.

    Source: Kconfig files of components/esptool_py, esp_mm, bootloader and partition_table, ESP-IDF v5.5.

    Args:
        text: The file.
        settings: The device, as far as it is known.
        name: How messages call the file.

    Raises:
        InputError: it is no sdkconfig.
    """
    values = {key: value for key, _, value in _LINE.findall(text)}
    if "IDF_TARGET" not in values:
        raise InputError(
            "is no sdkconfig: it names no CONFIG_IDF_TARGET",
            name=name,
            next_step="give the sdkconfig of the project's folder",
        )
    version = _VERSION.search(text)
    signed = any(values.get(key) == "y" for key in _SIGNED)
    scheme = next((scheme for key, scheme in _SCHEMES.items() if values.get(key) == "y"), None)
    lowest = _number(values, "BOOTLOADER_APP_SECURE_VERSION") if values.get("BOOTLOADER_APP_ANTI_ROLLBACK") == "y" else None
    flash = re.fullmatch(r"(\d{1,3})MB", values.get("ESPTOOLPY_FLASHSIZE", ""))
    found = replace(
        settings,
        chip=_target(values) or settings.chip,
        idf=version[1] if version else settings.idf,
        mmu_page=_number(values, "MMU_PAGE_SIZE") or settings.mmu_page,
        flash_size=int(flash[1]) * _MEGABYTE if flash else settings.flash_size,
        signature=(scheme or "secure boot") if signed else "none",
        secure_version=lowest,
    )
    return found, _number(values, "PARTITION_TABLE_OFFSET")


def _target(values: dict[str, str]) -> str | None:
    """The chip; ESP-IDF before v4.1 knew one, and ESP8266_RTOS_SDK names its own otherwise."""
    named = values.get("IDF_TARGET") or values.get("TARGET_PLATFORM")
    if named is None and any(key.startswith("ESP32_") for key in values):
        return "esp32"
    return named if named and chip_by_name(named) else None


def _number(values: dict[str, str], key: str) -> int | None:
    try:
        return int(values[key], 0)
    except (KeyError, ValueError):
        return None
