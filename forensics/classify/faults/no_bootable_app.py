"""The bootloader found no app that it can start."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA315",
    slug="no-bootable-app",
    title="the bootloader found no app to start",
    explanation=Explanation(
        meaning=(
            "After the reset every app partition failed its checks, or the partition table names none. "
            "The lines before it say why each of them failed."
        ),
        symptoms=(
            "boot: OTA app partition slot 0 is not bootable",
            "boot: Factory app partition is not bootable",
            "boot: No bootable app partitions in the partition table",
            "boot: ota data partition invalid, falling back to factory",
        ),
        causes=(
            (
                "otadata was set to a slot whose image is damaged, by a firmware that does not go through "
                "esp_ota_set_boot_partition."
            ),
            "The slot was erased by a failed attempt, and the other app partitions are empty.",
            ("The image was written by cable to another offset than the partition table says, or a merged image moved it."),
            "The new partition table does not fit the apps in flash.",
        ),
        confirm=(
            "otadiff triage LOG lists the check that failed for each partition.",
            ("esptool read-flash of the whole flash, then otadiff triage on the dump, shows table, otadata and slots."),
        ),
        fix_sender=(
            (
                "Nothing is lost on the sender's side; check that it sends the start of a new transfer "
                "only to a device that has a factory app or a second slot."
            ),
        ),
        fix_device=(
            ("Flash a working app by cable, and erase otadata (parttool.py erase_partition --partition-name=otadata)."),
            (
                "Set the boot partition only after esp_ota_end returned ESP_OK, and use rollback "
                "(CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE)."
            ),
            "Keep a factory app.",
        ),
        confused_with=(
            "OTA310 flash-erased: one slot is empty",
            "OTA301 checksum-failed: the reason why a slot was refused",
        ),
        sources=(
            ("components/bootloader_support/src/bootloader_utility.c, bootloader_utility_load_boot_image, ESP-IDF v5.4"),
            "components/app_update/esp_ota_ops.c, esp_ota_set_boot_partition, ESP-IDF v5.4",
        ),
    ),
)
