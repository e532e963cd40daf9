"""Captures in every container and with every defect give the values that were on the link."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from forensics.errors import InputError
from forensics.model.capture import Capture, Operation
from forensics.read import read_evidence
from forensics.read.captures import read_capture
from tests import captures as synth

UUID = "23408888-1f40-4cd8-9b89-ca8d45f8a5b0"
HANDLE = 0x2A
START = 1_760_000_000_000_000
_RANDOM = random.Random(7)
CHUNKS = [_RANDOM.randbytes(244) for _ in range(40)]


def conversation() -> list[synth.AttPdu]:
    pdus = synth.mtu_exchange(517, 247, time=START) + synth.discovery([(HANDLE, UUID)], time=START + 5000)
    for index, chunk in enumerate(CHUNKS):
        time = START + 100_000 + index * 15_000
        pdus.append(synth.AttPdu(time=time, from_central=True, data=synth.value_pdu(0x52, HANDLE, chunk)))
    ack = synth.value_pdu(0x1B, HANDLE + 3, b"\x05")
    return [*pdus, synth.AttPdu(time=START + 900_000, from_central=False, data=ack)]


def hci(fragment: int = 251, **options: bool) -> list[synth.HciPacket]:
    return [
        synth.connected(time=START - 1000),
        *synth.hci_packets(conversation(), fragment=fragment, **options),
        synth.disconnected(time=START + 1_000_000, reason=0x08),
    ]


def air(fragment: int = 27) -> list[synth.AirPacket]:
    return synth.air_packets(conversation(), fragment=fragment)


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "btsnoop-1001": lambda: synth.write_btsnoop(hci(), 1001),
    "btsnoop-1002": lambda: synth.write_btsnoop(hci(27), 1002),
    "btsnoop-2001": lambda: synth.write_btsnoop(hci(), 2001),
    "btsnoop-of-bug-report-1": lambda: synth.write_btsnooz(hci(), 1),
    "btsnoop-of-bug-report-2": lambda: synth.write_btsnooz(hci(27), 2),
    "packetlogger-big": lambda: synth.write_packet_logger(hci()),
    "packetlogger-little": lambda: synth.write_packet_logger(hci(27), little_endian=True),
    "pcap-187": lambda: synth.write_pcap(hci(27), 187),
    "pcap-201": lambda: synth.write_pcap(hci(), 201),
    "pcap-254": lambda: synth.write_pcap(hci(), 254),
    "pcap-251": lambda: synth.write_pcap(air(), 251),
    "pcap-256": lambda: synth.write_pcap(air(251), 256),
    "pcap-272": lambda: synth.write_pcap(air(), 272),
    "pcapng-201": lambda: synth.write_pcapng([(201, hci())]),
    "pcapng-272": lambda: synth.write_pcapng([(272, air())]),
    "pcapng-two-interfaces": lambda: synth.write_pcapng([(1, []), (254, hci())]),
}


def written(capture: Capture) -> list[bytes]:
    return [value.value for value in capture.values if value.operation is Operation.WRITE_COMMAND]


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_every_write(container: str) -> None:
    data = CONTAINERS[container]()
    assert read_evidence(data).container == container.split("-", maxsplit=1)[0]
    capture = read_capture(data)
    assert written(capture) == CHUNKS
    assert capture.problems == ()
    first = next(value for value in capture.values if value.is_write)
    assert (first.handle, first.uuid, first.damaged) == (HANDLE, UUID, False)
    assert first.from_host
    (connection,) = capture.connections
    assert connection.mtu == 247
    assert connection.mtu_exchanged
    assert connection.peer in ("c0:ff:ee:01:02:03", None)
    acks = [value for value in capture.values if not value.is_write]
    assert [(ack.handle, ack.value, ack.operation) for ack in acks] == [(HANDLE + 3, b"\x05", Operation.NOTIFICATION)]


def test_times_and_packet_numbers_are_those_of_the_file() -> None:
    capture = read_capture(synth.write_btsnoop(hci(), 1002))
    values = [value for value in capture.values if value.is_write]
    assert [value.time for value in values] == [START + 100_000 + index * 15_000 for index in range(40)]
    assert values[0].number == 6
    assert [event.kind for event in capture.timeline] == ["connected", "mtu", "disconnected"]
    assert capture.connections[0].reason == 0x08
    assert capture.packets == len(hci())


def test_capture_in_a_file_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "btsnoop_hci.log"
    path.write_bytes(synth.write_btsnoop(hci(27) * 60, 1002))
    evidence = read_evidence(path)
    assert evidence.stream == path
    assert evidence.content == b""
    steps: list[int] = []
    assert written(read_capture(evidence, progress=steps.append)) == CHUNKS * 60
    assert steps


def test_captured_on_the_peripheral_the_writes_are_the_same() -> None:
    capture = read_capture(synth.write_btsnoop(hci(27, host_is_central=False), 1002))
    assert written(capture) == CHUNKS
    values = [value for value in capture.values if value.is_write]
    assert not values[0].from_host
    assert values[0].uuid == UUID


def test_truncated_record_is_kept_in_its_place_and_said() -> None:
    packets = hci()
    packets[10] = replace(packets[10], cut=100)
    capture = read_capture(synth.write_btsnoop(packets, 1002))
    damaged = [value for value in capture.values if value.damaged]
    assert [(value.number, value.missing, len(value.value)) for value in damaged] == [(11, 100, 244)]
    assert damaged[0].value == CHUNKS[5][:-100] + bytes(100)
    assert [problem.kind for problem in capture.problems] == ["truncated"]
    assert capture.problems[0].first_packet == 11


def test_lost_fragment_damages_its_write_only() -> None:
    packets = hci(27)
    starts = [index for index, packet in enumerate(packets) if packet.data[4:6] == b"\xf7\x00"]
    del packets[starts[3] + 2]
    del packets[starts[8] - 2]
    capture = read_capture(synth.write_btsnoop(packets, 1002))
    values = [value for value in capture.values if value.operation is Operation.WRITE_COMMAND]
    assert [index for index, value in enumerate(values) if value.damaged] == [3, 7]
    assert [value.number for value in values if value.damaged] == [starts[4] - 1, starts[8] - 2]
    assert [value.value for value in values if not value.damaged] == [
        chunk for index, chunk in enumerate(CHUNKS) if index not in (3, 7)
    ]
    assert [problem.kind for problem in capture.problems] == ["lost-fragment"]


def test_drops_by_the_captures_own_count_are_said() -> None:
    capture = read_capture(synth.write_btsnoop(hci(), 1002, drops_at=20))
    (problem,) = capture.problems
    assert (problem.kind, problem.count, problem.first_packet) == ("dropped", 3, 21)


def test_fragments_around_a_drop_are_not_taken_for_one_value() -> None:
    packets = hci(27)
    starts = [index for index, packet in enumerate(packets) if packet.data[4:6] == b"\xf7\x00"]
    del packets[starts[3] + 5 : starts[4] + 5]
    capture = read_capture(synth.write_btsnoop(packets, 1002, drops_at=starts[3] + 5))
    values = [value for value in capture.values if value.operation is Operation.WRITE_COMMAND]
    assert [value.value for value in values if not value.damaged] == CHUNKS[:3] + CHUNKS[5:]
    (joined,) = [value for value in values if value.damaged]
    assert (len(joined.value), joined.missing) == (244, 7 + 244 - 5 * 27)


def test_the_short_log_of_a_bug_report_keeps_times_and_says_what_it_cut() -> None:
    evidence = read_evidence(synth.write_btsnooz(hci(), cut=100))
    assert "BTSNOOP_LOG_SUMMARY" in evidence.notes[0]
    capture = read_capture(evidence)
    values = [value for value in capture.values if value.is_write]
    assert [value.time for value in values] == [START + 100_000 + index * 15_000 for index in range(40)]
    assert all(value.missing == 100 for value in values)
    assert [problem.kind for problem in capture.problems] == ["truncated"]
    with pytest.raises(InputError, match="holds no snoop log"):
        read_evidence(b"=" * 56 + b"\n== dumpstate: 2025-10-09 08:53:20\n")


@pytest.mark.parametrize("container", [name for name in CONTAINERS if "bug-report" not in name])
def test_file_that_ends_anywhere_gives_what_it_holds(container: str) -> None:
    data = CONTAINERS[container]()
    for size in range(len(data) // 2, len(data) // 2 + 40):
        values = written(read_capture(data[:size]))
        assert values
        assert values == CHUNKS[: len(values)]


@pytest.mark.parametrize("link_type", [251, 256, 272])
def test_retransmissions_from_the_air_are_one_write(link_type: int) -> None:
    packets: list[synth.AirPacket] = []
    delay = 0
    for index, packet in enumerate(air()):
        later = replace(packet, time=packet.time + delay)
        if index % 7 == 5 and len(packet.pdu) > 2 and packet.from_central:
            packets += synth.retransmitted(later)
            delay += 7500
        else:
            packets.append(later)
    capture = read_capture(synth.write_pcap(packets, link_type))
    assert written(capture) == CHUNKS
    assert capture.problems == ()
    assert "retransmissions" in capture.notes[0]


@pytest.mark.parametrize("link_type", [251, 256, 272])
def test_damaged_copy_gives_way_to_a_good_one(link_type: int) -> None:
    packets: list[synth.AirPacket] = []
    delay = 0
    for index, packet in enumerate(air()):
        later = replace(packet, time=packet.time + delay)
        if index % 9 == 4 and len(packet.pdu) > 2 and packet.from_central:
            packets += synth.retransmitted(later, first_crc_good=False)
            delay += 7500
        else:
            packets.append(later)
    capture = read_capture(synth.write_pcap(packets, link_type))
    assert written(capture) == CHUNKS
    assert capture.problems == ()


@pytest.mark.parametrize("link_type", [251, 256, 272])
def test_damaged_packet_without_a_good_copy_is_kept_and_marked(link_type: int) -> None:
    packets = air(251)
    index = [number for number, packet in enumerate(packets) if len(packet.pdu) > 200][6]
    packets[index] = replace(packets[index], crc_good=False)
    capture = read_capture(synth.write_pcap(packets, link_type))
    values = [value for value in capture.values if value.operation is Operation.WRITE_COMMAND]
    assert [place for place, value in enumerate(values) if value.damaged] == [6]
    assert values[6].number == index + 1
    assert [problem.kind for problem in capture.problems] == ["bad-crc"]


@pytest.mark.parametrize("link_type", [256, 272])
def test_missed_packet_is_known_by_its_sequence_number(link_type: int) -> None:
    packets = air(251)
    index = [number for number, packet in enumerate(packets) if len(packet.pdu) > 200][6]
    del packets[index]
    capture = read_capture(synth.write_pcap(packets, link_type))
    assert written(capture) == CHUNKS[:6] + CHUNKS[7:]
    (problem,) = capture.problems
    assert (problem.kind, problem.count) == ("missed-packet", 1)
    assert problem.first_packet == index + 1


def test_encrypted_link_is_said_and_not_read() -> None:
    packets = air(251)
    start = synth.AirPacket(
        time=packets[20].time,
        from_central=False,
        access_address=synth.ACCESS_ADDRESS,
        pdu=synth.data_pdu(3, b"\x05", 1),
    )
    at = next(index for index, packet in enumerate(packets) if index > 20 and not packet.from_central)
    packets[at] = replace(start, pdu=synth.data_pdu(3, b"\x05", packets[at].pdu[0] >> 3 & 1))
    capture = read_capture(synth.write_pcap(packets, 256))
    assert 0 < len(written(capture)) < len(CHUNKS)
    (problem,) = capture.problems
    assert problem.kind == "encrypted"


def test_rejected_write_request_is_marked() -> None:
    def request(time: int, value: bytes, answer: bytes) -> list[synth.AttPdu]:
        return [
            synth.AttPdu(time=time, from_central=True, data=synth.value_pdu(0x12, HANDLE, value)),
            synth.AttPdu(time=time + 10, from_central=False, data=answer),
        ]

    error = b"\x01\x12" + HANDLE.to_bytes(2, "little") + b"\x0d"
    pdus = request(START, b"good", b"\x13") + request(START + 100, b"bad", error)
    capture = read_capture(synth.write_btsnoop(synth.hci_packets(pdus), 1002))
    assert [(value.value, value.rejected) for value in capture.values] == [(b"good", False), (b"bad", True)]


def test_prepared_pieces_become_one_write_when_they_are_executed() -> None:
    value = random.Random(1).randbytes(400)
    pdus = synth.long_write(HANDLE, value, 18, time=START)
    capture = read_capture(synth.write_btsnoop(synth.hci_packets(pdus, fragment=27), 1002))
    assert [(item.operation, item.value) for item in capture.values] == [(Operation.LONG_WRITE, value)]
    cancelled = [replace(pdu, data=b"\x18\x00") if pdu.data[0] == 0x18 else pdu for pdu in pdus]
    assert len(read_capture(synth.write_btsnoop(synth.hci_packets(cancelled), 1002)).values) == 0


def test_later_connection_to_the_same_peer_knows_its_handles() -> None:
    writes = [pdu for pdu in conversation() if pdu.data[0] == 0x52]
    packets = [*hci(), synth.connected(0x41, time=START + 2_000_000), *synth.hci_packets(writes, handle=0x41)]
    capture = read_capture(synth.write_btsnoop(packets, 1002))
    assert {value.uuid for value in capture.values if value.is_write} == {UUID}
    assert {value.connection for value in capture.values} == {0, 1}


@pytest.mark.parametrize("data", [b"btsnoop\0", b"btsnoop\0\0\0\0\1\0\0\3\xec", b"\xd4\xc3\xb2\xa1" + bytes(30), b""])
def test_what_is_no_readable_capture_is_a_clear_error(data: bytes) -> None:
    with pytest.raises(InputError):
        read_capture(data)
