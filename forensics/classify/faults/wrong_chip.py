"""The image that was sent was built for another chip."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA104",
    slug="wrong-chip",
    title="the image was built for another chip",
    explanation=Explanation(
        meaning=(
            "The chip id in the image header (file offset 12) names another chip than the device. The "
            "bytes arrived as sent and can never start there."
        ),
        symptoms=(
            "boot_comm: mismatch chip ID, expected 9, found 0",
            "esp_https_ota: Mismatch chip id, expected 9, found 0",
            "ids: 0 ESP32, 2 S2, 5 C3, 9 S3, 12 C2, 13 C6, 16 H2, 18 P4, 20 C61, 23 C5",
        ),
        causes=(
            ("Wrong chip target: idf.py set-target, the PlatformIO board or the Arduino board was another one."),
            "A product exists in two hardware versions, and the sender chose the file by product name only.",
            (
                "Images of ESP-IDF before v3.1.7, v3.2.4, v3.3.1 and v4.0 hold 0 at this place, which "
                "newer code reads as ESP32."
            ),
        ),
        confirm=(
            "otadiff inspect SENT prints the chip of the header.",
            "The boot log's first lines name the chip of the device.",
        ),
        fix_sender=(
            "Build for the device's chip and send that file.",
            (
                "Read the chip id (u16 little endian at file offset 12) and compare it with what the "
                "device reports before the transfer."
            ),
        ),
        fix_device=(
            ("Publish the chip and the hardware version in a readable characteristic, so that the sender can choose."),
            (
                "Compare the chip id in the first chunk with the running image's and answer with an error "
                "before anything is erased."
            ),
        ),
        confused_with=(
            (
                "OTA305 chip-mismatch: the device's own line; with an absurd id the header bytes are "
                "damaged and the build is right"
            ),
            "OTA306 revision-mismatch: the right chip, but another silicon revision",
            "OTA214 wrong-image: right chip, another build",
        ),
        sources=(
            (
                "components/bootloader_support/src/bootloader_common_loader.c, "
                "bootloader_common_check_chip_validity, ESP-IDF v5.4"
            ),
            "components/bootloader_support/include/esp_app_format.h, esp_chip_id_t, ESP-IDF v5.4",
            "fbiego/ESP32_BLE_OTA_Arduino issue 24 and espressif/esp-idf issue 9713",
        ),
    ),
)
