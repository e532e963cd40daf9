"""The device found no image where it looked."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA304",
    slug="magic-invalid",
    title="the first byte is not that of an image",
    explanation=Explanation(
        meaning=(
            "The first byte written, or the first byte in the slot, is not 0xE9. What it is instead tells "
            "where the bytes come from."
        ),
        symptoms=(
            "esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x..)",
            "esp_image: image at 0x110000 has invalid magic byte (nothing flashed here?)",
            ('Up to v4.3.0 without "(nothing flashed here?)", often with invalid SPI mode 255 and invalid SPI size 15'),
        ),
        causes=(
            "The first chunk was eaten by the command parser or was sent before the device was ready.",
            "A protocol header or a length field was written as data: saw 0xfb, 0x00, 0x05 or 0x02.",
            ("The file is no app image, or went through a text conversion: saw 0x7f, 0x50, 0x78, 0x1f, 0xef, 0xc3."),
            "The slot was erased and never written (0xff), or flash encryption makes it look foreign.",
            ("A transfer was taken for ended, and each later chunk begins a new one: saw changes from line to line."),
        ),
        confirm=(
            (
                "Look the byte up in SENT at multiples of the chunk size: a hit at one chunk means that "
                "the first chunk was lost."
            ),
            "otadiff triage SENT LOG does this and reads repeated lines together.",
        ),
        fix_sender=(
            "Wait for the device's ready notification before the first chunk.",
            "Check that the file begins with 0xE9 and is read as bytes.",
        ),
        fix_device=(
            "Keep commands and data on separate characteristics, and skip the header before esp_ota_write.",
            "Answer with an error when the first byte is wrong, and take no more data.",
        ),
        confused_with=(
            "OTA101 not-an-app-image: the file has this first byte itself",
            "OTA310 flash-erased: the byte is 0xFF and so is all the rest",
            ("OTA312 short-write-ended-transfer: a series of these lines, after invalid segment length 0xffffffff"),
        ),
        sources=(
            "components/app_update/esp_ota_ops.c, esp_ota_write, ESP-IDF v5.4",
            "components/bootloader_support/src/esp_image_format.c, verify_image_header, ESP-IDF v5.4",
            "espressif/esp-idf issue 7775 (saw 0x4f with 128 bytes lost, over HTTP)",
        ),
    ),
)
