"""The device found another chip id in the image header."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA305",
    slug="chip-mismatch",
    title="the device reports another chip id in the image",
    explanation=Explanation(
        meaning=(
            "The chip id at image offset 12 is not that of the running build. A known id means a build "
            "for another chip; an absurd one means damaged or shifted header bytes."
        ),
        symptoms=(
            "boot_comm: mismatch chip ID, expected 9, found 0",
            "found 65535: erased flash; found 18242 or 27757: other data",
            "ids: 0 ESP32, 2 S2, 5 C3, 9 S3, 12 C2, 13 C6, 16 H2, 18 P4, 20 C61, 23 C5",
        ),
        causes=(
            "The image was built for another target.",
            "Header bytes were lost, overwritten or shifted in the first chunk.",
            "The slot holds something else than an app, while its first byte happens to be 0xE9.",
        ),
        confirm=(
            (
                "otadiff inspect SENT prints the chip of the file: the same id means a wrong build, "
                "another one means a transfer fault."
            ),
            "otadiff SENT RECEIVED shows the first 24 bytes.",
        ),
        fix_sender=("Build for the chip of the device, or fix what damages the first chunk.",),
        fix_device=("Check bytes 0 and 12 of the first chunk and answer with an error before erasing.",),
        confused_with=(
            "OTA104 wrong-chip: the same fact, proven from the file that was sent",
            "OTA306 revision-mismatch: the chip is right and its revision is not",
            "OTA304 magic-invalid: the first byte is already wrong",
        ),
        sources=(
            (
                "components/bootloader_support/src/bootloader_common_loader.c, "
                "bootloader_common_check_chip_validity, ESP-IDF v5.4"
            ),
            "fbiego/ESP32_BLE_OTA_Arduino issue 24",
        ),
    ),
)
