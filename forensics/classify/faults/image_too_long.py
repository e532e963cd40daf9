"""The image is longer than the slot it was written to."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA308",
    slug="image-too-long",
    title="the image does not fit its slot",
    explanation=Explanation(
        meaning=("The image's own headers give a length, digest and signature included, that is larger than the partition."),
        symptoms=(
            "esp_image: Image length 1212000 doesn't fit in partition length 1048576",
            "esp_ota_begin or esp_ota_write returns 0x104 (ESP_ERR_INVALID_SIZE) before that",
            "The transfer ends at exactly the size of the slot, where esp_ota_write begins to fail",
        ),
        causes=(
            ('The app outgrew the slot: the table "Factory app, two OTA definitions" gives 1048576 bytes each.'),
            "The device in the field has an older partition table than the build.",
            (
                "A header was damaged or shifted so that a segment length is large, which is rare since "
                "the checksum is examined first."
            ),
            "Signed builds count the signature sector as well (v4.4.3, v5.0 and later).",
        ),
        confirm=(
            "otadiff inspect SENT prints the length; the device's boot log prints the partition table.",
            "Compare the paddr in the log with the slot.",
        ),
        fix_sender=(
            (
                "Compare the length with the slot's before sending; make the app smaller "
                "(CONFIG_COMPILER_OPTIMIZATION_SIZE) or send a build for this table."
            ),
        ),
        fix_device=(
            ("Answer the start command with an error when the announced length is larger than partition->size."),
            "A new partition table needs a cable or a careful update of its own.",
        ),
        confused_with=(
            "OTA205 tail-missing: a staging area was full and the write stopped",
            "OTA212 stream-restarted: the stream is too long, the image is not",
        ),
        sources=(
            ("components/bootloader_support/src/esp_image_format.c, process_appended_hash_and_sig, ESP-IDF v5.4"),
            "components/app_update/esp_ota_ops.c, esp_ota_begin, ESP-IDF v5.4",
        ),
    ),
)
