"""The image asks for another revision of the chip."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA306",
    slug="revision-mismatch",
    title="the image does not allow this chip revision",
    explanation=Explanation(
        meaning=(
            "The image header or app descriptor names a minimum or maximum chip or eFuse block revision, "
            "and the device is outside of it."
        ),
        symptoms=(
            "boot_comm: Image requires chip rev >= v3.0, but chip is v1.0",
            "boot_comm: chip revision check failed. Required >= v3.0, found v1.0. (v5.5 and later)",
            (
                "boot_comm: Image requires efuse blk rev >= v251.85, but chip is v0.0: nonsense, segment "
                "0 is no app descriptor"
            ),
            (
                "boot_comm: can't run on lower chip revision, expected 1, found 3 (v3.1.7 to v4.2: "
                '"expected" is the chip\'s, "found" the image\'s)'
            ),
        ),
        causes=(
            ("The build's minimum revision (CONFIG_ESP32_REV_MIN and its like for other chips) is above the device's."),
            "A newer chip revision is above the image's maximum.",
            "A merged or bootloader image was sent, so that other bytes are read as the descriptor.",
            "Bytes 14 to 18 of the header, or the start of segment 0, were damaged.",
        ),
        confirm=(
            "otadiff inspect SENT prints the revisions the image asks for; the boot log prints the chip's.",
            "When they agree in the file, compare the first 256 bytes of RECEIVED with SENT.",
        ),
        fix_sender=(
            ("Build with a lower minimum revision where older devices are to be served, and choose the file by revision."),
        ),
        fix_device=("Report the chip revision (esp_chip_info) to the sender before the transfer.",),
        confused_with=(
            "OTA305 chip-mismatch: another chip, not another revision",
            "OTA102 merged-image: the source of nonsense revisions",
        ),
        sources=(
            (
                "components/bootloader_support/src/bootloader_common_loader.c, "
                "bootloader_common_check_chip_validity, ESP-IDF v5.4"
            ),
            "components/esp_app_format/include/esp_app_desc.h, esp_app_desc_t, ESP-IDF v5.4",
        ),
    ),
)
