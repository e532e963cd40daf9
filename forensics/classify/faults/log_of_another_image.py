"""The device log belongs to another image than SENT."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA402",
    slug="log-of-another-image",
    title="the log is about another image",
    explanation=Explanation(
        meaning=(
            "The segments, addresses or hash values in the log cannot come from SENT, damaged or not. "
            "Conclusions from this log do not hold for this file."
        ),
        symptoms=(
            ("Segment sizes or load addresses in the log differ from SENT from segment 0 on, and the walk passes"),
            "Expected hash in the log is another than the one at the end of SENT",
            "The log's walk is that of the bootloader starting the old app",
        ),
        causes=(
            ("The project was built again after the failure; every build has another app_elf_sha256 and digest."),
            ("The log shows the walk over the running or an older slot, such as the bootloader's at the next reset."),
            "The log comes from another device or another attempt.",
            "The sender sent another file than the one at hand.",
        ),
        confirm=(
            "Compare the segment lines with otadiff inspect SENT --as-log.",
            "Compare app descriptor and version in the boot log with the file.",
        ),
        fix_sender=("Keep the exact file of each transfer and log its SHA-256.",),
        fix_device=(
            ("Log the slot, its flash address and the first bytes of the announced SHA-256 at the start of a transfer."),
            "Send the log from the start of the transfer on, so that each walk can be assigned.",
        ),
        confused_with=(
            "OTA214 wrong-image: a dump, not only the log, holds another image",
            "OTA303 segment-length-invalid: the first segments agree and then the walk fails",
            "OTA403 dump-of-another-attempt: log and file agree, the dump does not",
        ),
        sources=(
            ("components/bootloader_support/src/esp_image_format.c, process_segment and verify_simple_hash, ESP-IDF v5.4"),
            "components/esp_app_format/include/esp_app_desc.h, esp_app_desc_t, ESP-IDF v5.4",
        ),
    ),
)
