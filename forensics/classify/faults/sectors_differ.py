"""The map of the slot that the device printed shows sectors that are not those of the file."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA316",
    slug="sectors-differ",
    title="sectors of the slot hold other bytes than the file",
    explanation=Explanation(
        meaning=(
            "The device read its slot back and gave a CRC32 of each sector of 4096 bytes. Some of them are not those of the "
            "file that was sent, and no single fault of a transfer gives them their checksums."
        ),
        symptoms=(
            "OTAMAP lines in the log (samples/firmware/otatap.h prints them), held against the file that was sent.",
            "esp_image: Checksum failed or Image hash failed at the end of the same transfer.",
        ),
        causes=(
            "Bytes were changed inside a chunk: a buffer was overwritten while it was still being read.",
            "Several faults came together in one sector, as several lost chunks do.",
            "The sector was not erased before it was written, so only some of its bits could change.",
            "The sector holds what an earlier transfer or a stale buffer left there.",
            "The map was made of another slot, or before the last chunks were written.",
        ),
        confirm=(
            "Read the slot back and compare: esptool read-flash, then otadiff SENT RECEIVED --log LOG.",
            "otadiff live watch SENT DEVICE names the first chunk that the device got wrong while the transfer runs.",
        ),
        fix_sender=("Send one chunk at a time with write requests, and see whether the sectors stay wrong.",),
        fix_device=(
            "Copy each chunk out of the stack's buffer before the callback returns, and write it from one task only.",
            "Erase the whole slot in esp_ota_begin (OTA_SIZE_UNKNOWN), and check what esp_ota_write returns.",
        ),
        confused_with=(
            "OTA202 chunk-missing: the sectors behind the first wrong one hold sent bytes, too early",
            "OTA207 bytes-altered: the same with the bytes at hand",
            "OTA403 dump-of-another-attempt: map and dump, or map and log, do not belong together",
        ),
        sources=(
            "samples/firmware/otatap.h, otatap_print_map",
            "components/spi_flash/include/esp_flash_partitions.h and spi_flash_mmap.h, SPI_FLASH_SEC_SIZE, ESP-IDF v5.4",
            "components/app_update/esp_ota_ops.c, esp_ota_begin and esp_ota_write, ESP-IDF v5.4",
        ),
    ),
)
