"""The device's SHA-256 over the image does not match."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA302",
    slug="digest-failed",
    title="the device reports a wrong digest",
    explanation=Explanation(
        meaning=(
            "The segments and the XOR checksum passed, but the SHA-256 appended to the image is not the "
            "one that the device calculated."
        ),
        symptoms=(
            "esp_image: Image hash failed - image is corrupt",
            "boot: Calculated hash: ... and Expected hash: ... at debug level (tag esp_image up to v4.0)",
            "Expected hash: ffffffff... the stored digest was never written; 00000000... it is zero fill",
        ),
        causes=(
            "Chunks are in another order: XOR does not see order, so this is the usual sign of reordering.",
            ("Damage in bytes that the checksum leaves out: image header, segment headers, padding or the digest itself."),
            "The last 32 bytes were not written, since the last short chunk was not sent or not flushed.",
            "The file was edited after it was built, and its digest is stale.",
            "Two changes cancel out, or random damage agrees by chance (1 in 256).",
            (
                "With a debugger attached the device compares neither checksum nor digest, so this line "
                "then is not printed at all."
            ),
        ),
        confirm=(
            (
                "otadiff SENT RECEIVED shows order and changes; with only a log, otadiff triage SENT LOG "
                "tries what the hash values allow."
            ),
            (
                "SHA-256 over the file without its last 32 bytes equals those 32 bytes in a good file "
                "without signature; otadiff inspect SENT checks it."
            ),
        ),
        fix_sender=(
            "Send from one loop that waits for each write; number the chunks.",
            "Do not edit an image after esptool elf2image, or have esptool make the digest again.",
        ),
        fix_device=(
            "Write chunks in the order of their numbers, through one queue and one task.",
            (
                "To see both values set CONFIG_BOOTLOADER_LOG_LEVEL to debug (from v4.1.4, v4.2.5, v4.3.4 "
                "and v4.4 the lines are compiled in only then)."
            ),
        ),
        confused_with=(
            "OTA301 checksum-failed: bytes differ in sum, not only in order",
            "OTA309 signature-failed: a signed build compares the signature instead",
            "OTA314 verifier-bug: Calculated hash: 00000000",
        ),
        sources=(
            ("components/bootloader_support/src/esp_image_format.c, process_checksum and verify_simple_hash, ESP-IDF v5.4"),
            (
                "components/bootloader_support/src/esp_image_format.c, ESP-IDF v3.1 (the hash lines print "
                "only 4 bytes in v3.0 and v3.1)"
            ),
        ),
    ),
)
