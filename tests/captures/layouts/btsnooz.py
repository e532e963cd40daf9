"""The short snoop log in the text of an Android bug report. Source: AOSP ``btsnooz.py``, for facts."""

from __future__ import annotations

from construct import Bytes, Int8ub, Int16ul, Int32ul, Int64ul, Struct, this

HEADER = Struct(
    "version" / Int8ub,
    "last_timestamp" / Int64ul,  # microseconds since 1970, of the last record
)
assert HEADER.sizeof() == 9

RECORD_1 = Struct(
    "length" / Int16ul,  # of the type and the packet
    "delta" / Int32ul,  # microseconds since the record before
    "type" / Int8ub,  # 0x10 event, 0x11 ACL received, 0x20 command, 0x21 ACL sent
    "packet" / Bytes(this.length - 1),
)

RECORD_2 = Struct(
    "length" / Int16ul,
    "original_length" / Int16ul,  # before the packet was cut
    "delta" / Int32ul,
    "type" / Int8ub,
    "packet" / Bytes(this.length - 1),
)
