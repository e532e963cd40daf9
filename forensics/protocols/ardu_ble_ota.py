"""vovagorodok's ArduinoBleOTA and its Dart client. All numbers are little endian.

Source: vovagorodok/ArduinoBleOTA, ``ble_ota`` protocol document.
"""

from __future__ import annotations

import zlib

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange
from forensics.protocols.image_builder import MAX_IMAGE_SIZE, ImageBuilder

NAME = "ardu-ble-ota"
BEGIN, PACKAGE, PACKAGE_FLUSH, END = 0x03, 0x05, 0x06, 0x08
_RECEIVE = "dac89194-35a1-11ef-aba1-b37714ad9a54"
_BEGIN_SIZE = 18
_SAMPLES = 500
_ERRORS = {
    0x03: "incorrect firmware size",
    0x21: "buffer overflow",
    0x33: "wrong checksum of the compressed data",
    0x41: "wrong checksum",
}
_GAP = "the receiver appends what comes and compares the size at the end: a lost chunk moves up all that follows"


def find(exchange: Exchange) -> int | None:
    """The handle that takes the messages, by UUID or by a begin message and packages; None when not there."""
    handle = exchange.handle_of(_RECEIVE)
    if handle is not None and exchange.writes_to(handle):
        return handle
    for busy in exchange.busiest():
        begin = any(message.value[0] == BEGIN for message in exchange.writes_of_size(busy, _BEGIN_SIZE))
        sample = exchange.writes_to(busy).sample(_SAMPLES)
        packages = sum(message.value[:1] in (b"\x05", b"\x06") for message in sample)
        if begin and packages * 10 >= len(sample) * 7:
            return busy
    return None


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """Packages end to end; a compressed stream is inflated, its chunks then have no place in the image."""
    builder = ImageBuilder()
    announced: int | None = None
    crc32 = 0
    compressed = False
    for message in exchange.writes_to(handle):
        value = message.value
        code = value[0] if value else 0
        if code in (PACKAGE, PACKAGE_FLUSH):
            builder.append(value[1:], message)
        elif code == BEGIN and len(value) == _BEGIN_SIZE:
            builder.restart()
            announced = int.from_bytes(value[1:5], "little")
            compressed = bool(value[17] & 1)
        elif code == END and len(value) == 5:
            crc32 = int.from_bytes(value[1:5], "little")
    _check(builder, crc32)
    for message in exchange.told_by(None):
        if message.value[:1] == b"\x10" and len(message.value) == 2:
            code = message.value[1]
            builder.note(f"the device reported error 0x{code:02x}: {_ERRORS.get(code, 'see the protocol document')}")
    if compressed:
        _inflate(builder)
    return builder.transfer(exchange, protocol=NAME, handle=handle, gap=_GAP, overhead=1, announced_size=announced)


def _check(builder: ImageBuilder, expected: int) -> None:
    """The checksum is over the stream as it was sent; 0 means that the sender made none."""
    if expected and builder.crc32 != expected:
        builder.note("the sender's CRC-32 does not fit the packages: some are missing or altered in this capture")


def _inflate(builder: ImageBuilder) -> None:
    inflater = zlib.decompressobj()
    try:
        image = inflater.decompress(builder.image(), MAX_IMAGE_SIZE)
    except zlib.error as error:
        builder.note(f"the compressed stream is damaged: {error}")
        return
    builder.replace(image)
    builder.note("the sender compressed the image: its chunks have no place in the image")
