"""Lines of those who call the verifier: ``esp_ota_ops``, ``esp_https_ota`` and the examples that use them.

Source: ``components/app_update/esp_ota_ops.c``, ``components/esp_https_ota/src/esp_https_ota.c`` and
``examples/system/ota``, ESP-IDF v2.0 to master.
"""

from __future__ import annotations

from forensics.spec.log_lines.template import LineTemplate, LineUse


def _error(kind: str, text: str, versions: str) -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.ERROR, versions=versions)


def _event(kind: str, text: str, versions: str = "", *, anywhere: str = "", **constants: int | str) -> LineTemplate:
    return LineTemplate(
        kind=kind,
        text=text,
        use=LineUse.EVENT,
        versions=versions,
        constants=tuple(constants.items()),
        anywhere=anywhere,
    )


ERRORS = (
    _error(
        "ota_invalid_magic_byte",
        "OTA image has invalid magic byte (expected 0x{expected:x}, saw 0x{saw:x})",
        "v3.1.7+ v3.2.4+ v3.3.1+ v4.0-",
    ),
    _error(
        "ota_invalid_magic_byte",
        "OTA image has invalid magic byte (expected 0x{expected:x}, saw 0x{saw:x}",
        "v2.0-v3.0 v3.1.0-v3.1.6 v3.2.0-v3.2.3 v3.3.0",
    ),
    _error("new_image_failed_verification", "New image failed verification", "v5.5-"),
)

OTA_OPS_EVENTS = (
    _event("ota_write_refused", "write data is invalid", reason="no data"),
    _event("ota_write_refused", "write data size is 0", "v4.4.7+ v5.0.6+ v5.1.3+ v5.2-", reason="empty write"),
    _event(
        "ota_write_refused",
        "Size should be 16byte aligned for flash encryption case",
        "v4.2-",
        reason="alignment",
    ),
    _event("ota_handle_unknown", "not found the handle"),
    _event("ota_handle_unknown", "OTA handle not found", "v4.2-"),
    _event("otadata_missing", "not found ota data", "v2.0-v3.2"),
    _event("otadata_missing", "not found otadata", "v3.3-"),
    _event("otadata_missing", "mmap ota data filed", "v2.0-v3.2"),
    _event("otadata_missing", "mmap otadata filed. Err=0x{error:x}", "v3.3-"),
    _event("otadata_invalid", "ota data invalid, no current app. Assuming factory"),
    _event("no_app_partition", "invalid partition table, no app partitions", "v3.0-"),
    _event(
        "rollback",
        "Running app has not confirmed state (ESP_OTA_IMG_PENDING_VERIFY)",
        "v3.3-",
        state="unconfirmed",
    ),
    _event(
        "rollback",
        "Rollback is not possible, do not have any suitable apps in slots",
        "v3.3-",
        state="impossible",
    ),
    _event("rollback", "Rollback to previously worked partition. Restart.", "v3.3-v5.4", state="done"),
    _event("rollback", "Monitoring the first boot of the app is enabled.", "v3.3-", state="watched"),
    _event("rollback", "OTA[current] partition is marked as {state:w}", "v3.3-"),
    _event(
        "secure_version_too_low",
        "This a new partition can not be booted due to a secure version{...}",
        "v3.3-",
    ),
    _event("ota_already_running", "OTA operation already in progress on partition {partition:w}", "master"),
    _event(
        "spi_mode_mismatch",
        "SPI flash mode mismatch: running app has mode {running:d}, new app has mode {new:d}",
        "master",
    ),
    _event(
        "partition_table_invalid",
        "Partition table image has invalid magic word (expected 0x{...}, saw 0x{saw:x})",
        "v5.5-",
    ),
)

HTTPS_EVENTS = (
    _event("ota_started", "Starting OTA..."),
    _event("ota_target", "Writing to partition subtype {subtype:d} at offset 0x{address:x}", "v2.0-v5.3"),
    _event("ota_target", "Writing to <{partition:w}> partition at offset 0x{address:x}", "v5.4-"),
    _event("https_closed", "Connection closed, all data received", complete=1),
    _event("https_closed", "Connection closed before complete data was received!", complete=0),
    _event("https_closed", "Complete headers were not received", complete=0),
    _event("https_chip_mismatch", "Mismatch chip id, expected {expected:d}, found {found:d}"),
    _event("https_descriptor_invalid", "Incorrect app descriptor magic"),
)

CALL_EVENTS = (
    _event("ota_call_failed", "esp_ota_{call:word} failed (ESP_ERR_{name:w}", anywhere="esp_ota_"),
    _event("ota_call_failed", "esp_ota_{call:word} failed! err=0x{error:x}", anywhere="esp_ota_"),
    _event("ota_call_failed", "esp_ota_{call:word} failed, err=0x{error:x}", anywhere="esp_ota_"),
    _event("ota_call_failed", "esp_ota_{call:word} failed, error={error:d}", anywhere="esp_ota_"),
    _event("ota_call_failed", "esp_ota_{call:word} failed", anywhere="esp_ota_"),
    _event(
        "ota_call_failed",
        "ESP_ERR_OTA_VALIDATE_FAILED",
        anywhere="ESP_ERR_OTA",
        call="end",
        name="OTA_VALIDATE_FAILED",
    ),
    _event("ota_progress", "Have written image length {bytes:d}", anywhere="written image"),
    _event("ota_progress", "Written image length {bytes:d}", anywhere="Written image"),
    _event("ota_progress", "Image bytes read: {bytes:d}", anywhere="Image bytes"),
    _event("ota_size", "Total Write binary data length{...}: {bytes:d}", anywhere="binary data"),
    _event("ota_failed", "Firmware upgrade failed", anywhere="Firmware upgrade"),
    _event("ota_failed", "ESP_HTTPS_OTA upgrade failed {error:x}", anywhere="HTTPS_OTA"),
    _event("ota_succeeded", "ESP_HTTPS_OTA upgrade successful", anywhere="HTTPS_OTA"),
    _event("ota_succeeded", "OTA Succeed, Rebooting", anywhere="OTA Succeed"),
    _event("ota_succeeded", "Firmware update complete", anywhere="Firmware update"),
    _event("ota_succeeded", "Prepare to restart system", anywhere="Prepare to"),
    _event("ota_target", "Running partition type {type:d} subtype {subtype:d} (offset 0x{address:x})", running=1),
)

LINES = (*ERRORS, *OTA_OPS_EVENTS, *HTTPS_EVENTS, *CALL_EVENTS)
