"""The lines that the image verifier prints, and the ESP-IDF releases that print each.

Texts keep the device's wording, its slips included. ``{:x}`` stands where the source has ``%x``.

Source: components/bootloader_support/src/esp_image_format.c, bootloader_common.c (v3.1 to v4.0),
bootloader_common_loader.c (v4.1 on) and bootloader_flash/src/bootloader_flash.c, tags v3.0 to v6.0.2 and
master of July 2026; the ESP8266 lines: ESP8266_RTOS_SDK v3.4,
components/bootloader_support/src/esp_image_format.c.
"""

from __future__ import annotations

from dataclasses import dataclass

from forensics.spec.versions import ALL, IdfVersion, VersionRange, since, until

LEVELS = ("none", "error", "warning", "info", "debug", "verbose")
"""``esp_log_level_t``, least to most detailed; a line's letter is the first of its level, in capitals."""


@dataclass(frozen=True, slots=True)
class Message:
    """One wording of a line.

    ``level`` is a name of ``LEVELS``, ``tag`` the module that prints it, ``versions`` the releases with this
    wording.
    """

    level: str
    tag: str
    text: str
    versions: VersionRange = ALL


HEX_WITHOUT_PREFIX = since("v4.3")
FULL_REVISION = since("v4.3.5", "v4.4.5", "v5.0.1", "v5.1")
MAX_REVISION = since("v4.4.5", "v5.0.1", "v5.1")
CHIP_CHECK = since("v3.1.7", "v3.2.4", "v3.3.1", "v4.0")
"""Releases that look at ``chip_id``; the header bytes were reserved before."""

EFUSE_BLOCK_CHECK = since("v5.1.7", "v5.2.3", "v5.3.2", "v5.4")
"""Releases that compare the eFuse block revision with the app descriptor of an image."""

SPI_WARNINGS = until("v4.4")
SHORT_HASH = until("v3.2")
"""Releases that print 4 of the 32 digest bytes: ``sizeof`` was taken of a pointer."""

HASH_UNDER_BOOT = since("v4.1")

MESSAGES: dict[str, tuple[Message, ...]] = {
    "partition-too-large": (Message("error", "esp_image", "partition size 0x{:x} invalid, larger than 16MB"),),
    "reading-header": (Message("debug", "esp_image", "reading image header @ 0x{:x}"),),
    "header": (Message("debug", "esp_image", "image header: 0x{:02x} 0x{:02x} 0x{:02x} 0x{:02x} {:08x}"),),
    "magic": (
        Message("error", "esp_image", "image at 0x{:x} has invalid magic byte", until("v4.3.1")),
        Message(
            "error",
            "esp_image",
            "image at 0x{:x} has invalid magic byte (nothing flashed here?)",
            since("v4.3.1"),
        ),
    ),
    "spi-mode": (Message("warning", "esp_image", "image at 0x{:x} has invalid SPI mode {}", SPI_WARNINGS),),
    "spi-size": (Message("warning", "esp_image", "image at 0x{:x} has invalid SPI size {}", SPI_WARNINGS),),
    "segment-count": (Message("error", "esp_image", "image at 0x{:x} segment count {} exceeds max {}"),),
    "chip-id": (Message("error", "boot_comm", "mismatch chip ID, expected {}, found {}", CHIP_CHECK),),
    "revision-low": (
        Message(
            "error",
            "boot_comm",
            "can't run on lower chip revision, expected {chip}, found {image}",
            CHIP_CHECK.until("v4.3"),
        ),
        Message(
            "error",
            "boot_comm",
            "This chip is revision {chip} but the application is configured for minimum revision {image}. Can't run.",
            since("v4.3").until("v4.3.5", "v4.4.5", "v5.0.1"),
        ),
        Message(
            "error",
            "boot_comm",
            "Image requires chip rev >= {image}, but chip is {chip}",
            FULL_REVISION.until("v5.5"),
        ),
        Message(
            "error",
            "boot_comm",
            "chip revision check failed. Required >= {image}, found {chip}.",
            since("v5.5"),
        ),
    ),
    "revision-high": (
        Message(
            "error",
            "boot_comm",
            "Image requires chip rev <= {image}, but chip is {chip}",
            MAX_REVISION.until("v5.5"),
        ),
        Message(
            "error",
            "boot_comm",
            "chip revision check failed. Required <= {image}, found {chip}.",
            since("v5.5"),
        ),
    ),
    "revision": (
        Message(
            "info",
            "boot_comm",
            "chip revision: {chip}, min. application chip revision: {image}",
            CHIP_CHECK.until("v4.1"),
        ),
    ),
    "segment-header": (Message("verbose", "esp_image", "loading segment header {} at offset 0x{:x}"),),
    "segment-data": (Message("verbose", "esp_image", "segment data length 0x{:x} data starts 0x{:x}"),),
    "segment-length": (Message("error", "esp_image", "invalid segment length 0x{:x}"),),
    "segment-unaligned": (Message("error", "esp_image", "unaligned segment length 0x{:x}"),),
    "segment-short": (
        Message(
            "error",
            "esp_image",
            "Segment {}: length 0x{:x} is too short for app description",
            since("master"),
        ),
    ),
    "no-app-descriptor": (Message("error", "esp_image", "Failed to fetch app description header!", since("v5.4")),),
    "mmu-page-mismatch": (
        Message(
            "info",
            "esp_image",
            "MMU page size mismatch, configured: 0x{:x}, found: 0x{:x}",
            since("v5.4"),
        ),
    ),
    "mmu-page": (Message("verbose", "esp_image", "MMU page size 0x{:x}", since("v5.4")),),
    "segment-map": (Message("verbose", "esp_image", "segment {} map_segment {} segment_data_offs 0x{:x} load_addr 0x{:x}"),),
    "segment-misplaced": (Message("error", "esp_image", "Segment {} load address 0x{:08x}, doesn't match data 0x{:08x}"),),
    "segment": (
        Message(
            "info",
            "esp_image",
            "segment {}: paddr=0x{:08x} vaddr=0x{:08x} size=0x{:05x} ({:6d}) {}",
            until("v4.3"),
        ),
        Message(
            "info",
            "esp_image",
            "segment {}: paddr={:08x} vaddr={:08x} size={:05x}h ({:6d}) {}",
            HEX_WITHOUT_PREFIX,
        ),
    ),
    "free-pages": (Message("debug", "esp_image", "free data page_count 0x{:08x}"),),
    "no-free-pages": (Message("error", "esp_image", "No free MMU pages are available", since("v5.5")),),
    "read-failed": (Message("error", "esp_image", "bootloader_flash_read failed at 0x{:08x}"),),
    "map-failed": (Message("error", "bootloader_mmap", "spi_flash_mmap failed: 0x{:x}"),),
    "segment-map-failed": (Message("error", "esp_image", "bootloader_mmap(0x{:x}, 0x{:x}) failed"),),
    "efuse-low": (
        Message(
            "error",
            "boot_comm",
            "efuse blk rev = {chip} < min rev {image}",
            since("v5.1.7").until("v5.2"),
        ),
        Message(
            "error",
            "boot_comm",
            "Image requires efuse blk rev >= {image}, but chip is {chip}",
            since("v5.2.3", "v5.3.2", "v5.4"),
        ),
    ),
    "efuse-high": (
        Message(
            "error",
            "boot_comm",
            "efuse blk rev = {chip} > max rev {image}",
            since("v5.1.7").until("v5.2"),
        ),
        Message(
            "error",
            "boot_comm",
            "Image requires efuse blk rev <= {image}, but chip is {chip}",
            since("v5.2.3", "v5.3.2", "v5.4"),
        ),
    ),
    "wrapped": (Message("error", "esp_image", "image offset has wrapped"),),
    "end": (Message("verbose", "esp_image", "image start 0x{:08x} end of last section 0x{:08x}"),),
    "checksum": (Message("error", "esp_image", "Checksum failed. Calculated 0x{:x} read 0x{:x}"),),
    "length": (Message("error", "esp_image", "Image length {} doesn't fit in partition length {}"),),
    "digest-calculated": (
        Message("debug", "esp_image", "Calculated hash: {:.8}", SHORT_HASH),
        Message("debug", "esp_image", "Calculated hash: {}", since("v3.2").until("v4.1")),
        Message("debug", "boot", "Calculated hash: {}", HASH_UNDER_BOOT),
    ),
    "digest": (Message("error", "esp_image", "Image hash failed - image is corrupt"),),
    "digest-expected": (
        Message("debug", "esp_image", "Expected hash: {:.8}", SHORT_HASH),
        Message("debug", "esp_image", "Expected hash: {}", since("v3.2").until("v4.1")),
        Message("debug", "boot", "Expected hash: {}", HASH_UNDER_BOOT),
    ),
}


def message_for(name: str, version: IdfVersion) -> Message | None:
    """The wording that ``version`` has for a line of ``MESSAGES``, or None when it prints no such line."""
    for message in MESSAGES[name]:
        if version in message.versions:
            return message
    return None


def device_line(name: str, version: IdfVersion, level: str, *values: object, **named: object) -> tuple[str, ...]:
    """What the device prints at log level ``level``: one line with 0 for the time, or none."""
    message = message_for(name, version)
    if message is None or LEVELS.index(message.level) > LEVELS.index(level):
        return ()
    return (f"{message.level[0].upper()} (0) {message.tag}: {message.text.format(*values, **named)}",)
