"""The device on which a walk is made: what the image alone does not say."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.check import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """What the verifier knows beside the image.

    Attributes:
        idf: ESP-IDF version of the running firmware (``v4.4.8``, ``v5.5``, ``master``); None takes the
            version from the image's app descriptor, else the newest.
        chip: The device's chip (``esp32c3``); None takes the image's.
        partition_offset: Flash address of the slot.
        partition_size: Bytes of the slot; None is large enough for the image.
        flash_size: Bytes of flash; what lies outside the image reads as 0xFF. None is 4 MiB, or what a
            larger image needs.
        chip_revision: major * 100 + minor; None is new enough for the image.
        efuse_block_revision: major * 100 + minor; None is new enough for the image's app descriptor.
        free_pages: MMU pages free for mapping, printed by the verifier.
        level: Most detailed level printed: ``error``, ``warning``, ``info``, ``debug``, ``verbose``.
        mmu_page: Bytes of the firmware's MMU pages; None is the size for which the image was built.
        secure_version: Lowest secure version that the firmware takes (anti-rollback); None is not known.
        signature: Scheme that the firmware demands (``secure boot v2 (RSA-3072)``); None is not known, and ``none`` when it
            demands no signature.
        key_digests: Digests of the keys that the device trusts, hex, as its eFuses hold them.
    """

    idf: str | None = None
    chip: str | None = None
    partition_offset: int = 0x110000
    partition_size: int | None = None
    flash_size: int | None = None
    chip_revision: int | None = None
    efuse_block_revision: int | None = None
    free_pages: int = 62
    level: str = "verbose"
    mmu_page: int | None = None
    secure_version: int | None = None
    signature: str | None = None
    key_digests: tuple[str, ...] = ()


DEFAULT_SETTINGS = DeviceSettings()
"""The newest firmware on the image's own chip, in a slot that is large enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The device's verification of one image.

    Attributes:
        checks: In the device's order, also those that it would not reach.
        lines: What it prints, up to where it stops.
        err: The returned ``esp_err_t``, signed; 0 when accepted.
        image_length: Bytes of the image when accepted, else None.
        idf: The ESP-IDF version that was walked (``v4.4.8``, ``master``).
        chip: The device's chip, as ESP-IDF names it (``esp32c3``).
        mmu_page: Bytes of the MMU pages for which the image was built.
    """

    checks: tuple[Check, ...]
    lines: tuple[str, ...]
    err: int
    image_length: int | None
    idf: str = "master"
    chip: str = "esp32"
    mmu_page: int = 0x10000
