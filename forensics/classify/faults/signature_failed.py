"""The device refused the signature of the image."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA309",
    slug="signature-failed",
    title="the device refused the signature",
    explanation=Explanation(
        meaning=(
            "A build that demands signed apps found no valid signature behind the image, or one by "
            "another key. The next line shows whether it is damage or a wrong key."
        ),
        symptoms=(
            "esp_image: Secure boot signature verification failed",
            "esp_image: image valid, signature bad (every byte is right: unsigned, or another key)",
            "esp_image: image corrupted on flash (the bytes were damaged in the transfer)",
            "image has invalid signature version field 0xffffffff (image without a signature?)",
            ("secure_boot_v2: Secure Boot V2 verification failed. / No signatures were found for the running app"),
        ),
        causes=(
            ("The image is unsigned, or signed with a wrong key, for a device with secure boot or signed app verification."),
            (
                "The signature block at the end was not sent: the sender took the length from the headers "
                "instead of the file."
            ),
            (
                "A signature of the protocol was left in or is missing: gb88/BLEOTA takes the last 256 "
                "bytes of the stream as its own."
            ),
            "The image was damaged in transfer; the signature then fails as the digest would.",
        ),
        confirm=(
            ("espsecure verify-signature (espsecure.py verify_signature before v5) on SENT with the public key."),
            (
                "otadiff inspect SENT shows whether a signature block follows the digest; otadiff "
                "SENT RECEIVED whether it arrived."
            ),
        ),
        fix_sender=(
            (
                "Send the signed file whole, up to its last byte, with the block at the next multiple of "
                "4096 (version 2) or 68 bytes (version 1)."
            ),
            "Sign with the key whose digest the device holds.",
        ),
        fix_device=(
            (
                "Check that the running app is signed itself, since the update check takes its keys from "
                "there in builds without hardware secure boot."
            ),
            ("Return the code of esp_ota_end to the sender, and log at info level to see the line that follows."),
        ),
        confused_with=(
            "OTA302 digest-failed: builds without signatures",
            "OTA205 tail-missing: the signature sector was not sent, as a special case",
            "OTA215 harmless-tail: bytes behind an unsigned image do not count",
        ),
        sources=(
            ("components/bootloader_support/src/esp_image_format.c, verify_secure_boot_signature, ESP-IDF v5.4"),
            ("components/bootloader_support/include/esp_secure_boot.h, esp_secure_boot_sig_block_t, ESP-IDF v5.4"),
            "espressif/esp-idf issues 12148 and 11995",
        ),
    ),
)
