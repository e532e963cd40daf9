"""The device log shows that the link ended during the transfer."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA313",
    slug="link-lost",
    title="the device lost the link during the transfer",
    explanation=Explanation(
        meaning=(
            "The log holds a disconnect while the image was being received. What is in the slot is at "
            "best a beginning of the image."
        ),
        symptoms=(
            "ESP_GATTS_DISCONNECT_EVT, reason = 0x8 (supervision timeout) or 0x13 (the other side ended it)",
            "NimBLE: disconnect; reason=520 or reason=531 (0x200 plus the HCI reason)",
            "esp_image: invalid segment length 0xffffffff afterwards",
            "esphome or Arduino logs of a Wi-Fi OTA that times out while BLE runs",
        ),
        causes=(
            "Flash erase or a long write blocks the BLE host or the CPU longer than the supervision timeout.",
            ("The firmware calls esp_ota_end after the disconnect, and the verifier reports damage instead of a lost link."),
            ("The app idles out the link: its own watchdog or a telemetry timeout ends it with 0x13 during the flash."),
            "The device resets: task watchdog, brownout or a panic is in the log at that point.",
            "Wi-Fi OTA that fails because BLE runs is no BLE transfer at all; the two share one radio.",
            "Range or interference.",
        ),
        confirm=(
            (
                "Read the reason: 0x8 means that nothing was heard, 0x13 that the other side closed, 0x16 "
                "that this side closed."
            ),
            ("otadiff triage SENT LOG shows the reason and the lines before it; a capture of the sender gives the time."),
        ),
        fix_sender=(
            (
                "Keep the link in use and switch the app's idle watchdog off during the transfer; after a "
                "reconnect ask for the offset."
            ),
            "Ask for a supervision timeout of 4 to 6 seconds (connection parameter update).",
        ),
        fix_device=(
            "Call esp_ota_abort on disconnect, or keep the handle and offer to go on at the offset.",
            "Move erase and write out of the callback, and use OTA_WITH_SEQUENTIAL_WRITES.",
            "Log the disconnect reason and the bytes received.",
        ),
        confused_with=(
            "OTA501 disconnected: the same, proven by a capture",
            "OTA205 tail-missing: what it leaves in the slot",
            "OTA312 short-write-ended-transfer: the same flash contents without a disconnect",
        ),
        sources=(
            (
                "Bluetooth Core Specification 5.4, Vol 1, Part F, 2.8 Connection Timeout and 2.19 Remote "
                "User Terminated Connection"
            ),
            "ESP32 forum topic 13496, openppg/eppg-controller pull request 113 (reason 531 at 20 to 30 %)",
            "esphome/issues issue 1098 (Wi-Fi OTA beside BLE), espressif/esp-idf issue 3551",
        ),
    ),
)
