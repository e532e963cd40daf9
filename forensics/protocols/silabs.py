"""Silicon Labs' OTA service on an ESP32 (iot-lorawan/esp32-ota-ble), for the EFR Connect app.

Source: iot-lorawan/esp32-ota-ble; Silicon Labs AN1086.
"""

from __future__ import annotations

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange
from forensics.protocols.image_builder import ImageBuilder

NAME = "silabs"
_DATA = "984227f3-34fc-4045-a5d0-2c581f81a153"
_CONTROL = "f7bf3564-fb6d-4e53-88a4-5e37e0326063"
_START, _END = b"\0", b"\x03"
_GAP = "the receiver appends what comes, so a lost chunk moves up all that follows"


def find(exchange: Exchange) -> int | None:
    """The data handle, by UUID; None when it is not there."""
    handle = exchange.handle_of(_DATA)
    return handle if handle is not None and exchange.writes_to(handle) else None


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """Data writes end to end; a later start begins the image again."""
    builder = ImageBuilder()
    control = exchange.handle_of(_CONTROL)
    for message in exchange.writes:
        if message.handle == handle:
            builder.append(message.value, message)
        elif message.handle == control and message.value == _START:
            builder.restart()
        elif message.handle == control and message.value == _END:
            builder.note("the sender ended the transfer")
    return builder.transfer(exchange, protocol=NAME, handle=handle, gap=_GAP)
