"""What the records of pcap and pcapng files hold, by link type.

Source: the tcpdump list of link-layer header types; for 272 the nRF Sniffer's protocol description and
Wireshark's ``packet-nordic_ble.c``, read for facts.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from forensics.read.captures.btsnoop import MONITOR_KINDS
from forensics.read.captures.packets import COMMAND, EVENT, LINK_LAYER, OTHER, Decoded

HCI_H4 = 187
PER_PACKET_INFORMATION = 192
HCI_H4_WITH_DIRECTION = 201
LE_LINK_LAYER = 251
NORDIC_SNIFFER_USER = 157
"""A user link type, as which the nRF Sniffer stored its records before it had one of its own."""
LINUX_MONITOR = 254
BASEBAND = 255
LE_LINK_LAYER_WITH_HEADER = 256
NORDIC_SNIFFER = 272

_ACCESS_ADDRESS_SIZE = 4
_PDU_HEADER_SIZE = 2
_CRC_SIZE = 3
_ADVERTISING = b"\xd6\xbe\x89\x8e"
_TONE_FOLLOWS = 0x20
_NORDIC_HEADER_SIZE = 17
_LEGACY_SNIFFER = b"\xbe\xef"
_PPI_LINK_TYPES = (147, LE_LINK_LAYER)
"""What Ubertooth writes behind a PPI header: a user link type in its first years, and the proper one."""


@dataclass(frozen=True, slots=True)
class AirFrame:
    """A link layer PDU from the air.

    Attributes:
        access_address: Which connection (or advertising) it belongs to.
        pdu: Header and payload, without the CRC.
        from_central: None when the sniffer does not say.
        crc_valid: None when the sniffer does not say.
        crc: The three bytes behind the PDU, fewer when the record is cut.
        encrypted: The payload is ciphertext; false when the sniffer decrypted it, None when it does not say.
        event: Counter of the connection's events, of 16 bits, or None when the sniffer does not give it.
        decrypted: The sniffer had the key; its check value may still stand behind the payload.
    """

    access_address: int
    pdu: bytes
    from_central: bool | None
    crc_valid: bool | None
    encrypted: bool | None
    crc: bytes = b""
    event: int | None = None
    decrypted: bool = False


def _hci_h4(data: bytes) -> Decoded:
    if not data:
        return OTHER, None, data, 0
    direction = {COMMAND: True, EVENT: False}.get(data[0])
    return data[0], direction, data[1:], 0


def _hci_h4_with_direction(data: bytes) -> Decoded:
    if len(data) < 5:
        return OTHER, None, data, 0
    return data[4], not data[3] & 1, data[5:], 0


def _linux_monitor(data: bytes) -> Decoded:
    if len(data) < 4:
        return OTHER, None, data, 0
    adapter, opcode = struct.unpack_from(">HH", data)
    kind, from_host = MONITOR_KINDS.get(opcode, (OTHER, None))
    return kind, from_host, data[4:], adapter


def _link_layer(data: bytes) -> Decoded:
    return LINK_LAYER, None, data, 0


HCI_DECODERS: dict[int, Callable[[bytes], Decoded]] = {
    HCI_H4: _hci_h4,
    HCI_H4_WITH_DIRECTION: _hci_h4_with_direction,
    LINUX_MONITOR: _linux_monitor,
    LE_LINK_LAYER: _link_layer,
    LE_LINK_LAYER_WITH_HEADER: _link_layer,
    NORDIC_SNIFFER: _link_layer,
    NORDIC_SNIFFER_USER: _link_layer,
    PER_PACKET_INFORMATION: _link_layer,
}
"""How a record becomes a packet. Those of the air keep their link type as the adapter number's high part."""

AIR_LINK_TYPES = frozenset(
    (LE_LINK_LAYER, LE_LINK_LAYER_WITH_HEADER, NORDIC_SNIFFER, NORDIC_SNIFFER_USER, PER_PACKET_INFORMATION)
)


def air_frame(link_type: int, data: bytes) -> AirFrame | None:
    """The PDU in a record from the air, or None when it holds none."""
    if link_type == LE_LINK_LAYER:
        return _frame(data, None, None, None)
    if link_type == LE_LINK_LAYER_WITH_HEADER:
        return _frame_with_header(data)
    if link_type == PER_PACKET_INFORMATION:
        return _frame_with_information(data)
    return _nordic_frame(data)


def _frame(
    data: bytes,
    from_central: bool | None,
    crc_valid: bool | None,
    encrypted: bool | None,
    event: int | None = None,
    decrypted: bool = False,
) -> AirFrame | None:
    if len(data) < _ACCESS_ADDRESS_SIZE + _PDU_HEADER_SIZE:
        return None
    (access_address,) = struct.unpack_from("<I", data)
    size = data[5]
    if data[4] & _TONE_FOLLOWS and data[:_ACCESS_ADDRESS_SIZE] != _ADVERTISING:
        # A PDU that announces a constant tone has one more byte in its header.
        data = data[:6] + data[7:]
    end = _ACCESS_ADDRESS_SIZE + _PDU_HEADER_SIZE + size
    pdu = data[_ACCESS_ADDRESS_SIZE:end]
    crc = data[end : end + _CRC_SIZE]
    if len(data) == end + 1 + _CRC_SIZE:
        # The nRF radio stores a byte between header and payload; some of its tools leave it in the file.
        pdu = data[4:6] + data[7 : end + 1]
        crc = data[end + 1 :]
    return AirFrame(access_address, pdu, from_central, crc_valid, encrypted, crc, event, decrypted)


def _frame_with_header(data: bytes) -> AirFrame | None:
    if len(data) < 10:
        return None
    (flags,) = struct.unpack_from("<H", data, 8)
    direction = {2: True, 3: False}.get(flags >> 7 & 7)
    crc_valid = bool(flags & 0x0800) if flags & 0x0400 else None
    decrypted = bool(flags & 0x0008)
    return _frame(data[10:], direction, crc_valid, False if decrypted else None, None, decrypted)


def _frame_with_information(data: bytes) -> AirFrame | None:
    """A PPI header, whose fields say nothing that matters here, and the frame."""
    if len(data) < 8:
        return None
    _version, _flags, size, link_type = struct.unpack_from("<BBHI", data)
    return _frame(data[size:], None, None, None) if link_type in _PPI_LINK_TYPES and size >= 8 else None


def _nordic_frame(data: bytes) -> AirFrame | None:
    """The sniffer's header of 17 bytes.

    That of version 0.9.7 begins otherwise and has the same fields from byte 8 on; byte 7 is the length of all that
    follows it there, and of the event's fields in later versions.
    """
    if len(data) < _NORDIC_HEADER_SIZE:
        return None
    begin = _NORDIC_HEADER_SIZE
    if not data.startswith(_LEGACY_SNIFFER):
        begin = 7 + data[7]
        if data[6] not in (2, 6) or begin < _NORDIC_HEADER_SIZE:
            return None
    flags, event = data[8], int.from_bytes(data[11:13], "little")
    encrypted, decrypted = bool(flags & 4) and not flags & 8, flags & 12 == 12
    return _frame(data[begin:], bool(flags & 2), bool(flags & 1), encrypted, event, decrypted)
