"""Answers of the device did not reach the sender."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA504",
    slug="notifications-lost",
    title="notifications of the device were lost",
    explanation=Explanation(
        meaning=(
            "The device sent acknowledgments as notifications, and some are absent at the sender. "
            "Notifications are not confirmed, so flow control that depends on them breaks."
        ),
        symptoms=(
            "The sender waits for ever, or repeats a chunk or sector that the device has",
            "The capture has fewer acknowledgments than sectors or parts",
            ("ble_gatts_notify_custom returns BLE_HS_ENOMEM (6), or esp_ble_gatts_send_indicate an error or congestion"),
        ),
        causes=(
            (
                "The sender subscribed too late or to the wrong characteristic, or the Client "
                "Characteristic Configuration write failed."
            ),
            "The device's buffers were full of received data, and the notification was dropped unseen.",
            "The sender's callback blocks its event loop, so that notifications are handled too late.",
            "Several acknowledgments came in one event, and the sender takes only the newest value.",
        ),
        confirm=(
            "otadiff triage CAPTURE counts acknowledgments against sectors or parts.",
            "Log the return of each notify call on the device.",
        ),
        fix_sender=(
            (
                "Subscribe and wait for the result before the start command (start_notify in bleak, the "
                "descriptor write on Android)."
            ),
            "Queue notifications in the callback; after a timeout ask for the offset, do not resend blindly.",
        ),
        fix_device=(
            ("Check the return of each notify call and repeat it later; on Bluedroid heed ESP_GATTS_CONGEST_EVT."),
            "Use indications for the few answers that matter: they are confirmed.",
            "Put the next wanted offset in each answer, so that one lost answer does no harm.",
        ),
        confused_with=(
            "OTA505 unacknowledged: the device never answered",
            "OTA404 capture-incomplete: the capture lost them, not the sender",
            "OTA203 chunk-duplicated: what the repeat leaves in the slot",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.4.7 Server initiated",
            "afpineda/NuS-NimBLE-Serial issue 20 (notifications lost when buffers are full)",
        ),
    ),
)
