"""The capture shows that the link ended during the transfer."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA501",
    slug="disconnected",
    title="the link ended during the transfer",
    explanation=Explanation(
        meaning=(
            "The capture has a Disconnection Complete event before the last byte of the image was "
            "written. Its reason tells who or what ended the link."
        ),
        symptoms=(
            (
                "HCI Disconnection Complete, reason 0x08 (supervision timeout), 0x13 (other side), 0x16 "
                "(this side), 0x22, 0x3D or 0x3E"
            ),
            (
                'Writes fail in the sender: BleakError "Not connected", status 133 or 8 on Android, '
                "didDisconnectPeripheral on Apple"
            ),
            "esp_image: invalid segment length 0xffffffff on the device afterwards",
        ),
        causes=(
            ("0x08: the device did not answer for the supervision timeout: flash erase in a callback, a reset, range."),
            "0x13: the other side's application or its idle watchdog closed the link.",
            "0x16: the capturing side's application closed it, perhaps right after queueing the last write.",
            (
                "0x22: a link-layer procedure was not answered; 0x3D: keys do not agree; 0x3E: the "
                "connection was never established."
            ),
            "A phone put the app into the background.",
        ),
        confirm=(
            "otadiff SENT RECEIVED --capture CAPTURE gives reason, time and the offset reached.",
            "Hold the last acknowledged offset beside the bytes in the slot.",
        ),
        fix_sender=(
            "Reconnect, ask the device for its offset and go on there; do not start over without an abort.",
            "After the last chunk wait for the device's result before disconnecting.",
            "Keep the app in the foreground, or use the platform's background mode for Bluetooth.",
        ),
        fix_device=(
            "Abort or park the transfer in the disconnect event, and advertise again.",
            "Erase outside of the BLE host's task and ask for a longer supervision timeout.",
        ),
        confused_with=(
            "OTA313 link-lost: the same, from the device log",
            "OTA404 capture-incomplete: the capture ends, the link does not",
            "OTA212 stream-restarted: what a reconnect may leave in the slot",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 4, Part E, 7.7.5 Disconnection Complete event",
            "Bluetooth Core Specification 5.4, Vol 1, Part F, 2 Error code descriptions",
            "openppg/eppg-controller pull request 113",
        ),
    ),
)
