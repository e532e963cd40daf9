"""Lines of the second-stage bootloader and of the app's start.

Tags: ``boot``, ``boot.esp32*``, ``flash_parts``, ``flash_encrypt``, ``cpu_start``, ``app_init``.

Source: ``components/bootloader_support/src/bootloader_utility.c``, ``bootloader_init.c`` and
``flash_partitions.c``; ``components/esp_system/startup.c`` (``components/esp32/cpu_start.c`` before v4.2).
"""

from __future__ import annotations

from forensics.spec.log_lines.template import LineTemplate, LineUse


def _error(kind: str, text: str, versions: str = "v3.0-", **constants: int | str) -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.ERROR, versions=versions, constants=tuple(constants.items()))


def _event(kind: str, text: str, versions: str = "", **constants: int | str) -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.EVENT, versions=versions, constants=tuple(constants.items()))


def _known(text: str, versions: str = "") -> LineTemplate:
    return LineTemplate(kind="known", text=text, use=LineUse.KNOWN, versions=versions)


ERRORS = (
    _error("not_bootable", "Factory app partition is not bootable", what="factory"),
    _error("not_bootable", "Factory test app partition is not bootable", what="test"),
    _error("not_bootable", "OTA app partition slot {slot:d} is not bootable"),
    _error("no_bootable_app", "No bootable app partitions in the partition table"),
    _error("bootloader_header_failed", "failed to load bootloader[[ image]] header"),
)

EVENTS = (
    _event("bootloader_started", "ESP-IDF {version:text} 2nd stage bootloader"),
    _event("app_loaded", "Loaded app from partition at offset 0x{address:x}", "v3.0-"),
    _event("app_loaded", "Fast booting app from partition at offset 0x{address:x}", "v4.1-"),
    _event("app_loading", "Loading app partition at offset {address:x}", "v2.0-v2.1"),
    _event("fast_boot_failed", "Fast booting is not successful", "v4.1-"),
    _event("partition_tried", "Trying partition index {index:d} offs 0x{address:x} size 0x{size:x}", "v3.0-"),
    _event("partition", "{index:d} {label:w} {usage:usage} {type:x2} {subtype:x2} {address:x8} {size:x8}"),
    _event("boot_choice", "Defaulting to factory image", choice="factory"),
    _event("boot_choice", "No factory image, trying OTA 0", choice="ota_0"),
    _event("boot_choice", "Falling back to test app as only bootable partition", choice="test"),
    _event("boot_slot", "Mapping seq {sequence:d} -> OTA slot {slot:d}", "v3.3-"),
    _event("boot_slot", "A valid. Mapping seq {sequence:d} -> OTA slot {slot:d}", "v3.0-v3.2"),
    _event("boot_slot", "B valid. Mapping seq {sequence:d} -> OTA slot {slot:d}", "v3.0-v3.2"),
    _event("boot_slot", "Both valid. Mapping seq {sequence:d} -> OTA slot {slot:d}", "v3.0-v3.2"),
    _event("otadata_invalid", "ota data partition invalid{...}", "v3.0-"),
    _event("chip_revision", "Chip Revision: {revision:d}", "v3.0-v4.0"),
    _event("chip_revision", "chip revision: {revision:v}", "v4.3.5+ v4.4.4+ v5.0-"),
    _event("chip_revision", "chip revision: {revision:d}", "v4.1-v4.2 v4.3.0-v4.3.4 v4.4.0-v4.4.3"),
    _event("efuse_revision", "efuse block revision: {revision:v}", "v5.1.7+ v5.2.3+ v5.3.2+ v5.4-"),
    _event("reset_requested", "Resetting with flash encryption enabled..."),
    _event("partition_table_invalid", "Failed to verify partition table"),
    _event("partition_table_invalid", "partition {index:d} invalid magic number 0x{magic:x}"),
    _event(
        "partition_table_invalid",
        "partition {index:d} invalid - offset 0x{address:x} size 0x{size:x} exceeds flash chip size 0x{flash_size:x}",
    ),
    _event("partition_table_invalid", "partition table has no terminating entry, not valid"),
    _event("partition_table_invalid", "Incorrect MD5 checksum"),
    _event("partition_table_invalid", "Only one MD5 checksum is allowed"),
    _event("flash_map_error", "tried to bootloader_mmap twice"),
    _event("flash_map_error", "spi_flash_mmap failed: 0x{error:x}"),
    _event("flash_map_error", "bootloader_mmap excess size {size:x}"),
    _event("flash_map_error", "bootloader_flash_read {...}not 4-byte aligned"),
    _event("flash_map_error", "cache_flash_mmu_set failed: {error:d}"),
    _event("flash_encryption", "bootloader encrypted successfully", what="bootloader"),
    _event("flash_encryption", "partition table encrypted and loaded successfully", what="partition table"),
    _event("flash_encryption", "Encrypting partition {index:d} at offset 0x{address:x}{...}", what="partition"),
    _event("app_info", "App version: {version:text}"),
    _event("app_info", "Project name: {project:text}"),
    _event("app_info", "ESP-IDF: {idf:text}"),
    _event("app_info", "ELF file SHA256: {elf_sha256:text}"),
    _event("app_info", "Compile time: {compiled:text}"),
)

KNOWN = (
    _known("compile time {when:text}"),
    _known("Can't boot from zero-length partition"),
    _known("Multicore bootloader"),
    _known("Unicore bootloader"),
    _known("Boot SPI Speed{...}: {value:text}"),
    _known("SPI Speed{...}: {value:text}"),
    _known("SPI Mode{...}: {value:text}"),
    _known("SPI Flash Size{...}: {value:text}"),
    _known("Partition Table:"),
    _known("Label Usage Type ST Offset Length"),
    _known("End of partition table"),
    _known("load partition table entry 0x{address:x}"),
    _known("type={type:x} subtype={subtype:x}"),
    _known("partition table verified, {count:d} entries"),
    _known("OTA data offset 0x{address:x}"),
    _known("OTA sequence {rest:text}"),
    _known("otadata[{index:d}]: sequence values 0x{value:x}"),
    _known("Active otadata[{index:d}]"),
    _known("Disabling RNG early entropy source..."),
    _known("Enabling RNG early entropy source..."),
    _known("Checking secure boot..."),
    _known("Checking flash encryption..."),
    _known("Try to load an app as usual with all validations"),
    _known("mmu set block paddr=0x{address:x} {rest:text}"),
    _known("rodata starts from paddr=0x{address:x}{rest:text}"),
    _known("after mapping, starting from paddr=0x{address:x}{rest:text}"),
    _known("Done encrypting"),
)

LINES = (*ERRORS, *EVENTS, *KNOWN)
