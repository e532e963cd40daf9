"""The headers and habits of sniffers: old versions, bytes that some leave in, payloads that they decrypted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from forensics.errors import InputError
from forensics.model.capture import Capture
from forensics.read.captures import read_capture
from tests import captures as synth
from tests.unit.read.test_captures import CHUNKS, HANDLE, air, written

HEADER = 17
Change = Callable[[bytes], bytes]


def rewritten(
    change: Change, link_type: int = 272, packets: list[synth.AirPacket] | None = None, stored_as: int | None = None
) -> Capture:
    """A capture of the conversation whose records of connections were changed."""
    records = []
    for packet in air(251) if packets is None else packets:
        record = synth.link_record(link_type, packet)
        is_data = packet.access_address == synth.ACCESS_ADDRESS
        records.append((packet.time, change(record) if is_data else record, 0))
    return read_capture(synth.write_pcap_records(records, stored_as or link_type))


def legacy(record: bytes) -> bytes:
    return b"\xbe\xef\x06" + record[3:7] + bytes([len(record) - 8 & 0xFF]) + record[8:]


def version_1(record: bytes) -> bytes:
    return record[:1] + b"\x06" + bytes([len(record) - 7 & 0xFF]) + b"\x01" + record[4:]


def padded(record: bytes) -> bytes:
    return record[: HEADER + 6] + b"\x7f" + record[HEADER + 6 :]


@pytest.mark.parametrize("change", [legacy, version_1, padded, lambda record: padded(legacy(record))])
def test_every_version_of_the_nordic_header_is_read(change: Change) -> None:
    assert written(rewritten(change)) == CHUNKS


def test_the_user_link_type_of_early_sniffers_is_read() -> None:
    assert written(rewritten(legacy, stored_as=157)) == CHUNKS


@pytest.mark.parametrize("link_type", [251, 256, 272])
def test_fragments_of_two_pdus_are_never_taken_for_one_whole(link_type: int) -> None:
    pdus = synth.mtu_exchange(517, 247, time=1000)
    sent = [random.Random(index).randbytes(244) for index in range(60)]
    for index, value in enumerate(sent):
        data = synth.value_pdu(0x52, HANDLE, value)
        pdus.append(synth.AttPdu(time=100_000 + index * 15_000, from_central=True, data=data))
    weather = synth.Weather(lost=0.1, damaged=0.08, missed=0.05, silence=0.01)
    for seed in (0, 2, 5, 12, 19):
        packets = synth.sniffed(pdus, seed=seed, weather=weather, fragment=27)
        values = [value for value in read_capture(synth.write_pcap(packets, link_type)).values if value.handle == HANDLE]
        places = [sent.index(value.value) for value in values if not value.damaged]
        assert places
        assert places == sorted(set(places))


def test_packets_that_the_sniffer_tells_of_itself_are_passed_over() -> None:
    capture = rewritten(lambda record: record[:6] + b"\x0d" + record[7:])
    assert len(capture.values) == 0


def test_ubertooth_headers_are_read() -> None:
    assert written(read_capture(synth.write_pcap(air(27), 192))) == CHUNKS
    other = rewritten(lambda record: record[:4] + b"\x7f\0\0\0" + record[8:], 192)
    assert len(other.values) == 0


@pytest.mark.parametrize("fragment", [251, 27])
def test_check_values_behind_decrypted_payloads_are_left_out(fragment: int) -> None:
    packets = []
    for packet in air(fragment):
        pdu = packet.pdu
        if packet.access_address == synth.ACCESS_ADDRESS and pdu[1]:
            pdu = bytes([pdu[0], pdu[1] + 4]) + pdu[2:] + b"mic!"
        packets.append(replace(packet, pdu=pdu))
    assert written(rewritten(lambda record: record[:8] + bytes([record[8] | 12]) + record[9:], packets=packets)) == CHUNKS


def test_a_pdu_that_announces_a_tone_has_a_longer_header() -> None:
    def with_tone(record: bytes) -> bytes:
        return record[:4] + bytes([record[4] | 0x20]) + record[5:6] + b"\x14" + record[6:]

    assert written(rewritten(with_tone, 251)) == CHUNKS


def test_links_that_hold_no_att_are_named() -> None:
    with pytest.raises(InputError, match="classic Bluetooth"):
        read_capture(synth.write_pcap_records([(0, b"\0" * 20, 0)], 255))
