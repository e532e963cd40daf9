"""The device read something that is no segment length."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA303",
    slug="segment-length-invalid",
    title="the device reports an invalid segment length",
    explanation=Explanation(
        meaning=(
            "Where a segment header should be, the length field is not a multiple of 4 or is 16 MiB or "
            "more. The bytes before it are shifted, missing or damaged."
        ),
        symptoms=(
            "esp_image: invalid segment length 0x503f0008 (any value: the four bytes that were found there)",
            "0xffffffff: erased flash, the transfer ended before this header",
            "Printable values such as 0x76727000 are text from the image or from older data",
        ),
        causes=(
            "Bytes were lost or inserted before this header, so that the device reads it at the wrong place.",
            "The transfer ended early; a chunk that was too short ended it, or the link was lost.",
            "A length fault in every chunk: 3 bytes lost to the MTU, 20-byte writes, a u8 length.",
            "A header byte was damaged in place.",
        ),
        confirm=(
            (
                "otadiff triage SENT LOG looks the value up in SENT: the distance from its place is the "
                "number of bytes lost or inserted."
            ),
            "The failing header is at the paddr plus the size of the segment before it.",
            "otadiff SENT RECEIVED proves it, with a dump of the slot.",
        ),
        fix_sender=(
            (
                "See OTA202 for lost chunks and OTA208 for shortened ones; use write requests and the "
                "negotiated payload size."
            ),
        ),
        fix_device=(
            (
                "Compare the bytes received with the announced length before esp_ota_end, which would "
                "otherwise report only 0x1503."
            ),
            "Number the chunks and refuse a gap.",
        ),
        confused_with=(
            "OTA307 segment-misplaced: the length is plausible and the load address does not fit",
            "OTA205 tail-missing: the reason when the value is 0xffffffff",
            "OTA301 checksum-failed: all headers were right",
        ),
        sources=(
            "components/bootloader_support/src/esp_image_format.c, verify_segment_header, ESP-IDF v5.4",
            "iot-lorawan/esp32-ota-ble issue 2 (invalid segment length 0x47c8f147), ESP32 forum topic 13496",
        ),
    ),
)
