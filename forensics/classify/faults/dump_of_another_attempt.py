"""The dump and the log are from different attempts."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA403",
    slug="dump-of-another-attempt",
    title="the dump is from another attempt than the log",
    explanation=Explanation(
        meaning=(
            "The walk over RECEIVED gives other values than the device logged, though both are about this "
            "image. Dump and log must be explained apart."
        ),
        symptoms=(
            "Calculated checksum or hash in the log is not that of RECEIVED",
            "The log fails at one segment and the dump at another, or not at all",
            "The dump holds the previous firmware while the log shows the new one",
        ),
        causes=(
            ("The transfer was tried again between log and dump: each attempt with a race leaves other damage."),
            "The wrong slot was read: the running one, or the one before the last attempt.",
            ("The bytes were recorded in the callback, and the flash has others: a fault between callback and flash."),
            "The dump itself was damaged while it was read.",
        ),
        confirm=(
            ("Compare the flash address in the log (paddr of segment 0 minus 0x20) with the offset the dump was read from."),
            "Read the slot twice: two equal dumps rule out reading errors.",
        ),
        fix_sender=("Make one attempt, then stop, and take log and dump before the next.",),
        fix_device=(
            "After a failure do not erase and do not restart by itself, until the slot was read.",
            "Log a CRC32 of each 4096-byte sector before esp_ota_end, so that log and dump can be matched.",
        ),
        confused_with=(
            "OTA402 log-of-another-image: the log does not fit SENT either",
            "OTA214 wrong-image: the dump is another firmware",
            "OTA207 bytes-altered: one attempt with real damage",
        ),
        sources=(
            ("components/bootloader_support/src/esp_image_format.c, process_checksum and verify_simple_hash, ESP-IDF v5.4"),
            "components/app_update/esp_ota_ops.c, esp_ota_get_next_update_partition, ESP-IDF v5.4",
        ),
    ),
)
