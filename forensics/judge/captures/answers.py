"""Which writes of each protocol the device answers, and how many answers are missing.

Source: fbiego/ESP32_BLE_OTA_Arduino; vovagorodok/ArduinoBleOTA, protocol document; michael-angerer/esp32_ble_ota;
Zephyr documentation, ``smp_protocol.rst``; nRF5 SDK 11 and 17 documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forensics.model.capture import Capture, Operation
from forensics.model.transfer import DecodedTransfer

_SMP_HEADER_SIZE = 8
_SMP_UPLOAD = b"\0\1", 1
"""Group of images, and the command that uploads one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRule:
    """How the device of a protocol answers.

    Attributes:
        unit: What is answered, in words.
        asks: The written value wants an answer.
        answers: The notified value is one.
        on_data_handle: The value is written to the handle that takes the image, too; else to another.
    """

    unit: str
    asks: Callable[[bytes], bool]
    answers: Callable[[bytes], bool]
    on_data_handle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """``count`` of ``of_all`` asked without an answer, although the sender went on; ``unit`` in words."""

    unit: str
    count: int
    of_all: int


def _begins(*codes: int) -> Callable[[bytes], bool]:
    return lambda value: value[:1] in {bytes([code]) for code in codes}


def _smp(operation: int) -> Callable[[bytes], bool]:
    def is_upload(value: bytes) -> bool:
        group, command = _SMP_UPLOAD
        whole = len(value) >= _SMP_HEADER_SIZE
        return whole and value[0] & 7 == operation and value[4:6] == group and value[7] == command

    return is_upload


def _is_one_of(*values: bytes) -> Callable[[bytes], bool]:
    return lambda value: value in values


RULES: dict[str, AnswerRule] = {
    "fbiego": AnswerRule(
        unit="part",
        asks=lambda value: len(value) == 5 and value[0] == 0xFC,
        answers=_begins(0xF1),
        on_data_handle=True,
    ),
    "ardu-ble-ota": AnswerRule(unit="package", asks=_begins(0x06), answers=_begins(0x07), on_data_handle=True),
    "control-data": AnswerRule(
        unit="command",
        asks=_is_one_of(b"\1", b"\4"),
        answers=_is_one_of(b"\2", b"\3", b"\5", b"\6"),
        on_data_handle=False,
    ),
    "smp": AnswerRule(unit="request", asks=_smp(2), answers=_smp(3), on_data_handle=True),
    "nordic-secure-dfu": AnswerRule(
        unit="command", asks=_begins(1, 2, 3, 4, 6), answers=_begins(0x60), on_data_handle=False
    ),
    "nordic-legacy-dfu": AnswerRule(
        unit="command",
        asks=lambda value: value[:1] in (b"\1", b"\3", b"\4") or value == b"\2\1",
        answers=_begins(0x10),
        on_data_handle=False,
    ),
}
"""The protocols whose device answers with a notification; Espressif's sectors, which bear numbers, are told by those."""


def unanswered(capture: Capture, transfer: DecodedTransfer) -> Unanswered | None:
    """How many answers are missing: what asked last may still be under way.

    Answers are counted and not paired, since some senders ask again before the answer is there. A device that never
    answers was not told to.
    """
    rule = RULES.get(transfer.protocol)
    if rule is None:
        return None
    values, columns = capture.values, capture.values.columns
    asked = answered = 0
    is_last_answered = False
    for row, (connection, handle, operation) in enumerate(
        zip(columns.connections, columns.handles, columns.operations, strict=True)
    ):
        if connection != transfer.connection:
            continue
        if not Operation(operation).is_write:
            if rule.answers(values.value(row)):
                answered += 1
                is_last_answered = True
        elif (handle == transfer.handle) == rule.on_data_handle and rule.asks(values.value(row)):
            asked += 1
            is_last_answered = False
    missing = asked - answered - (not is_last_answered)
    if not answered or missing <= 0:
        return None
    return Unanswered(unit=rule.unit, count=missing, of_all=asked)
