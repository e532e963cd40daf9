"""HCI. Source: Bluetooth Core Specification 5.4, volume 4, part E, sections 5.4.2, 7.7.5 and 7.7.65."""

from __future__ import annotations

from construct import BitsInteger, BitStruct, Bytes, ByteSwapped, Const, Int8ub, Int16ul, Struct, this

ACL = Struct(
    "flags" / ByteSwapped(BitStruct("broadcast" / BitsInteger(2), "boundary" / BitsInteger(2), "handle" / BitsInteger(12))),
    "length" / Int16ul,
    "fragment" / Bytes(this.length),
)

EVENT = Struct("code" / Int8ub, "length" / Int8ub, "parameters" / Bytes(this.length))

LE_CONNECTION_COMPLETE = Struct(
    "subevent" / Const(0x01, Int8ub),
    "status" / Int8ub,
    "handle" / Int16ul,
    "role" / Int8ub,  # 0 central, 1 peripheral
    "peer_address_type" / Int8ub,
    "peer_address" / Bytes(6),
    "interval" / Int16ul,  # units of 1.25 ms
    "latency" / Int16ul,
    "supervision_timeout" / Int16ul,  # units of 10 ms
    "clock_accuracy" / Int8ub,
)
assert LE_CONNECTION_COMPLETE.sizeof() == 19

DISCONNECTION_COMPLETE = Struct("status" / Int8ub, "handle" / Int16ul, "reason" / Int8ub)
assert DISCONNECTION_COMPLETE.sizeof() == 4

LE_PHY_UPDATE_COMPLETE = Struct(
    "subevent" / Const(0x0C, Int8ub),
    "status" / Int8ub,
    "handle" / Int16ul,
    "sent" / Int8ub,
    "received" / Int8ub,
)
assert LE_PHY_UPDATE_COMPLETE.sizeof() == 6

LE_DATA_LENGTH_CHANGE = Struct(
    "subevent" / Const(0x07, Int8ub),
    "handle" / Int16ul,
    "sent_bytes" / Int16ul,
    "sent_time" / Int16ul,
    "received_bytes" / Int16ul,
    "received_time" / Int16ul,
)
assert LE_DATA_LENGTH_CHANGE.sizeof() == 11
