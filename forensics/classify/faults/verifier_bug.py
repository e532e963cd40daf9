"""The device's verifier is at fault, not the transfer."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA314",
    slug="verifier-bug",
    title="a known bug of the verifier printed this",
    explanation=Explanation(
        meaning=(
            "The log shows the mark of a known defect in ESP-IDF's verification code, so the message says "
            "nothing about the transfer."
        ),
        symptoms=(
            "err=0x5379 in esp_https_ota lines up to v4.2: 5379 is decimal, 0x1503, ESP_ERR_OTA_VALIDATE_FAILED.",
            "esp_image: Calculated hash: 00000000",
            ("esp_image: Image hash failed - image is corrupt, at every image, also right after flashing by cable"),
        ),
        causes=(
            (
                "Between 2018-05-09 and 2018-06-22 (master, v3.1-beta1) the app's SHA calls stood inside "
                "assert() and vanished when assertions were disabled."
            ),
            (
                "A project pinned to a commit of that time still carries it; v3.0.x never had it, and "
                "v3.1-rc1 has the correction."
            ),
        ),
        confirm=(
            ('Look at the version: idf.py --version, or the bootloader\'s line "ESP-IDF ... 2nd stage bootloader".'),
            "otadiff inspect SENT passes, and the slot read back equals SENT.",
        ),
        fix_sender=(
            ("Nothing needs changing; check that SENT passes otadiff inspect, so that the transfer is out of suspicion."),
        ),
        fix_device=(
            (
                "Build with ESP-IDF v3.1 or later, or set assertions to enabled "
                "(CONFIG_OPTIMIZATION_ASSERTIONS_ENABLED) in that tree."
            ),
            "The running app verifies, so the correction has to get in by cable.",
        ),
        confused_with=(
            "OTA302 digest-failed: Calculated hash has another value than zeros",
            "OTA402 log-of-another-image: the log is right and belongs to other bytes",
        ),
        sources=("components/bootloader_support/src/esp_image_format.c, ESP-IDF v3.1-beta1 and v3.1-rc1",),
    ),
)
