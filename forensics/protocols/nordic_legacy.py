"""Nordic's legacy DFU, recognised so that its captures are not taken for something else.

Source: nRF5 SDK 11 documentation, "Device Firmware Update over BLE".
"""

from __future__ import annotations

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange
from forensics.protocols.image_builder import ImageBuilder

NAME = "nordic-legacy-dfu"
_PACKET = "00001532-1212-efde-1523-785feabcd123"
_CONTROL = "00001531-1212-efde-1523-785feabcd123"
_START, _RECEIVE_IMAGE, _VALIDATE = 1, 3, 4
_GAP = "the receiver appends what comes and compares a CRC-16 at the end"


def find(exchange: Exchange) -> int | None:
    """The packet handle, by UUID or by the control point's commands; None when it is not there."""
    handle = exchange.handle_of(_PACKET)
    if handle is not None and exchange.writes_to(handle):
        return handle
    control = _control(exchange)
    if control is None:
        return None
    return next((busy for busy in exchange.busiest() if busy != control), None)


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """Packets between "receive firmware image" and "validate", end to end.

    The device's receipts say how many bytes it had: where the capture has fewer, the place of the missing ones stays
    empty, so that what follows stands right.
    """
    builder = ImageBuilder()
    control = exchange.handle_of(_CONTROL) or _control(exchange)
    receiving = False
    announced: int | None = None
    for message in exchange.messages:
        value = message.value
        if message.handle == control and message.is_write and value:
            if value[0] == _START:
                builder.restart()
            receiving = value[0] == _RECEIVE_IMAGE or (receiving and value[0] != _VALIDATE)
        elif message.handle == handle and message.is_write and receiving:
            builder.append(value, message)
        elif message.handle == handle and message.is_write and len(value) == 12:
            announced = sum(int.from_bytes(value[place : place + 4], "little") for place in (0, 4, 8))
        elif message.handle == control and value[:1] == b"\x11" and len(value) == 5 and receiving:
            builder.device_has(int.from_bytes(value[1:5], "little"))
    return builder.transfer(exchange, protocol=NAME, handle=handle, gap=_GAP, announced_size=announced)


def _control(exchange: Exchange) -> int | None:
    """The handle that took "start" with an image type and later "receive firmware image"."""
    started: set[int] = set()
    for message in exchange.commands:
        if len(message.value) == 2 and message.value[0] == 1 and message.value[1] in (1, 2, 3, 4):
            started.add(message.handle)
        elif message.value == b"\x03" and message.handle in started:
            return message.handle
    return None
