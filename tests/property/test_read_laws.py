"""Whatever is read gives evidence or an ``OtadiffError``; what was written is read back."""

from __future__ import annotations

import contextlib
import gzip
import random
from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forensics.errors import OtadiffError
from forensics.model.capture import Capture
from forensics.model.evidence import CAPTURE_CONTAINERS, Evidence
from forensics.protocols import PROTOCOLS, decode
from forensics.protocols.exchange import exchanges
from forensics.protocols.streams import select_values, value_streams
from forensics.read import FORMATS, read_evidence
from forensics.read.captures import read_capture
from tests import captures as synth
from tests.unit.protocols import senders
from tests.unit.read import text_forms
from tests.unit.read.test_capture_text import btmon, hcidump, journal, tshark
from tests.unit.read.test_captures import CHUNKS, CONTAINERS, START, air
from tests.unit.read.test_evidence import flash, zipped
from tests.unit.read.test_text import WRITERS

IMAGE = b"\xe9" + random.Random(8).randbytes(6000)

SEEDS: list[bytes] = [make() for make in CONTAINERS.values()]
SEEDS += [write(IMAGE).encode() for write in WRITERS]
SEEDS += [text.encode() for text in (btmon(True), hcidump(), tshark("\t", True, False), "\n".join(journal()))]
SEEDS += [text_forms.node_inspected(IMAGE).encode(), IMAGE, flash(IMAGE), IMAGE.ljust(0x4000, b"\xff")]
SEEDS += [gzip.compress(SEEDS[0]), zipped(btsnoop_hci__log=SEEDS[1]), gzip.compress(zipped(app__bin=IMAGE))]

TRANSFERS: list[Callable[[bytes], list[senders.Step]]] = [
    senders.espressif,
    senders.fbiego,
    senders.control_data,
    senders.meshtastic,
    senders.ardu_ble_ota,
    senders.silabs,
    senders.fast_ble_ota,
    senders.smp,
    senders.nordic_secure,
    senders.nordic_legacy,
]

SOON = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check_evidence(evidence: Evidence, data: bytes) -> None:
    assert evidence.container in FORMATS
    assert evidence.raw_size == len(data)
    assert evidence.region.end <= len(data)
    assert all(span.end <= len(evidence.content) for span in evidence.damaged)


def check_capture(capture: Capture) -> None:
    assert len(capture.values) == sum(stream.count for stream in value_streams(capture))
    for value in capture.values:
        assert value.missing <= len(value.value) or value.damaged
        assert value.connection < len(capture.connections)


def damage(data: bytes, draw: st.DataObject) -> bytes:
    """A few edits of the kind that files suffer."""
    edited = bytearray(data)
    for _edit in range(draw.draw(st.integers(0, 4))):
        if not edited:
            break
        place = draw.draw(st.integers(0, len(edited) - 1))
        kind = draw.draw(st.sampled_from(["set", "cut", "drop", "insert", "repeat"]))
        if kind == "set":
            edited[place] = draw.draw(st.integers(0, 255))
        elif kind == "cut":
            del edited[place:]
        elif kind == "drop":
            del edited[place : place + draw.draw(st.integers(1, 40))]
        elif kind == "insert":
            edited[place:place] = draw.draw(st.binary(max_size=12))
        else:
            edited[place:place] = edited[place : place + 64]
    return bytes(edited)


@SOON
@given(seed=st.sampled_from(SEEDS), draw=st.data())
def test_damaged_input_gives_evidence_or_an_error(seed: bytes, draw: st.DataObject) -> None:
    data = damage(seed, draw)
    try:
        evidence = read_evidence(data)
    except OtadiffError:
        return
    check_evidence(evidence, data)
    if evidence.is_capture:
        try:
            capture = read_capture(evidence)
        except OtadiffError:
            return
        check_capture(capture)


@SOON
@given(data=st.binary(max_size=400), format=st.sampled_from(FORMATS))
def test_any_bytes_under_any_format_give_evidence_or_an_error(data: bytes, format: str) -> None:
    try:
        evidence = read_evidence(data, format=format)
        check_evidence(evidence, data)
        if format in CAPTURE_CONTAINERS:
            check_capture(read_capture(evidence))
    except OtadiffError:
        pass


@SOON
@given(
    data=st.text(alphabet="0123456789abcdefx ,:[]-\n.|*\"'\\b<>BuferATS(){}", max_size=600),
    format=st.sampled_from(FORMATS),
)
def test_any_text_gives_evidence_or_an_error(data: str, format: str) -> None:
    for wanted in (None, format):
        try:
            evidence = read_evidence(data.encode(), format=wanted)
            check_evidence(evidence, data.encode())
            if evidence.is_capture:
                check_capture(read_capture(evidence))
        except OtadiffError:
            pass


@SOON
@given(content=st.binary(min_size=64, max_size=3000), write=st.sampled_from((text_forms.intel_hex, text_forms.s_record)))
def test_records_are_read_back(content: bytes, write: Callable[[bytes], str]) -> None:
    assert read_evidence(write(content).encode()).content == content


@SOON
@given(
    chunks=st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=20),
    fragment=st.integers(5, 251),
    container=st.sampled_from(["btsnoop", "packetlogger", "pcap", "pcapng", "air"]),
)
@example(chunks=[b"== dumpstate: "], fragment=21, container="btsnoop")  # begins like a bug report, and is a capture
def test_every_value_survives_every_fragmentation(chunks: list[bytes], fragment: int, container: str) -> None:
    pdus = [
        synth.AttPdu(time=START + index * 10_000, from_central=True, data=synth.value_pdu(0x52, 0x20, chunk))
        for index, chunk in enumerate(chunks)
    ]
    packets = synth.hci_packets(pdus, fragment=fragment)
    data = {
        "btsnoop": lambda: synth.write_btsnoop(packets),
        "packetlogger": lambda: synth.write_packet_logger(packets, little_endian=True),
        "pcap": lambda: synth.write_pcap(packets, 201),
        "pcapng": lambda: synth.write_pcapng([(187, packets)]),
        "air": lambda: synth.write_pcap(synth.air_packets(pdus, fragment=fragment), 256),
    }[container]()
    assert [value.value for value in select_values(read_capture(data))] == chunks


@SOON
@given(
    lost=st.sets(st.integers(0, 39), max_size=20),
    damaged=st.sets(st.integers(0, 39), max_size=10),
    link_type=st.sampled_from([256, 272]),
)
def test_every_packet_that_a_sniffer_missed_is_counted(lost: set[int], damaged: set[int], link_type: int) -> None:
    packets = air(251)
    places = [place for place, packet in enumerate(packets) if len(packet.pdu) > 200]
    for write in damaged - lost:
        packets[places[write]] = replace(packets[places[write]], crc_good=False)
    for write in sorted(lost, reverse=True):
        del packets[places[write]]
    capture = read_capture(synth.write_pcap(packets, link_type))
    values = [value for value in select_values(capture) if not value.damaged]
    assert [value.value for value in values] == [chunk for index, chunk in enumerate(CHUNKS) if index not in lost | damaged]
    counts = {problem.kind: problem.count for problem in capture.problems}
    assert counts == {
        kind: count for kind, count in (("missed-packet", len(lost)), ("bad-crc", len(damaged - lost))) if count
    }


@SOON
@given(draw=st.data(), send=st.sampled_from(TRANSFERS), size=st.integers(1, 9000))
def test_protocols_decode_what_is_left_of_a_transfer(
    draw: st.DataObject, send: Callable[[bytes], list[senders.Step]], size: int
) -> None:
    steps = send(IMAGE[:size])
    for _edit in range(draw.draw(st.integers(0, 4))):
        place = draw.draw(st.integers(0, len(steps) - 1))
        step = steps[place]
        value = damage(step.value, draw)
        steps[place : place + 1] = draw.draw(
            st.sampled_from([[], [step, step], [senders.Step(step.opcode, step.handle, value)]])
        )
        if not steps:
            return
    capture = read_capture(synth.write_btsnoop(synth.hci_packets(senders.conversation(steps))))
    for exchange in exchanges(capture):
        for protocol in PROTOCOLS:
            for handle in {protocol.find(exchange), 0x2A} - {None}:
                transfer = protocol.decode(exchange, handle)  # type: ignore[arg-type]
                assert all(chunk.offset + chunk.size <= len(transfer.image) for chunk in transfer.chunks) or (
                    not transfer.chunks
                )
    with contextlib.suppress(OtadiffError):
        decode(capture, lambda piece: IMAGE.find(piece) if piece in IMAGE else None)
