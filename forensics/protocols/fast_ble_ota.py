"""LeeorNahum's FastBLEOTA 4.1. Source: LeeorNahum/FastBLEOTA."""

from __future__ import annotations

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange
from forensics.protocols.image_builder import ImageBuilder

NAME = "fast-ble-ota"
_DATA = "d026496c-0b77-43fb-bd68-fce361a1be1c"
_ANNOUNCEMENT_SIZE = 9
_GAP = "the receiver appends what comes until the announced size, so a lost chunk moves up all that follows"


def find(exchange: Exchange) -> int | None:
    """The data handle, by UUID; None when it is not there."""
    handle = exchange.handle_of(_DATA)
    return handle if handle is not None and exchange.writes_to(handle) else None


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """Data writes end to end behind the first, which announces size (u32), CRC-32 (u32) and flags."""
    builder = ImageBuilder()
    announced = crc32 = None
    for message in exchange.writes_to(handle):
        if announced is None and len(message.value) == _ANNOUNCEMENT_SIZE and not builder.chunks:
            announced = int.from_bytes(message.value[:4], "little")
            crc32 = int.from_bytes(message.value[4:8], "little")
        else:
            builder.append(message.value, message)
    if crc32 is not None and builder.crc32 != crc32:
        builder.note("the announced CRC-32 does not fit the writes: some are missing or altered in this capture")
    return builder.transfer(exchange, protocol=NAME, handle=handle, gap=_GAP, announced_size=announced)
