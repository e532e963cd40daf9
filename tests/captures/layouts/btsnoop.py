"""btsnoop. Source: RFC 1761 (snoop) and BlueZ 5.66 ``src/shared/btsnoop.c``, ``monitor/packet.h``."""

from __future__ import annotations

from construct import Bytes, Const, Int32ub, Int64sb, Struct, this

HEADER = Struct(
    "magic" / Const(b"btsnoop\0"),
    "version" / Const(1, Int32ub),
    "datalink" / Int32ub,  # 1001 HCI, 1002 H4, 2001 Linux monitor
)
assert HEADER.sizeof() == 16

RECORD_HEADER = Struct(
    "original_length" / Int32ub,
    "included_length" / Int32ub,
    "flags" / Int32ub,  # bit 0 received, bit 1 command or event; Linux monitor: adapter and opcode
    "cumulative_drops" / Int32ub,
    "timestamp" / Int64sb,  # microseconds since the year 0
)
assert RECORD_HEADER.sizeof() == 24

RECORD = Struct("header" / RECORD_HEADER, "packet" / Bytes(this.header.included_length))
