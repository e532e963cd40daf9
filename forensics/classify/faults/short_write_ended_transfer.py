"""The receiver took a short write for the last one."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA312",
    slug="short-write-ended-transfer",
    title="a short write was taken for the end of the transfer",
    explanation=Explanation(
        meaning=(
            "The receiver ends the transfer at the first write shorter than a fixed size. With a smaller "
            "MTU that is the first chunk; each later one starts a new transfer."
        ),
        symptoms=(
            "esp_image: invalid segment length 0xffffffff after the first chunk",
            ("then a row of esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x4d), saw 0x25 and so on"),
            ("Or the transfer never ends: the image is an exact multiple of the chunk size, so no short write comes"),
        ),
        causes=(
            (
                "First short write taken as end: the receiver assumes 510 bytes, and the negotiated MTU "
                "allows fewer (ClaesClaes and the older Meshtastic receiver)."
            ),
            (
                "Image length is an exact multiple of the chunk size under this rule: complete image, no "
                "end; likely a timeout."
            ),
            "A sender that splits sectors or parts ends each with a short chunk.",
        ),
        confirm=(
            ('Look the bytes of the "saw" lines up in SENT: they are at multiples of the chunk size, in order.'),
            "otadiff triage SENT LOG does that and gives the chunk size.",
            "Compare the negotiated MTU in the log or capture with the receiver's constant.",
        ),
        fix_sender=(
            (
                "Negotiate an MTU of at least the receiver's constant plus 3 before sending (requestMtu "
                "on Android; iOS chooses by itself)."
            ),
            "Where the receiver cannot be changed and the MTU is too small, stop before the first chunk.",
        ),
        fix_device=(
            (
                "Take the length in the start command and end when that many bytes were received, or on "
                "an explicit end command."
            ),
            "After a failed verification ignore data until a new start command.",
        ),
        confused_with=(
            "OTA205 tail-missing: a disconnect ended the transfer",
            "OTA304 magic-invalid: one wrong first byte, no series",
            "OTA310 flash-erased: not even the first chunk is there",
        ),
        sources=(
            "ClaesClaes/Arduino-ESP32-NimBLE-OTA-iOS-SwiftUI issues 2 and 3, meshtastic/firmware issue 3224",
            "components/app_update/esp_ota_ops.c, esp_ota_write, ESP-IDF v5.4",
            "components/bootloader_support/src/esp_image_format.c, verify_segment_header, ESP-IDF v5.4",
        ),
    ),
)
