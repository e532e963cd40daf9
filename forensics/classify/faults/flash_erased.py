"""The slot, or the place that was read, holds erased flash."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA310",
    slug="flash-erased",
    title="the device found erased flash",
    explanation=Explanation(
        meaning=(
            "The device read only 0xFF where the image should be: nothing was written there, or it was erased afterwards."
        ),
        symptoms=(
            "esp_image: image at 0x110000 has invalid magic byte (nothing flashed here?)",
            "boot_comm: mismatch chip ID, expected 0, found 65535",
            "esp_image: invalid segment length 0xffffffff (erased from before this header on)",
            "invalid SPI mode 255 and invalid SPI size 15 (up to v4.3)",
        ),
        causes=(
            (
                "esp_ota_begin erases the whole slot inside the BLE callback: for seconds no data is "
                "taken, and the link ends by supervision timeout."
            ),
            "The transfer was never begun, or ended before its first write.",
            "The writes went to another slot than the one that is verified.",
            "A failed attempt erased the slot, and the bootloader then tries it.",
            "esp_ota_write failed each time and nobody looked at its return.",
        ),
        confirm=(
            "Read the slot: all 0xFF proves it. otadiff SENT RECEIVED says from where on it is erased.",
            "Look for a disconnect with reason 0x8 or 520 within seconds of the start.",
        ),
        fix_sender=(
            ("Wait for the device's ready answer after the start command, with a timeout of at least 20 seconds."),
            "Ask for a longer supervision timeout (4 to 6 seconds) before the start.",
        ),
        fix_device=(
            (
                "Use esp_ota_begin with OTA_WITH_SEQUENTIAL_WRITES (v4.3 and later), which erases as it "
                "goes, or erase in a task of its own."
            ),
            "Never erase in the GATT callback, since the BLE host then does not run.",
            "Check the return of each esp_ota_write.",
        ),
        confused_with=(
            "OTA205 tail-missing: a beginning of the image is there",
            "OTA311 flash-zero: zeros, which were written by someone",
            "OTA304 magic-invalid: another first byte than 0xFF",
        ),
        sources=(
            "components/app_update/esp_ota_ops.c, esp_ota_begin, ESP-IDF v5.4",
            "components/bootloader_support/src/esp_image_format.c, verify_image_header, ESP-IDF v5.4",
            (
                "espressif/esp-idf issue 3551, espressif/arduino-esp32 issue 3801, "
                "ClaesClaes/Arduino-ESP32-BLE-OTA-iOS-SwiftUI issue 4"
            ),
        ),
    ),
)
