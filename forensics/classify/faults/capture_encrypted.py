"""The capture holds ciphertext."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA405",
    slug="capture-encrypted",
    title="the capture is encrypted",
    explanation=Explanation(
        meaning=(
            "The link was encrypted and the capture was taken in the air, or the protocol encrypts its "
            "payload. The image's bytes cannot be read from it."
        ),
        symptoms=(
            "LL_ENC_REQ (control opcode 3) in an air capture, and only unreadable data after it",
            "Payload without any sequence of SENT, while sizes and counts fit the image",
            "A protocomm service (ble_ota with OTA_WITH_PROTOCOMM) or pre-encrypted OTA",
        ),
        causes=(
            ("The devices are paired or bonded, so that the link layer encrypts; a sniffer needs the long term key."),
            "The protocol has a session of its own (protocomm with security 1 or 2).",
            ("Pre-encrypted OTA sends an AES-GCM file: the capture equals the encrypted file and not the .bin."),
        ),
        confirm=(
            "otadiff triage CAPTURE names the point where encryption starts.",
            "For pre-encrypted OTA compare with the encrypted file as SENT.",
        ),
        fix_sender=(
            "Take the HCI log on the sender: it is above link-layer encryption and is readable.",
            "Or remove the bond for the test and use an unencrypted characteristic.",
        ),
        fix_device=(
            "Log length and CRC32 of each chunk after decryption.",
            ("For a test, build without OTA_WITH_PROTOCOMM or without the encryption flags of the characteristic."),
        ),
        confused_with=(
            "OTA404 capture-incomplete: readable, but not all of it",
            "OTA406 evidence-damaged: a dump of encrypted flash",
            "OTA213 text-encoded: an encoding that can be undone without a key",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 6, Part B, 2.4.2 LL Control PDU",
            "espressif/esp-iot-solution ble_ota 0.1.16 (OTA_WITH_PROTOCOMM, PRE_ENC_OTA)",
        ),
    ),
)
