"""ATT where it is not on its fixed channel, and packets that look like it and are not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from forensics.model.capture import Capture, Operation
from forensics.read.captures import read_capture
from tests import captures as synth
from tests.unit.read.test_captures import CHUNKS, HANDLE, START, written

CLIENT, SERVER = 0x40, 0x55
WRITES = [
    synth.AttPdu(time=START + 1000 * number, from_central=True, data=synth.value_pdu(0x52, HANDLE, chunk))
    for number, chunk in enumerate(CHUNKS)
]


def captured(pdus: list[synth.AttPdu], fragment: int = 251) -> Capture:
    packets = [synth.connected(time=START - 100), *synth.hci_packets(pdus, fragment=fragment)]
    return read_capture(synth.write_btsnoop(packets, 1002))


@pytest.mark.parametrize(("frame", "fragment"), [(247, 251), (249, 27), (100, 27), (23, 251)])
def test_enhanced_att_is_read_frame_by_frame(frame: int, fragment: int) -> None:
    opening = synth.enhanced_channels(CLIENT, SERVER, mtu=300, time=START - 50)
    capture = captured([*opening, *synth.over_channel(WRITES, CLIENT, SERVER, frame=frame)], fragment)
    assert written(capture) == CHUNKS
    assert capture.problems == ()
    assert capture.notes == ()
    (connection,) = capture.connections
    assert connection.mtu == 300


def test_requests_of_two_bearers_are_answered_each_on_its_own() -> None:
    def request(value: bytes, answer: bytes, client: int, server: int) -> tuple[synth.AttPdu, synth.AttPdu]:
        pair = [
            synth.AttPdu(time=START, from_central=True, data=synth.value_pdu(0x12, HANDLE, value)),
            synth.AttPdu(time=START, from_central=False, data=answer),
        ]
        asked, answered = synth.over_channel(pair, client, server, frame=247)
        return asked, answered

    refusal = b"\x01\x12" + HANDLE.to_bytes(2, "little") + b"\x0e"
    first, granted = request(b"first", b"\x13", CLIENT, SERVER)
    second, refused = request(b"second", refusal, CLIENT + 1, SERVER + 1)
    opening = synth.enhanced_channels(CLIENT, SERVER) + synth.enhanced_channels(CLIENT + 1, SERVER + 1)
    capture = captured([*opening, first, second, granted, refused])
    assert [(value.value, value.rejected) for value in capture.values] == [(b"first", False), (b"second", True)]


def test_att_over_classic_bluetooth_is_read() -> None:
    opening = synth.classic_channel(CLIENT, SERVER, time=START - 50)
    assert written(captured([*opening, *synth.over_channel(WRITES, CLIENT, SERVER)])) == CHUNKS


OTHERS: dict[str, Callable[[], list[synth.AttPdu]]] = {
    "a serial port": lambda: [
        *synth.classic_channel(CLIENT, SERVER, service=3),
        *synth.over_channel(WRITES, CLIENT, SERVER),
    ],
    "another credit-based service": lambda: [
        *synth.enhanced_channels(CLIENT, SERVER, service=0x80),
        *synth.over_channel(WRITES, CLIENT, SERVER, frame=247),
    ],
    "security manager": lambda: [replace(pdu, channel=6) for pdu in WRITES],
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_channels_are_no_att(name: str) -> None:
    pdus = synth.mtu_exchange(247, 247, time=START - 200) + OTHERS[name]()
    capture = captured(pdus)
    assert len(capture.values) == 0
    assert capture.notes == ()


def test_a_channel_whose_opening_is_not_in_the_capture_is_told() -> None:
    pdus = synth.mtu_exchange(247, 247, time=START - 200)
    capture = captured([*pdus, *synth.over_channel(WRITES, CLIENT, SERVER, frame=247)])
    assert len(capture.values) == 0
    assert "enhanced ATT" in capture.notes[0]


def test_one_pdu_with_several_notifications() -> None:
    data = b"\x23" + b"\x2a\0\3\0abc" + b"\x2d\0\2\0xy"
    capture = captured([synth.AttPdu(time=START, from_central=False, data=data)])
    assert [(value.handle, value.value, value.operation) for value in capture.values] == [
        (0x2A, b"abc", Operation.NOTIFICATION),
        (0x2D, b"xy", Operation.NOTIFICATION),
    ]


def test_values_of_no_bytes_and_the_highest_handle() -> None:
    pdus = [
        synth.AttPdu(time=START, from_central=True, data=b"\x52\x2a\0"),
        synth.AttPdu(time=START, from_central=True, data=b"\x52\xff\xffabc"),
        synth.AttPdu(time=START, from_central=True, data=synth.value_pdu(0xD2, HANDLE, b"signed") + bytes(12)),
    ]
    assert [(value.handle, value.value) for value in captured(pdus).values] == [
        (0x2A, b""),
        (0xFFFF, b"abc"),
        (HANDLE, b"signed"),
    ]


def test_fragments_of_two_connections_in_any_order_are_kept_apart() -> None:
    other = [synth.AttPdu(time=START, from_central=True, data=synth.value_pdu(0x12, 0x33, chunk)) for chunk in CHUNKS[:10]]
    queues = [synth.hci_packets(WRITES, fragment=27), synth.hci_packets(other, fragment=27, handle=0x41)]
    rng = random.Random(3)
    packets = [synth.connected(0x40), synth.connected(0x41)]
    while any(queues):
        packets.append(rng.choice([queue for queue in queues if queue]).pop(0))
    for data in (synth.write_btsnoop(packets, 2001), synth.write_pcap(packets, 187)):
        values = read_capture(data).values
        assert [value.value for value in values if value.connection == 0] == CHUNKS
        assert [value.value for value in values if value.connection == 1] == CHUNKS[:10]


def test_a_handle_that_is_used_again_is_another_connection() -> None:
    first, second = synth.hci_packets(WRITES[:5]), synth.hci_packets(WRITES[5:10])
    for between in ([synth.disconnected()], [synth.connected()], [synth.disconnected(), synth.connected()]):
        capture = read_capture(synth.write_btsnoop([*first, *between, *second], 1002))
        assert [value.connection for value in capture.values] == [0] * 5 + [1] * 5
        assert written(capture) == CHUNKS[:10]
