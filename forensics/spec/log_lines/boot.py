"""Lines of the second-stage bootloader and of the app's start.

Tags: ``boot``, ``boot.esp32*``, ``flash_parts``, ``flash_encrypt``, ``cpu_start``, ``app_init``.

Source: ``components/bootloader_support/src/bootloader_utility.c``, ``bootloader_init.c`` and
``flash_partitions.c``; ``components/esp_system/startup.c`` (``components/esp32/cpu_start.c`` before v4.2).
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import LineTemplate, LineUse, Meaning, meaning


def _error(kind: str, text: str, versions: str = "v3.0-", **constants: int | str) -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.ERROR, versions=versions, constants=tuple(constants.items()))


def _event(kind: str, text: str, versions: str = "", *, means: str = "", **constants: int | str) -> LineTemplate:
    return LineTemplate(
        kind=kind,
        text=text,
        use=LineUse.EVENT,
        versions=versions,
        constants=tuple(constants.items()),
        means=means,
    )


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
    _event("otadata_invalid", "ota data partition invalid and no factory", "v3.0-", means="otadata-unset", fallback="all"),
    _event(
        "otadata_invalid",
        "ota data partition invalid, falling back to factory",
        "v3.0-",
        means="otadata-unset",
        fallback="factory",
    ),
    _event("otadata_invalid", "ota data partition invalid{...}", "v3.0-"),
    _event(
        "otadata_invalid",
        "ota_info partition size {bytes:d} is too small (minimum {minimum:d} bytes)",
        "v3.0-",
        means="otadata-small",
    ),
    _event("flash_failed", "Error in write_otadata operation. err = 0x{error:x}", "v3.3-", means="flash-write"),
    _event("rollback", "otadata[{index:d}] is marking as ABORTED", "v3.3-", means="rollback-aborted", state="aborted"),
    _event("rollback", "otadata[{index:d}] is selected as new and marked PENDING_VERIFY state", "v3.3-", state="pending"),
    _event("secure_version", "Secure version (from eFuse) = {version:d}", "v3.3-"),
    _event(
        "secure_version_too_low",
        "OTA slot {slot:d} has an app with secure_version, this version is smaller than in the device",
        "v3.3-",
        means="anti-rollback-boot",
    ),
    _event("chip_revision", "Chip Revision: {revision:d}", "v3.0-v4.0"),
    _event("chip_revision", "chip revision: {revision:v}", "v4.3.5+ v4.4.4+ v5.0-"),
    _event("chip_revision", "chip revision: {revision:d}", "v4.1-v4.2 v4.3.0-v4.3.4 v4.4.0-v4.4.3"),
    _event("efuse_revision", "efuse block revision: {revision:v}", "v5.1.7+ v5.2.3+ v5.3.2+ v5.4-"),
    _event("reset_requested", "Resetting with flash encryption enabled..."),
    _event("partition_table_invalid", "Failed to verify partition table", means="table"),
    _event("partition_table_invalid", "partition {index:d} invalid magic number 0x{magic:x}", means="table-magic"),
    _event(
        "partition_table_invalid",
        "partition {index:d} invalid - offset 0x{address:x} size 0x{size:x} exceeds flash chip size 0x{flash_size:x}",
        means="table-past-flash",
    ),
    _event("partition_table_invalid", "partition table has no terminating entry, not valid", means="table"),
    _event("partition_table_invalid", "Incorrect MD5 checksum", means="table-md5"),
    _event("partition_table_invalid", "Only one MD5 checksum is allowed", means="table"),
    _event("partition_table_invalid", "No MD5 found in partition table", means="table-no-md5"),
    _event("partition_table_invalid", "Partition table MD5 mismatch", means="table-md5"),
    _event("partition_table_invalid", "load_partitions returned 0x105", means="table", error=0x105),
    _event("partition_table_invalid", "load_partitions returned 0x{error:x}"),
    _event(
        "flash_size_mismatch",
        "Detected size({detected:d}k) smaller than the size in the binary image header({header:d}k)",
        means="flash-size-header",
    ),
    _event("flash_map_error", "tried to bootloader_mmap twice"),
    LineTemplate(
        kind="flash_map_error",
        text="spi_flash_mmap failed: 0x{error:x}",
        use=LineUse.EVENT,
        level="error",
        tags=(("bootloader_mmap", ""),),
    ),
    _event("flash_map_error", "bootloader_mmap excess size {size:x}", means="map-excess"),
    _event("flash_map_error", "bootloader_flash_read {...}not 4-byte aligned"),
    _event("flash_map_error", "cache_flash_mmu_set failed: {error:d}"),
    _event("flash_encrypted", "flash encryption is enabled"),
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
    _known("Enabled a check secure version of app for anti rollback"),
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

_TABLE = "Flash the project's partition table at its address (0x8000 unless configured otherwise); no app can mend it."

MEANINGS: dict[str, Meaning] = {
    "otadata-unset": meaning("no-bootable-app", Where.DEVICE,
        "otadata holds no valid record, so the bootloader chose an app without it",
        "Nothing has to change on a first start; after an update over the air, look at why otadata was not written.",
        certainty=Certainty.POSSIBLE,
        notes=("a device on which no update was ever done prints this at every start",),
        benign=True),
    "otadata-small": meaning("no-bootable-app", Where.DEVICE,
        "the otadata partition has {bytes} bytes and needs {minimum}",
        "Give otadata 0x2000 bytes in the partition table and flash the table by cable."),
    "rollback-aborted": meaning("no-bootable-app", Where.DEVICE,
        "the new app was restarted before it confirmed itself, and the bootloader goes back to the one before",
        "Call esp_ota_mark_app_valid_cancel_rollback before anything that may restart the device, and find that restart.",
        notes=("the transfer was fine: the image had passed its checks",)),
    "anti-rollback-boot": meaning("no-bootable-app", Where.FILE,
        "the app in slot {slot} has a lower secure version than the device's eFuse, so it is not started",
        "Build the app with at least the secure version of the device (CONFIG_BOOTLOADER_APP_SECURE_VERSION)."),
    "table": meaning("no-bootable-app", Where.DEVICE,
        "the device found no valid partition table",
        _TABLE),
    "table-magic": meaning("no-bootable-app", Where.DEVICE,
        "entry {index} of the partition table begins with {magic:#06x} instead of 0x50aa",
        _TABLE,
        notes=("0xffff is erased flash: the table was never flashed, or is at another address than the bootloader looks",)),
    "table-past-flash": meaning("no-bootable-app", Where.DEVICE,
        "entry {index} of the partition table ends past the flash of {flash_size:#x} bytes",
        "Set the flash size that the chip has, or make the table fit it, and flash bootloader and table by cable."),
    "table-md5": meaning("no-bootable-app", Where.DEVICE,
        "the partition table fails its MD5: its bytes were changed",
        _TABLE),
    "table-no-md5": meaning("no-bootable-app", Where.DEVICE,
        "the partition table has no MD5 entry, which the app requires",
        "Make the table without --disable-md5sum, or build the app with CONFIG_PARTITION_TABLE_MD5=n."),
    "flash-size-header": meaning("no-bootable-app", Where.FILE,
        "the image was built for {header} KB of flash, and the chip has {detected} KB: the app stops at its start",
        "Build with the flash size of the chip (CONFIG_ESPTOOLPY_FLASHSIZE, or the board of the project)."),
    "map-excess": meaning("flash-access-failed", Where.FILE,
        "the bootloader was to map {size:#x} bytes at once, more than its window takes",
        "Look at the segment lengths before it: either one was damaged, or the app embeds more data than can be mapped.",
        where=Where.UNKNOWN, certainty=Certainty.LIKELY),
}  # fmt: skip
