"""pcap and pcapng. Source: IETF drafts ``draft-ietf-opsawg-pcap`` and ``draft-ietf-opsawg-pcapng``."""

from __future__ import annotations

from construct import Bytes, Const, Int16sl, Int16ul, Int32sl, Int32ul, Int64sl, Padded, Struct, this

PCAP_HEADER = Struct(
    "magic" / Const(0xA1B2C3D4, Int32ul),
    "version_major" / Const(2, Int16ul),
    "version_minor" / Const(4, Int16ul),
    "time_zone" / Const(0, Int32sl),
    "accuracy" / Const(0, Int32ul),
    "longest_packet" / Int32ul,
    "link_type" / Int32ul,  # low 16 bits; the upper may say how long the frame check is
)
assert PCAP_HEADER.sizeof() == 24

PCAP_RECORD = Struct(
    "seconds" / Int32ul,
    "microseconds" / Int32ul,
    "included_length" / Int32ul,
    "original_length" / Int32ul,
    "packet" / Bytes(this.included_length),
)

SECTION_HEADER_BODY = Struct(
    "byte_order_magic" / Const(0x1A2B3C4D, Int32ul),
    "version_major" / Const(1, Int16ul),
    "version_minor" / Const(0, Int16ul),
    "section_length" / Int64sl,  # -1: not given
)
assert SECTION_HEADER_BODY.sizeof() == 16

INTERFACE_BODY = Struct(
    "link_type" / Int16ul,
    "reserved" / Const(0, Int16sl),
    "longest_packet" / Int32ul,
)
assert INTERFACE_BODY.sizeof() == 8

ENHANCED_PACKET_BODY = Struct(
    "interface" / Int32ul,
    "timestamp_high" / Int32ul,
    "timestamp_low" / Int32ul,
    "included_length" / Int32ul,
    "original_length" / Int32ul,
    "packet" / Padded((this.included_length + 3) & ~3, Bytes(this.included_length)),
)

BLOCK = Struct(
    "type" / Int32ul,
    "length" / Int32ul,  # of the whole block, a multiple of 4
    "body" / Bytes(this.length - 12),
    "length_again" / Int32ul,
)
