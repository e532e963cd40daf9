"""The short snoop log inside the text of an Android bug report: base64 of a header and a zlib stream of records.

Source: AOSP ``packages/modules/Bluetooth/system/tools/scripts/btsnooz.py`` and ``btif/src/btif_debug_btsnoop.cc``
(Android 13), read for facts: both versions of the record header, and times in microseconds in spite of their names.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from forensics.errors import InputError
from forensics.open.inflate import Inflated, inflate
from forensics.open.kinds import SNOOP_BEGINS

MEMBER = "BTSNOOP_LOG_SUMMARY"
_END = b"--- END:BTSNOOP_LOG_SUMMARY"
_HEADER = struct.Struct("<bQ")
_RECORDS = {1: struct.Struct("<HIb"), 2: struct.Struct("<HHIb")}
_BTSNOOP = b"btsnoop\0" + struct.pack(">II", 1, 1002)
_BTSNOOP_RECORD = struct.Struct(">IIIIq")
_EPOCH = 0x00DCDDB30F2F8000
_KINDS = {0x10: 4, 0x11: 2, 0x12: 3, 0x17: 5, 0x20: 1, 0x21: 2, 0x22: 3, 0x2D: 5}
"""Record type to the indicator that H4 puts before such a packet."""
_RECEIVED = frozenset((0x10, 0x11, 0x12, 0x17))
_COMMAND_OR_EVENT = (1, 4)
_AGAIN = "take btsnoop_hci.log from the zip file of the bug report, or switch the HCI snoop log on"
_LARGEST = 4 * 1024 * 1024
"""Bytes. Android keeps 256 KiB of packets in it."""


def unpack(data: bytes, name: str) -> Inflated:
    """The log as a btsnoop file, under the name ``MEMBER``.

    Raises:
        InputError: the report holds none, or its beginning is damaged.
    """
    start = data.find(SNOOP_BEGINS)
    if start < 0:
        raise InputError(
            "is a bug report whose text holds no snoop log",
            name=name,
            next_step=_AGAIN,
        )
    line_end = data.find(b"\n", start)
    end = data.find(_END, start)
    text = data[line_end + 1 : end if end >= 0 else len(data)]
    packed = _decoded(text, name, start)
    if len(packed) < _HEADER.size:
        raise InputError("its snoop log is cut", name=name, offset=start, next_step=_AGAIN)
    version, last_time = _HEADER.unpack_from(packed)
    record = _RECORDS.get(version)
    if record is None:
        raise InputError(
            f"its snoop log is of version {version}, which is not known", name=name, offset=start, next_step=_AGAIN
        )
    found = inflate(memoryview(packed)[_HEADER.size :], zlib.MAX_WBITS, _LARGEST)
    content = found.content[:_LARGEST]
    first = last_time - sum(delta for _original, delta, _type, _packet in _records(content, record))
    complete = found.complete and end >= 0
    return replace(found, content=b"".join(_written(_records(content, record), first)), complete=complete)


def _decoded(text: bytes, name: str, start: int) -> bytes:
    """The bytes of base64 lines, as far as they are whole."""
    digits = b"".join(text.split())
    try:
        return base64.b64decode(digits[: len(digits) & ~3])
    except binascii.Error as error:
        raise InputError(f"its snoop log is no base64: {error}", name=name, offset=start, next_step=_AGAIN) from error


def _records(content: bytes, header: struct.Struct) -> Iterator[tuple[int, int, int, bytes]]:
    """Length on the link, microseconds since the record before, type and packet of each whole record."""
    position = 0
    while position + header.size <= len(content):
        fields = header.unpack_from(content, position)
        size, original, delta, kind = fields[0], fields[-3], fields[-2], fields[-1] & 0xFF
        position += header.size
        if size < 1 or position + size - 1 > len(content):
            return
        yield original, delta, kind, content[position : position + size - 1]
        position += size - 1


def _written(records: Iterable[tuple[int, int, int, bytes]], first: int) -> Iterator[bytes]:
    yield _BTSNOOP
    time = first
    for original, delta, kind, packet in records:
        time += delta
        indicator = _KINDS.get(kind, 0)
        flags = (kind in _RECEIVED) | (indicator in _COMMAND_OR_EVENT) << 1
        included = len(packet) + 1
        stamp = min(max(0, time + _EPOCH), (1 << 63) - 1)
        yield _BTSNOOP_RECORD.pack(max(original, included), included, flags, 0, stamp) + bytes([indicator]) + packet
