"""Writes captures of a conversation whose every byte is known, in any container and with any defect."""

from __future__ import annotations

from tests.captures.conversation import (
    ACCESS_ADDRESS,
    PEER_ADDRESS,
    AirPacket,
    AttPdu,
    HciPacket,
    air_packets,
    connected,
    data_pdu,
    disconnected,
    discovery,
    hci_packets,
    long_write,
    mtu_exchange,
    opening,
    retransmitted,
    value_pdu,
)
from tests.captures.enhanced import classic_channel, enhanced_channels, over_channel
from tests.captures.files import (
    link_record,
    write_btsnoop,
    write_btsnooz,
    write_packet_logger,
    write_pcap,
    write_pcap_records,
    write_pcapng,
)
from tests.captures.sniffed import Weather, sniffed

__all__ = [
    "ACCESS_ADDRESS",
    "PEER_ADDRESS",
    "AirPacket",
    "AttPdu",
    "HciPacket",
    "Weather",
    "air_packets",
    "classic_channel",
    "connected",
    "data_pdu",
    "disconnected",
    "discovery",
    "enhanced_channels",
    "hci_packets",
    "link_record",
    "long_write",
    "mtu_exchange",
    "opening",
    "over_channel",
    "retransmitted",
    "sniffed",
    "value_pdu",
    "write_btsnoop",
    "write_btsnooz",
    "write_packet_logger",
    "write_pcap",
    "write_pcap_records",
    "write_pcapng",
]
