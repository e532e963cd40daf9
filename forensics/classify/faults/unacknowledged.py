"""Writes or sectors never got the answer the protocol asks for."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA505",
    slug="unacknowledged",
    title="writes were never acknowledged",
    explanation=Explanation(
        meaning=(
            "A write request got no response, or a sector or part no positive answer, before the transfer "
            "went on or ended. Those bytes are not known to have arrived."
        ),
        symptoms=(
            "A Write Request (0x12) without Write Response (0x13); after 30 seconds ATT gives the link up",
            "Error Response to a write (0x01 0x12 ...): the device refused this chunk",
            ("Sector acknowledgments with status 1 (CRC), 2 (index) or 3 (length), without a resend after them"),
            "Only write commands (0x52) in the capture, and no answers at all",
        ),
        causes=(
            "The sender overruns write commands and has no acknowledgment to slow it down.",
            "The sender does not look at the result: an unawaited promise, an error callback that is empty.",
            ("The device blocks in its GATT callback (erase, flash write), so that the response comes too late."),
            (
                "The last sector is refused again and again: senders that use index 0xFFFF for it meet "
                "receivers that do not take it."
            ),
            "The device's receiver acknowledges what it has not checked, or does not acknowledge at all.",
        ),
        confirm=(
            "otadiff triage CAPTURE pairs requests with responses, and sectors with their acknowledgments.",
            "Compare the refused offsets with the missing ranges of otadiff SENT RECEIVED.",
        ),
        fix_sender=(
            "Await every write request and stop, or send again, on an error.",
            "With write commands send no more than the window the device granted, then wait for its answer.",
        ),
        fix_device=(
            "Answer at once from the callback, and do erase and flash work in another task.",
            ("Answer with an ATT error or a negative acknowledgment when the queue is full; do not drop in silence."),
        ),
        confused_with=(
            "OTA504 notifications-lost: the device answered, and the answer was lost",
            "OTA202 chunk-missing: the bytes are proven to be absent in flash",
            "OTA501 disconnected: the link ended before the answer",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.3.3 Transaction",
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.4.5 Writing attributes",
            ("espressif/esp-iot-solution ble_ota 0.1.16 and ble_ota_raw 0.2.0, h2zero/NimBLEOta (index 0xFFFF)"),
            "PhilipsHue/flutter_reactive_ble issue 933",
        ),
    ),
)
