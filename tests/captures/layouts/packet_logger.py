"""Apple PacketLogger. Source: BTstack ``hci_dump_posix_fs.c``, Wireshark ``packetlogger.c``, for facts."""

from __future__ import annotations

from construct import Bytes, Construct, Int8ub, Int32ub, Int32ul, Struct, this


def _record(integer: Construct) -> Construct:
    return Struct(
        "length" / integer,  # of everything behind it: 9 and the packet
        "seconds" / integer,
        "microseconds" / integer,
        "type" / Int8ub,  # 0 command, 1 event, 2 ACL sent, 3 ACL received, 0xFC note
        "packet" / Bytes(this.length - 9),
    )


RECORD_BIG_ENDIAN = _record(Int32ub)
RECORD_LITTLE_ENDIAN = _record(Int32ul)
