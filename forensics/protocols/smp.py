"""SMP over BLE (mcumgr): frames with CBOR, each with its own image offset.

Source: Zephyr documentation, ``smp_protocol.rst`` and ``smp_group_1.rst``; RFC 8949 for CBOR.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange, Message
from forensics.protocols.image_builder import ImageBuilder

NAME = "smp"
_CHARACTERISTIC = "da2e7828-fbce-4e01-ae9e-261174997c48"
_HEADER = struct.Struct(">BBHHBB")
_WRITE = 2
_IMAGE_GROUP, _UPLOAD = 1, 1
_MAX_DEPTH = 8
_GAP = "every request names its offset and the device answers with the next one, so a lost chunk is sent again"

Cbor: TypeAlias = "int | bytes | str | list[Cbor] | dict[str, Cbor] | None"


def find(exchange: Exchange) -> int | None:
    """The handle of the characteristic, by UUID or by an upload's header; None when it is not there."""
    handle = exchange.handle_of(_CHARACTERISTIC)
    if handle is not None and exchange.writes_to(handle):
        return handle
    for busy in exchange.busiest():
        first = exchange.writes_to(busy)[0].value
        if len(first) > _HEADER.size and _is_upload(first) and first[_HEADER.size] >> 5 == 5:
            return busy
    return None


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """The data of every upload request at its offset; frames may be spread over several writes."""
    builder = ImageBuilder()
    announced: int | None = None
    frame = bytearray()
    parts: list[Message] = []
    for message in exchange.writes_to(handle):
        frame += message.value
        parts.append(message)
        if len(frame) < _HEADER.size:
            continue
        need = _HEADER.size + _HEADER.unpack_from(frame)[2]
        if len(frame) < need:
            continue
        if _is_upload(frame):
            announced = _place(builder, bytes(frame[_HEADER.size : need]), parts) or announced
        frame.clear()
        parts = []
    if frame:
        builder.note("the last frame is not whole")
    builder.note("the image is in MCUboot's format and no ESP-IDF application image")
    return builder.transfer(exchange, protocol=NAME, handle=handle, gap=_GAP, announced_size=announced)


def _is_upload(frame: bytes | bytearray) -> bool:
    operation, _flags, _length, group, _sequence, command = _HEADER.unpack_from(frame)
    return bool(operation & 7 == _WRITE and group == _IMAGE_GROUP and command == _UPLOAD)


def _place(builder: ImageBuilder, body: bytes, parts: list[Message]) -> int | None:
    try:
        fields, _end = read_cbor(body, 0, _MAX_DEPTH)
    except (ValueError, struct.error, IndexError):
        builder.note("a frame's CBOR is damaged")
        return None
    if not isinstance(fields, dict):
        return None
    offset, data, size = fields.get("off"), fields.get("data"), fields.get("len")
    if isinstance(offset, int) and isinstance(data, bytes) and offset >= 0:
        last = parts[-1]._replace(damaged=any(part.damaged for part in parts))
        builder.put(offset, data, last)
    return size if isinstance(size, int) else None


def read_cbor(data: bytes, position: int, depth: int) -> tuple[Cbor, int]:
    """One CBOR item of ``data`` and the position behind it: the subset that SMP uses.

    Raises:
        ValueError: not CBOR, or nested deeper than ``depth``.
        IndexError: the data ends inside the item.
    """
    if depth == 0:
        raise ValueError("nested too deep")
    kind, extra = data[position] >> 5, data[position] & 31
    position += 1
    argument, position = _argument(data, position, extra)
    if kind == 0:
        return argument, position
    if kind == 1:
        return -1 - argument, position
    if kind in (2, 3):
        end = position + argument
        if argument < 0 or end > len(data):
            raise ValueError("a string of unknown length, or longer than the frame")
        piece = data[position:end]
        return (piece if kind == 2 else piece.decode("utf-8", "replace")), end
    if kind in (4, 5):
        return _collection(data, position, kind, argument, depth)
    if kind == 6:
        return read_cbor(data, position, depth - 1)
    return {20: False, 21: True}.get(extra), position


def _argument(data: bytes, position: int, extra: int) -> tuple[int, int]:
    """The number in the head of an item; -1 when its length is not given (ended by a break)."""
    if extra < 24:
        return extra, position
    if extra < 28:
        size = 1 << extra - 24
        if position + size > len(data):
            raise ValueError("ends inside a number")
        return int.from_bytes(data[position : position + size], "big"), position + size
    if extra == 31:
        return -1, position
    raise ValueError("reserved length")


def _collection(data: bytes, position: int, kind: int, count: int, depth: int) -> tuple[Cbor, int]:
    items: list[Cbor] = []
    wanted = count * (2 if kind == 5 else 1)
    while count < 0 or len(items) < wanted:
        if data[position] == 0xFF:
            position += 1
            break
        item, position = read_cbor(data, position, depth - 1)
        items.append(item)
    if kind == 4:
        return items, position
    return {str(key): value for key, value in zip(items[::2], items[1::2], strict=False)}, position
