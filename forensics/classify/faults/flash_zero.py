"""The device found only zeros behind the image header."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA311",
    slug="flash-zero",
    title="the device found zeros instead of an image",
    explanation=Explanation(
        meaning=(
            "The segments the device lists are all at address 0 with length 0: zeros were written where "
            "the image should be. Erased flash would be 0xFF."
        ),
        symptoms=(
            "esp_image: segment 0: paddr=00110020 vaddr=00000000 size=00000h (     0)",
            "esp_image: Checksum failed. Calculated 0xef read 0x0",
            "Expected hash: 0000... where a digest is looked for",
        ),
        causes=(
            "An empty buffer was written: the data pointer is not the one the callback filled.",
            (
                "An extra write before the start: the device counted a length and wrote a cleared buffer, "
                "or all later data was dropped."
            ),
            "The write loop writes the announced size from a buffer that was never filled.",
            "A file system made the file at full size, and the data never came.",
        ),
        confirm=(
            "otadiff SENT RECEIVED shows where the zeros begin; the header before them was received.",
            "Print the first 16 bytes that go into esp_ota_write.",
        ),
        fix_sender=("Do not send empty chunks; print the first bytes of the chunks that are handed to the stack.",),
        fix_device=(
            "Write from the buffer that was filled, with the length that arrived.",
            "Count bytes at the callback and at the write; both must agree before esp_ota_end.",
        ),
        confused_with=(
            "OTA310 flash-erased: 0xFF, nothing was written",
            "OTA206 chunk-filled: only some ranges are zero",
            "OTA301 checksum-failed: the segments are those of the image",
        ),
        sources=(
            "components/bootloader_support/src/esp_image_format.c, process_checksum, ESP-IDF v5.4",
            "ESP32 forum topic 10954 (Calculated 0xef read 0x0, segments of size 0)",
        ),
    ),
)
