"""The construct layouts and the ``struct`` reading of the hot loops see the same fields in the same bytes."""

from __future__ import annotations

import base64
import io
import random
import zlib
from collections.abc import Iterator
from itertools import pairwise

import pytest

from forensics.open import btsnooz
from forensics.read.captures import btsnoop, packet_logger, pcap, pcapng
from forensics.read.captures.link_types import air_frame
from forensics.spec.crc24 import crc24
from tests import captures as synth
from tests.captures.layouts import btsnoop as btsnoop_layout
from tests.captures.layouts import btsnooz as btsnooz_layout
from tests.captures.layouts import hci as hci_layout
from tests.captures.layouts import l2cap as l2cap_layout
from tests.captures.layouts import link_layer as link_layer_layout
from tests.captures.layouts import packet_logger as packet_logger_layout
from tests.captures.layouts import pcap as pcap_layout
from tests.unit.read.test_captures import air, conversation, hci


def no_problem(kind: str, number: int | None, text: str, count: int) -> None:
    raise AssertionError(f"{kind} at {number}: {text} ({count})")


def records(layout: object, data: bytes) -> Iterator[object]:
    stream = io.BytesIO(data)
    while stream.tell() < len(data):
        yield layout.parse_stream(stream)  # type: ignore[attr-defined]


@pytest.mark.parametrize("datalink", [1001, 1002, 2001])
def test_btsnoop(datalink: int) -> None:
    data = synth.write_btsnoop(hci(27), datalink)
    header = btsnoop_layout.HEADER.parse(data)
    assert header.datalink == datalink
    read = list(btsnoop.packets(io.BytesIO(data), no_problem, "test"))
    layouts = list(records(btsnoop_layout.RECORD, data[16:]))
    assert len(read) == len(layouts)
    for (_number, time, _kind, _from_host, packet, missing, _adapter), record in zip(read, layouts, strict=True):
        assert record.header.timestamp - btsnoop.EPOCH == time  # type: ignore[attr-defined]
        assert record.packet.endswith(packet)  # type: ignore[attr-defined]
        assert len(record.packet) - len(packet) == (datalink == 1002)  # type: ignore[attr-defined]
        assert missing == 0


@pytest.mark.parametrize("little_endian", [False, True])
def test_packet_logger(little_endian: bool) -> None:
    data = synth.write_packet_logger(hci(27), little_endian=little_endian)
    layout = packet_logger_layout.RECORD_LITTLE_ENDIAN if little_endian else packet_logger_layout.RECORD_BIG_ENDIAN
    read = list(packet_logger.packets(io.BytesIO(data), no_problem, "test"))
    layouts = list(records(layout, data))
    assert [packet[4] for packet in read] == [record.packet for record in layouts]  # type: ignore[attr-defined]
    assert [packet[1] for packet in read] == [
        record.seconds * 1_000_000 + record.microseconds  # type: ignore[attr-defined]
        for record in layouts
    ]


def test_pcap_and_pcapng() -> None:
    data = synth.write_pcap(hci(), 187)
    layouts = list(records(pcap_layout.PCAP_RECORD, data[24:]))
    read = list(pcap.packets(io.BytesIO(data), no_problem, "test"))
    assert [record.packet[1:] for record in layouts] == [packet[4] for packet in read]  # type: ignore[attr-defined]
    assert [(record.seconds, record.microseconds) for record in layouts] == [  # type: ignore[attr-defined]
        divmod(packet[1], 1_000_000) for packet in read
    ]
    again = list(pcapng.packets(io.BytesIO(synth.write_pcapng([(187, hci())])), no_problem, "test"))
    assert [packet[:5] for packet in again] == [packet[:5] for packet in sorted(read, key=lambda item: item[1])]


def test_acl_and_l2cap() -> None:
    for pdu, packet in zip(conversation(), synth.hci_packets(conversation(), fragment=1024), strict=True):
        acl = hci_layout.ACL.parse(packet.data)
        assert acl.flags.handle == int.from_bytes(packet.data[:2], "little") & 0xFFF
        assert acl.flags.boundary == int.from_bytes(packet.data[:2], "little") >> 12 & 3
        assert l2cap_layout.PDU.parse(acl.fragment).payload == pdu.data


@pytest.mark.parametrize("link_type", [251, 256, 272])
def test_air_frames(link_type: int) -> None:
    for packet in air(251):
        frame = air_frame(link_type, synth.link_record(link_type, packet))
        assert frame is not None
        assert (frame.access_address, frame.pdu) == (packet.access_address, packet.pdu)
        if frame.access_address == synth.ACCESS_ADDRESS:
            layout = link_layer_layout.DATA_PDU.parse(frame.pdu)
            assert layout.flags.sequence == frame.pdu[0] >> 3 & 1
            assert layout.flags.kind == frame.pdu[0] & 3
            assert layout.payload == frame.pdu[2:]


def test_padding_byte_of_the_nordic_radio_is_left_out() -> None:
    packet = next(packet for packet in air() if len(packet.pdu) > 20 and packet.access_address == synth.ACCESS_ADDRESS)
    record = synth.link_record(272, packet)
    padded = record[: 17 + 6] + bytes([random.Random(1).randrange(256)]) + record[17 + 6 :]
    frame = air_frame(272, padded)
    assert frame is not None
    assert frame.pdu == packet.pdu


def test_crc_of_the_link_layer() -> None:
    """The vector is a CONNECT_IND whose CRC tshark 4.0 accepts."""
    opening = synth.air_packets([])[0]
    assert crc24(opening.pdu, 0x555555).hex() == "58892f"
    assert crc24(opening.pdu[:-1] + b"\0", 0x555555).hex() != "58892f"


@pytest.mark.parametrize("version", [1, 2])
def test_btsnooz(version: int) -> None:
    text = synth.write_btsnooz(hci(27), version)
    digits = text[text.index(b"in) ---\n") + 8 : text.index(b"--- END")]
    packed = base64.b64decode(digits)
    header = btsnooz_layout.HEADER.parse(packed)
    assert header.version == version
    layout = btsnooz_layout.RECORD_1 if version == 1 else btsnooz_layout.RECORD_2
    layouts = list(records(layout, zlib.decompress(packed[9:])))
    read = list(btsnoop.packets(io.BytesIO(btsnooz.unpack(text, "test").content), no_problem, "test"))
    assert [record.packet for record in layouts] == [packet[4] for packet in read]  # type: ignore[attr-defined]
    assert header.last_timestamp == read[-1][1]
    times = [packet[1] for packet in read]
    deltas = [record.delta for record in layouts]  # type: ignore[attr-defined]
    assert [late - early for early, late in pairwise(times)] == deltas[1:]
