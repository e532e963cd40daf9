"""The device's XOR checksum does not match."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA301",
    slug="checksum-failed",
    title="the device reports a wrong checksum",
    explanation=Explanation(
        meaning=(
            "All segment headers were plausible, so the lengths fit, but the XOR of the segment bytes "
            "(start value 0xEF) is not the byte stored behind them."
        ),
        symptoms=(
            "esp_image: Checksum failed. Calculated 0x.. read 0x..",
            "read 0xff or read 0x0: the end of the image is erased or zero",
            "esp_ota_end returns 0x1503 (ESP_ERR_OTA_VALIDATE_FAILED)",
        ),
        causes=(
            (
                "Bytes were changed, overwritten or filled in place: a lost chunk under position "
                "addressing, a buffer race, flash that was not erased."
            ),
            "Bytes were lost or added inside the last segment, where no later header can notice.",
            "The tail is missing, so that the checksum byte itself was never written.",
            "The file was faulty before it was sent.",
        ),
        confirm=(
            ("otadiff SENT RECEIVED names the bytes; without a dump otadiff triage SENT LOG says what the values allow."),
            ("Calculated XOR read is the XOR of all differences: with one sent image it tests any explanation."),
            (
                'Send twice: a constant pair of values means a rule in the code, a changing "Calculated" '
                "means memory or timing."
            ),
        ),
        fix_sender=(
            ("Verify the file first (otadiff inspect SENT), then use write requests and see whether the failure goes away."),
        ),
        fix_device=(
            "Read the slot back (esptool read-flash) before the next attempt, since it holds the proof.",
            "Check every return of esp_ota_write and compare the count with the announced length.",
        ),
        confused_with=(
            "OTA302 digest-failed: the checksum passed and the SHA-256 did not",
            "OTA303 segment-length-invalid: the walk stopped before the checksum",
            "OTA205 tail-missing: the usual reason for read 0xff and read 0x0",
        ),
        sources=(
            "components/bootloader_support/src/esp_image_format.c, process_checksum, ESP-IDF v5.4",
            "ESP32 forum topic 12540 (Calculated varies, read is constant)",
        ),
    ),
)
