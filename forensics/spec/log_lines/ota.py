"""Lines of those who call the verifier: ``esp_ota_ops``, ``esp_https_ota`` and the examples that use them.

Source: ``components/app_update/esp_ota_ops.c``, ``components/esp_https_ota/src/esp_https_ota.c`` and
``examples/system/ota``, ESP-IDF v2.0 to master.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.esp_err_names import OTA_ERRORS
from forensics.spec.log_lines.template import LineTemplate, LineUse, Meaning, meaning


def _error(kind: str, text: str, versions: str = "", anywhere: str = "") -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.ERROR, versions=versions, anywhere=anywhere)


def _event(
    kind: str, text: str, versions: str = "", *, anywhere: str = "", means: str = "", **constants: int | str
) -> LineTemplate:
    return LineTemplate(
        kind=kind,
        text=text,
        use=LineUse.EVENT,
        versions=versions,
        constants=tuple(constants.items()),
        anywhere=anywhere,
        means=means,
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
    _error("ota_invalid_magic_byte", "magic number 0x{saw:x} (expected 0xE9)", anywhere="magic number"),
    _error("new_image_failed_verification", "New image failed verification", "v5.5-"),
)

OTA_OPS_EVENTS = (
    _event("ota_write_refused", "write data is invalid", means="write-refused", reason="no data"),
    _event(
        "ota_write_refused",
        "write data size is 0",
        "v4.4.7+ v5.0.6+ v5.1.3+ v5.2-",
        means="write-refused",
        reason="no bytes",
    ),
    _event(
        "ota_write_refused",
        "Size should be 16byte aligned for flash encryption case",
        "v4.2-",
        means="write-refused",
        reason="a length that is no multiple of 16 with flash encryption",
    ),
    _event("ota_handle_unknown", "not found the handle", means="handle"),
    _event("ota_handle_unknown", "OTA handle not found", "v4.2-", means="handle"),
    _event("otadata_missing", "not found ota data", "v2.0-v3.2", means="otadata-missing"),
    _event("otadata_missing", "not found otadata", "v3.3-", means="otadata-missing"),
    _event("otadata_missing", "mmap ota data filed", "v2.0-v3.2"),
    _event("otadata_missing", "mmap otadata filed. Err=0x{error:x}", "v3.3-"),
    _event("otadata_invalid", "ota data invalid, no current app. Assuming factory"),
    _event("no_app_partition", "invalid partition table, no app partitions", "v3.0-", means="no-app-partition"),
    _event(
        "rollback",
        "Running app has not confirmed state (ESP_OTA_IMG_PENDING_VERIFY)",
        "v3.3-",
        means="unconfirmed",
        state="unconfirmed",
    ),
    _event(
        "rollback",
        "Rollback is not possible, do not have any suitable apps in slots",
        "v3.3-",
        means="rollback-impossible",
        state="impossible",
    ),
    _event("rollback", "Rollback to previously worked partition. Restart.", "v3.3-v5.4", means="rollback", state="done"),
    _event("rollback", "Diagnostics failed! Start rollback to the previous version", means="rollback", state="done"),
    _event("rollback", "Monitoring the first boot of the app is enabled.", "v3.3-", state="watched"),
    _event("rollback", "OTA[current] partition is marked as {state:w}", "v3.3-"),
    _event(
        "secure_version_too_low",
        "This a new partition can not be booted due to a secure version{...}",
        "v3.3-",
        means="anti-rollback",
    ),
    _event("secure_version_too_low", "This a new app can not be downloaded due to a secure version", means="anti-rollback"),
    _event(
        "secure_version_too_low",
        "New firmware security version is less than eFuse programmed, {found:d} < {expected:d}",
        means="anti-rollback-numbers",
    ),
    _event("policy_refused", "Current running version is the same as a new", means="same-version"),
    _event("policy_refused", "Current running version is same as the new", means="same-version"),
    _event("policy_refused", "New version is the same as invalid version", means="failed-version"),
    _event("policy_refused", "The firmware has been rolled back to the previous version", means="failed-version"),
    _event(
        "ota_already_running",
        "OTA operation already in progress on partition {partition:w}",
        "master",
        means="already-running",
    ),
    _event(
        "spi_mode_mismatch",
        "SPI flash mode mismatch: running app has mode {running:d}, new app has mode {new:d}",
        "master",
    ),
    _event(
        "partition_table_invalid",
        "Partition table image has invalid magic word (expected 0x{...}, saw 0x{saw:x})",
        "v5.5-",
        means="table-image",
    ),
)

HTTPS_EVENTS = (
    _event("ota_started", "Starting OTA..."),
    _event("ota_target", "Writing to partition subtype {subtype:d} at offset 0x{address:x}", "v2.0-v5.3"),
    _event("ota_target", "Writing to <{partition:w}> partition at offset 0x{address:x}", "v5.4-"),
    _event("https_closed", "Connection closed, all data received", complete=1),
    _event("https_closed", "Connection closed before complete data was received!", means="cut-off", complete=0),
    _event("https_closed", "Complete headers were not received", means="cut-off", complete=0),
    _event("https_chip_mismatch", "Mismatch chip id, expected {expected:d}, found {found:d}"),
    _event("https_descriptor_invalid", "Incorrect app descriptor magic", means="descriptor"),
)

_CALLS = "begin", "write", "end", "set_boot_partition", "abort"

CALL_EVENTS = (
    _event(
        "ota_call_failed",
        "Image validation failed, image is corrupted",
        anywhere="Image validation",
        call="end",
        name="OTA_VALIDATE_FAILED",
    ),
    _event("ota_call_failed", "ota_end failed: {error:d}", anywhere="ota_end failed", call="end"),
    _event("ota_call_failed", "esp_ota_{call:word} failed (ESP_ERR_{name:w}", anywhere="esp_ota_"),
    _event("ota_call_failed", "esp_ota_{call:word} failed (ESP_FAIL", anywhere="esp_ota_", name="FAIL"),
    *(
        _event("ota_call_failed", f"esp_ota_{{call:word}}{words}{number}", anywhere="esp_ota_")
        for words in (
            " failed[[!]][[,]][[:]] [[(]][[err]][[or]] [[=]][[:]] ",
            "[[:]] err[[or]] [[=]][[:]] ",
            " -> ",
            "[[()]] returned[[:]] [[with]] [[error]] ",
        )
        for number in ("0x{error:nx}", "{error:n}")
    ),
    *(
        _event("ota_call_failed", f"esp_ota_{call}{{...}}ESP_ERR_{{name:w}}", anywhere="esp_ota_", call=call)
        for call in _CALLS
    ),
    _event("ota_call_failed", "esp_ota_{call:word} failed", anywhere="esp_ota_"),
    *(
        _event("ota_call_failed", f"ESP_ERR_{error.name}", anywhere="ESP_ERR_OTA", name=error.name)
        for error in OTA_ERRORS[::-1]  # the longer of two names with one beginning comes first
        if error.name.startswith("OTA_")
    ),
    _event("ota_started", "esp_ota_begin succeeded", anywhere="esp_ota_"),
    _event("ota_started", "OTA chunk {chunk:d}", anywhere="OTA chunk"),
    _event("ota_started", "ota chunk {chunk:d}", anywhere="ota chunk"),
    _event("ota_progress", "Have written image length {bytes:d}", anywhere="written image"),
    _event("ota_progress", "Written image length {bytes:d}", anywhere="Written image"),
    _event("ota_progress", "Image bytes read: {bytes:d}", anywhere="Image bytes"),
    _event("ota_size", "Total Write binary data length{...}: {bytes:d}", anywhere="binary data"),
    _event("ota_failed", "Firmware upgrade failed", anywhere="Firmware upgrade"),
    _event("ota_failed", "ESP_HTTPS_OTA upgrade failed {error:x}", anywhere="HTTPS_OTA"),
    _event("ota_succeeded", "ESP_HTTPS_OTA upgrade successful", anywhere="HTTPS_OTA"),
    _event("ota_succeeded", "OTA Succeed, Rebooting", anywhere="OTA Succeed"),
    _event("ota_succeeded", "esp_ota_set_boot_partition succeeded", anywhere="esp_ota_"),
    _event("ota_succeeded", "OTA[[ update]] success", anywhere="OTA"),
    _event("ota_succeeded", "Firmware update complete", anywhere="Firmware update"),
    _event("ota_succeeded", "Prepare to restart system", anywhere="Prepare to"),
    _event("ota_target", "Running partition type {type:d} subtype {subtype:d} (offset 0x{address:x})", running=1),
)

LINES = (*ERRORS, *OTA_OPS_EVENTS, *HTTPS_EVENTS, *CALL_EVENTS)

MEANINGS: dict[str, Meaning] = {
    "write-refused": meaning("update-refused", Where.DEVICE,
        "esp_ota_write was called with {reason}, and wrote nothing",
        "Check the buffer and the length that the receiver passes on."),
    "no-app-partition": meaning("no-bootable-app", Where.DEVICE,
        "the partition table has no app partition",
        "Flash a partition table with a factory app or OTA slots by cable."),
    "rollback": meaning("no-bootable-app", Where.DEVICE,
        "the new app failed its own diagnostics, and the device rolls back to the app before",
        "Look at why the new app's own diagnostics failed.",
        notes=("the transfer was fine: the image had passed its checks and ran",)),
    "anti-rollback-numbers": meaning("update-refused", Where.FILE,
        "the new app's secure version {found} is lower than the {expected} in the device's eFuse (anti-rollback)",
        "Build the app with at least the secure version of the device (CONFIG_BOOTLOADER_APP_SECURE_VERSION).",
        notes=("the app before keeps running",)),
    "same-version": meaning("update-refused", Where.FILE,
        "the running app refused the update because it has the same version",
        "Give the new build another version (PROJECT_VER), or switch the check off.",
        notes=("nothing is wrong with the bytes",)),
    "failed-version": meaning("update-refused", Where.FILE,
        "the running app refused the update: that version was started before and had failed",
        "Mend the app and give the new build another version.",
        notes=("nothing is wrong with the transfer",)),
    "table-image": meaning("update-refused", Where.FILE,
        "what was sent as a partition table does not begin like one ({saw:#x})",
        "Send partition-table.bin of the build."),
    "descriptor": meaning("not-an-app-image", Where.FILE,
        "the file has no app descriptor at byte 32, where an ESP-IDF app has it",
        "Send the app image of an ESP-IDF build itself; an error page, an encrypted or a merged file has none there.",
        certainty=Certainty.LIKELY),
}  # fmt: skip
