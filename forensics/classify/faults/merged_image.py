"""The file that was sent is a whole-flash image, not an app."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import finding_of
from forensics.model.finding import Explanation, Fault, Finding, Remedy, Where

FAULT = Fault(
    code="OTA102",
    slug="merged-image",
    title="the file that was sent is a merged flash image",
    explanation=Explanation(
        meaning=(
            "The file holds bootloader, partition table and app in one. It belongs at flash offset 0 by "
            "cable; an OTA slot takes only the app that is inside it."
        ),
        symptoms=(
            (
                "esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0xff), on chips whose "
                "bootloader is at 0x1000 or 0x2000"
            ),
            (
                "boot_comm: Image requires efuse blk rev >= v251.85, but chip is v0.0 (nonsense "
                "revisions: segment 0 is no app descriptor)"
            ),
            (
                "esp_image: Image hash failed - image is corrupt, where the bootloader's header was "
                "rewritten after its digest was made"
            ),
        ),
        causes=(
            "esptool merge-bin, or a web installer's factory file, was taken for the OTA file.",
            "A release page offers both files and names do not say which is which.",
            (
                "On chips whose bootloader is at flash offset 0 the merged file also begins with 0xE9, "
                "so a check of the first byte lets it through."
            ),
        ),
        confirm=(
            "otadiff inspect SENT finds the partition table at 0x8000 and the app behind it.",
            ("The bytes AA 50 at file offset 0x8000 are the first partition entry; an app has code or data there."),
        ),
        fix_sender=(
            "Send the app .bin of the same build, not the merged or factory file.",
            (
                "To use the merged file, cut the app out of it at the offset its partition table gives, "
                "by the length the app's own header gives."
            ),
        ),
        fix_device=(
            (
                "Nothing is wrong on the device. To refuse early, check the app descriptor magic "
                "0xABCD5432 at image offset 0x20 of the first chunk."
            ),
        ),
        confused_with=(
            "OTA101 not-an-app-image: no ESP32 image at all",
            "OTA206 chunk-filled: the first bytes are 0xFF in the slot although the file has others",
            "OTA103 image-invalid: an app that fails its own checks",
        ),
        sources=(
            ("components/bootloader_support/include/esp_flash_partitions.h, esp_partition_info_t, ESP-IDF v5.4"),
            "components/esp_app_format/include/esp_app_desc.h, esp_app_desc_t, ESP-IDF v5.4",
            "wellenvogel/esp32-nmea2000 issue 89 and shmuelzon/esp32-ble2mqtt issue 150",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """The file that was sent is an image of the whole flash, with the bootloader in front."""
    kind = facts.sent.kind
    if kind.kind != "merged":
        return None
    inside = tuple(f"an app image is at 0x{span.start:x}..0x{span.end:x} in it" for span in kind.apps[:3])
    return finding_of(
        FAULT,
        summary=f"the file that was sent is {kind.words}, not the app image alone",
        edits=facts.free,
        where=Where.FILE,
        notes=inside,
        changes=(Remedy(where=Where.FILE, text=kind.advice),),
    )
