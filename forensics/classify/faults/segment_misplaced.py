"""A segment lies where it cannot be mapped or loaded."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA307",
    slug="segment-misplaced",
    title="a segment does not fit its load address",
    explanation=Explanation(
        meaning=(
            "A flash-mapped segment must lie at the same offset in its MMU page as its load address, and "
            "a loaded one in memory that is free. One does not."
        ),
        symptoms=(
            "esp_image: Segment 1 load address 0x400d0018, doesn't match data 0x00120010",
            "esp_image: Segment 2 0x........-0x........ invalid: bad load address range",
            (
                "Failed to fetch app description header! or MMU page size mismatch (v5.4 and later, chips "
                "with a variable page size)"
            ),
        ),
        causes=(
            "Bytes were lost or inserted, and the device read a header that is plausible by chance.",
            (
                "The slot does not start at a multiple of 64 KiB, or the image was linked for another MMU "
                "page size (flash size setting on C2, C6, H2)."
            ),
            "The image is for another chip, or the segment header was damaged in place.",
        ),
        confirm=(
            ("otadiff inspect SENT runs the same check on the file; when it passes there, the transfer is at fault."),
            "Compare the paddr of segment 0 with the slot's flash address plus 0x20.",
        ),
        fix_sender=("Build with the flash size and partition table of the device.",),
        fix_device=(
            "Put app partitions at multiples of 0x10000.",
            "For a shift see OTA202 and OTA203: number the chunks and count the bytes.",
        ),
        confused_with=(
            "OTA303 segment-length-invalid: the same shift, seen in the length first",
            "OTA104 wrong-chip: load addresses of another chip",
        ),
        sources=(
            (
                "components/bootloader_support/src/esp_image_format.c, verify_segment_header and "
                "process_segment, ESP-IDF v5.4"
            ),
        ),
    ),
)
