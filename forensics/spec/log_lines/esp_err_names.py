"""The ``esp_err_t`` that the calls of an update return, and what each says for which call.

Source: ESP-IDF ``components/app_update/include/esp_ota_ops.h`` and ``esp_ota_ops.c``,
``components/esp_common/include/esp_err.h``, ``components/spi_flash/include/esp_spi_flash.h`` (flash errors began at
0x10010 until v4.0), ``components/esp_partition/partition_target.c``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from forensics.model.finding import Certainty, Where
from forensics.spec.esp_err import ESP_ERR_INVALID_ARG, ESP_ERR_INVALID_SIZE, ESP_ERR_NO_MEM, ESP_FAIL
from forensics.spec.log_lines import common
from forensics.spec.log_lines.template import Meaning, meaning

_PREFIX = "ESP_ERR_"

_NOT_OPEN = common.MEANINGS["handle"]
_NOT_IN_TABLE = meaning("update-refused", Where.DEVICE,
    "the partition that was passed is not in the device's partition table",
    "Take the partition from esp_ota_get_next_update_partition, and flash a table with two OTA slots.")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OtaError:
    """One ``esp_err_t``.

    Attributes:
        name: Without ``ESP_ERR_``.
        values: Its number; several when it changed between releases.
        always: What it says whatever call returned it, or None.
        calls: What it says of single calls, by the part of their name behind ``esp_ota_``.
    """

    name: str
    values: tuple[int, ...]
    always: Meaning | None = None
    calls: dict[str, Meaning] = field(default_factory=dict)


OTA_ERRORS: tuple[OtaError, ...] = (
    OtaError(name="FAIL", values=(ESP_FAIL,), calls={"write": common.MEANINGS["flash-write"]}),
    OtaError(name="NO_MEM", values=(ESP_ERR_NO_MEM,), always=common.MEANINGS["no-memory"]),
    OtaError(
        name="INVALID_ARG",
        values=(ESP_ERR_INVALID_ARG,),
        calls={
            "begin": meaning("update-refused", Where.DEVICE,
                "esp_ota_begin was given no OTA slot to write to",
                "Pass what esp_ota_get_next_update_partition returns, and flash a partition table with two OTA slots."),
            "write": _NOT_OPEN,
            "end": meaning("update-refused", Where.DEVICE,
                "esp_ota_end found no written byte, or no open handle; the device did not look at the image",
                "Check that esp_ota_write succeeded before, and that the handle is ended once."),
            "set_boot_partition": meaning("update-refused", Where.DEVICE,
                "esp_ota_set_boot_partition was given no app partition that otadata can name",
                "Pass the OTA slot that was written."),
        },
    ),
    OtaError(
        name="INVALID_STATE",
        values=(0x103,),
        calls={
            "end": meaning("flash-access-failed", Where.DEVICE,
                "the last bytes of the image could not be written to the encrypted flash",
                "Check the flash chip and its supply, then send again."),
        },
    ),
    OtaError(
        name="INVALID_SIZE",
        values=(ESP_ERR_INVALID_SIZE,),
        calls={
            "begin": meaning("image-too-long", Where.DEVICE,
                "the size that was given to esp_ota_begin is more than the slot holds",
                "Make the image smaller, or give the device a partition table with larger OTA slots (by cable).",
                where=Where.FILE,
                certainty=Certainty.LIKELY,
                notes=("a slot that ends past the flash gives the same error",)),
            "write": meaning("image-too-long", Where.DEVICE,
                "more bytes were written than the slot holds",
                "Make the image smaller or the slot larger; a sender that repeats chunks without end gives the same error.",
                where=Where.FILE),
        },
    ),
    OtaError(
        name="NOT_FOUND",
        values=(0x105,),
        calls={
            "begin": _NOT_IN_TABLE,
            "end": _NOT_OPEN,
            "abort": _NOT_OPEN,
            "set_boot_partition": common.MEANINGS["otadata-missing"],
        },
    ),
    OtaError(
        name="OTA_PARTITION_CONFLICT",
        values=(0x1501,),
        always=meaning("update-refused", Where.DEVICE,
            "the slot that was chosen for the update holds the running app",
            "Write to the slot that esp_ota_get_next_update_partition(NULL) returns; the table needs two OTA slots."),
    ),
    OtaError(
        name="OTA_SELECT_INFO_INVALID",
        values=(0x1502,),
        always=meaning("update-refused", Where.DEVICE,
            "the device's otadata holds no valid record",
            "Erase the otadata partition, so that the bootloader starts anew."),
    ),
    OtaError(
        name="OTA_VALIDATE_FAILED",
        values=(0x1503,),
        calls={"write": common.MEANINGS["first-byte"]},
    ),
    OtaError(
        name="OTA_SMALL_SEC_VER",
        values=(0x1504,),
        always=common.MEANINGS["anti-rollback"],
    ),
    OtaError(
        name="OTA_ROLLBACK_FAILED",
        values=(0x1505,),
        always=common.MEANINGS["rollback-impossible"],
    ),
    OtaError(
        name="OTA_ROLLBACK_INVALID_STATE",
        values=(0x1506,),
        always=common.MEANINGS["unconfirmed"],
    ),
    OtaError(name="FLASH_OP_FAIL", values=(0x6001, 0x10011), always=common.MEANINGS["flash-write"]),
    OtaError(
        name="FLASH_OP_TIMEOUT",
        values=(0x6002, 0x10012),
        always=meaning("flash-access-failed", Where.DEVICE,
            "the flash chip did not answer in time (timeout) when the device wrote to it",
            "Check the supply while the radio sends, the flash settings of the board, and the flash chip itself."),
    ),
)  # fmt: skip

_BY_NAME = {error.name: error for error in OTA_ERRORS}
_BY_VALUE = {value: error for error in OTA_ERRORS for value in error.values}
_MISPRINTED = {int(str(value), 16): error for value, error in _BY_VALUE.items() if value > 0}
"""``err=0x5379``: ESP-IDF until v4.2 printed the number in decimal behind ``0x``."""


def error_of_call(name: str | None, error: int | None) -> OtaError | None:
    """The error that a name, with or without ``ESP_ERR_``, or a number names."""
    if name:
        return _BY_NAME.get(name.rstrip(".-/").removeprefix(_PREFIX).removeprefix("ESP_"))
    return None if error is None else _BY_VALUE.get(error) or _MISPRINTED.get(error)


def meaning_of_call(call: str | None, name: str | None, error: int | None) -> Meaning | None:
    """What a failed ``esp_ota_*`` call says by itself; None when other lines decide.

    Args:
        call: The part of its name behind ``esp_ota_``, or None when the line does not show it.
        name: The error's name as the line shows it.
        error: The error's number as the line shows it.
    """
    found = error_of_call(name, error)
    if found is None:
        return None
    return found.calls.get("write" if call == "write_with_offset" else call or "", found.always)
