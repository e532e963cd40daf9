"""The file that was sent is no ESP32 app image."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import finding_of
from forensics.model.finding import Explanation, Fault, Finding, Remedy, Where

FAULT = Fault(
    code="OTA101",
    slug="not-an-app-image",
    title="the file that was sent is not an app image",
    explanation=Explanation(
        meaning=(
            "The device accepts only an app image, whose first byte is 0xE9. The file that was sent is "
            "something else, so even a perfect transfer is refused."
        ),
        symptoms=(
            "esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x7f)",
            (
                "saw 0x7f is an ELF file, 0x3a Intel HEX, 0x50 a zip archive, 0x1f gzip, 0x78 zlib, 0x19 "
                "or 0xfd a packed image"
            ),
            (
                "esp_ota_write or esp_ota_end returns 0x1503 (ESP_ERR_OTA_VALIDATE_FAILED) at once, often "
                "before the second chunk"
            ),
        ),
        causes=(
            (
                "The build's .elf, .hex or .zip was picked instead of the app's .bin; all of them lie in "
                "the same build folder."
            ),
            (
                "A compressed or packed image was sent to a receiver that writes what it gets: such a "
                "file needs a receiver or bootloader that unpacks it."
            ),
            (
                "An encrypted image (pre-encrypted OTA, AES-GCM) was sent to a firmware that does not "
                "decrypt, or the wrong artifact came out of a release pipeline."
            ),
        ),
        confirm=(
            "otadiff inspect SENT names the kind of file from its first bytes.",
            ('esptool image-info SENT refuses it with "This is not a valid image (invalid magic number: 0x..)".'),
        ),
        fix_sender=(
            (
                "Send build/<project>.bin, the file that idf.py prints for the app at its partition "
                'offset; in Arduino, the .ino.bin of "Export Compiled Binary".'
            ),
            "Read the first byte before connecting and refuse a file that does not begin with 0xE9.",
        ),
        fix_device=(
            (
                "Nothing is wrong on the device; it did right to refuse. Make it report the first byte "
                "that it saw back to the sender."
            ),
            "If the file is meant to be packed, unpack it in the receiver before esp_ota_write.",
        ),
        confused_with=(
            ("OTA102 merged-image: a valid flash image, but with bootloader and partition table in front of the app"),
            "OTA213 text-encoded: the file is right and was turned into text on its way",
            "OTA209 header-in-payload: the file is right and the device stored protocol bytes in front of it",
        ),
        sources=(
            "components/app_update/esp_ota_ops.c, esp_ota_write, ESP-IDF v5.4",
            "components/bootloader_support/src/esp_image_format.c, verify_image_header, ESP-IDF v5.4",
            ("espressif/esp-bootloader-plus issue 10, a compressed image without the bootloader that unpacks it"),
        ),
    ),
)

_IMAGES = ("app", "esp8266", "merged")


def detect(facts: Facts) -> Finding | None:
    """The file that was sent is no app image, so no transfer could have made it bootable."""
    kind = facts.sent.kind
    if kind.kind in _IMAGES:
        return None
    return finding_of(
        FAULT,
        summary=f"the file that was sent is {kind.words}, not an app image",
        edits=facts.free,
        where=Where.FILE,
        notes=("the device refuses it however it is transferred",),
        changes=(Remedy(where=Where.FILE, text=kind.advice),) if kind.advice else (),
    )
