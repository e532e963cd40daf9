"""Link layer PDUs and the headers that sniffers put before them.

Source: Bluetooth Core Specification 5.4, volume 6, part B, section 2; the tcpdump list of link types.
"""

from __future__ import annotations

from construct import (
    BitsInteger,
    BitStruct,
    Bytes,
    Const,
    Flag,
    Int8sb,
    Int8ub,
    Int16ul,
    Int32ul,
    Padding,
    Struct,
    this,
)

DATA_PDU = Struct(
    "flags"
    / BitStruct(
        Padding(3),
        "more_data" / Flag,
        "sequence" / BitsInteger(1),
        "next_expected_sequence" / BitsInteger(1),
        "kind" / BitsInteger(2),  # 1 continuation or empty, 2 start, 3 control
    ),
    "length" / Int8ub,
    "payload" / Bytes(this.length),
)

CONNECT_IND = Struct(
    "type" / Const(0x05, Int8ub),
    "length" / Const(34, Int8ub),
    "central" / Bytes(6),
    "peripheral" / Bytes(6),
    "access_address" / Int32ul,
    "crc_init" / Bytes(3),
    "window_size" / Int8ub,
    "window_offset" / Int16ul,
    "interval" / Int16ul,
    "latency" / Int16ul,
    "timeout" / Int16ul,
    "channel_map" / Bytes(5),
    "hop" / Int8ub,
)
assert CONNECT_IND.sizeof() == 36

LE_HEADER = Struct(
    "channel" / Int8ub,
    "signal" / Int8sb,
    "noise" / Int8sb,
    "access_address_offences" / Int8ub,
    "reference_access_address" / Int32ul,
    "flags" / Int16ul,
)
"""Link type 256."""
assert LE_HEADER.sizeof() == 10

NORDIC_HEADER = Struct(
    "board" / Int8ub,
    "payload_length" / Int16ul,
    "protocol_version" / Int8ub,
    "counter" / Int16ul,
    "packet_id" / Int8ub,
    "event_length" / Const(10, Int8ub),
    "flags" / Int8ub,  # bit 0 CRC good, 1 from central, 2 encrypted, 3 MIC good
    "channel" / Int8ub,
    "signal" / Int8ub,
    "event_counter" / Int16ul,
    "time_difference" / Int32ul,
)
"""Link type 272, versions 2 and 3 of the nRF Sniffer's protocol."""
assert NORDIC_HEADER.sizeof() == 17
