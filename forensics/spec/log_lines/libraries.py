"""Lines of the common libraries for OTA over Bluetooth LE.

Source: fbiego/ESP32_BLE_OTA_Arduino (2024-08-12), ClaesClaes/Arduino-ESP32-NimBLE-OTA-iOS-SwiftUI and
meshtastic/firmware-ota (2025-12-15), espressif/esp-iot-solution ``ble_ota`` 0.1.16, h2zero/NimBLEOta
(2025-04-12).
"""

from __future__ import annotations

from forensics.spec.log_lines.template import LineTemplate, LineUse


def _event(kind: str, text: str, *, anywhere: str = "", **constants: int | str) -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.EVENT, constants=tuple(constants.items()), anywhere=anywhere)


FBIEGO = (
    _event("ota_written", "Written : {bytes:d} successfully"),
    _event("ota_written", "Written only : {bytes:d}/{expected:d}. Retry?"),
    _event("ota_written", "Written : {bytes:d}/{expected:d} ["),
    _event("ota_size", "File Size: {bytes:d}"),
    _event("storage_free", "Available space: {bytes:d}"),
    _event("ota_part_requested", "TX F1 {high:x2} {low:x2}"),
    _event("ota_received", "Incomplete. Expected {expected:d}. Received {bytes:d}", complete=0),
    _event("ota_received", "Incomplete{...}Expected: {expected:d} Received: {bytes:d}", complete=0),
    # Two println: ``Incomplete`` is the line before, and both come only when the counts differ.
    _event("ota_received", "Expected: {expected:d} Received: {bytes:d}", complete=0),
    _event("ota_received", "Expected: {expected:d}{end}", complete=0),
    _event("ota_received", "Received: {bytes:d}{end}", complete=0),
    _event("ota_received", "expected {expected:d}, received {bytes:d}", anywhere=", received", complete=0),
    _event("ota_received", "received {bytes:d} of {expected:d} bytes", anywhere="received ", complete=0),
    _event("ota_succeeded", "Update successfully completed. Rebooting"),
    _event("ota_succeeded", "OTA done!"),
    _event("ota_succeeded", "rollback cancelled successfully", anywhere="rollback c"),
    _event("ota_succeeded", "Successfully uploaded program", anywhere="uploaded program"),
    _event("ota_failed", "Update not finished? Something went wrong!"),
    _event("ota_failed", "Not enough space to begin OTA"),
    _event("ota_started", "Rebooting to start OTA update"),
    _event("ota_started", "Trying to start update"),
    _event("storage_failed", "failed to open file for writing"),
    _event("storage_failed", "Error, file is empty"),
)

RAW_STREAM = (
    _event("ota_started", "BeginOTA"),
    _event("ota_chunk", "Data received---"),
    _event("ota_last_chunk", "Final byte arrived"),
    _event("ota_failed", "OTA end failed"),
    _event("ota_failed", "Upload Error"),
    _event("ota_failed", "Error: write to flash failed"),
    _event("connected", "App connected"),
    _event("disconnected", "App disconnected"),
    _event("disconnected", "disconnected{end}"),
    _event("stream_buffer_full", "StreamBuffer Full", anywhere="StreamBuffer"),
)

ESPRESSIF_BLE_OTA = (
    _event("ota_started", "recv ota start cmd, fw_length = {length:d}", anywhere="ota st"),
    _event("ota_stopped", "recv ota stop cmd", anywhere="ota st"),
    _event("sector_error", "sector index error, cur: {expected:d}, recv: {received:d}", anywhere="index error"),
    _event("packet_error", "packet index error, cur: {expected:d}, recv: {received:d}", anywhere="index error"),
    _event(
        "packet_error",
        "packet sequence error, cur: {expected:d}, recv: {received:d}",
        anywhere="sequence error",
    ),
    _event("ota_sector", "DEBUG: recv {sector:d} sector", anywhere=" recv "),
    _event("ota_sector", "received sector {sector:d}", anywhere="received sector"),
    _event("ota_packet", "Sector:{sector:d}, total length:{total:d}, length:{length:d}", anywhere="total length"),
    _event("ota_not_started", "don't receive the start cmd", anywhere="start cmd"),
    _event("ota_not_started", "ota not started", anywhere="ota not"),
    _event("command_error", "command {what:w} error", anywhere="command "),
    _event("ota_failed", "file length mismatch", anywhere="length mismatch", means="length"),
    _event("ota_succeeded", "OTA update complete", anywhere="OTA update"),
    _event("ota_succeeded", "OTA update finished", anywhere="OTA update"),
    _event("ota_succeeded", "HTTP update process finished", anywhere="HTTP update"),
    _event("ota_succeeded", "Update complete{end}"),
    _event("ota_succeeded", "UPGRADE = Successful", anywhere="UPGRADE"),
)

LINES = (*FBIEGO, *RAW_STREAM, *ESPRESSIF_BLE_OTA)
