"""What a sniffer misses of a whole transfer is never told as a fault of the transfer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import forensics
from forensics.model.capture import Operation
from forensics.model.finding import Certainty, Verdict
from forensics.read.captures import read_capture
from forensics.synth.image import build_image
from tests import captures as synth
from tests.unit.protocols import senders
from tests.unit.protocols.senders import Step

pytestmark = pytest.mark.slow

IMAGE = build_image(chip="ESP32", size=40_000)
SENDERS: tuple[Callable[[bytes], list[Step]], ...] = (
    senders.control_data,
    senders.espressif,
    senders.fbiego,
    senders.stream,
)
FINE = synth.Weather(lost=0.05, damaged=0, missed=0, silence=0)


def sniffed(send: Callable[[bytes], list[Step]], seed: int, weather: synth.Weather) -> list[synth.AirPacket]:
    fragment = (251, 27)[seed % 2]
    return synth.sniffed(senders.conversation(send(IMAGE)), seed=seed, weather=weather, fragment=fragment)


@pytest.mark.parametrize("link_type", [251, 256, 272])
@pytest.mark.parametrize("send", SENDERS, ids=lambda send: send.__name__)
def test_retransmissions_of_a_bad_link_are_no_fault(send: Callable[[bytes], list[Step]], link_type: int) -> None:
    for seed in (1, 2):
        report = forensics.compare(IMAGE, synth.write_pcap(sniffed(send, seed, FINE), link_type))
        assert (report.verdict, report.edits) == (Verdict.HEALTHY, ())


@pytest.mark.parametrize("link_type", [256, 272])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("send", SENDERS, ids=lambda send: send.__name__)
def test_what_the_sniffer_lost_is_the_captures_fault(send: Callable[[bytes], list[Step]], seed: int, link_type: int) -> None:
    weather = synth.Weather(silence=0.003 if seed % 2 == 0 else 0.0005)
    data = synth.write_pcap(sniffed(send, seed, weather), link_type)
    report = forensics.compare(IMAGE, data)
    for finding in report.findings:
        assert finding.benign or finding.code.startswith("OTA4") or finding.certainty is Certainty.POSSIBLE
    claimed = [index for finding in report.findings for index in finding.edits]
    assert sorted(claimed) == list(range(len(report.edits)))
    assert report.verdict is not Verdict.FAULTY
    sent = {step.value for step in send(IMAGE)}
    for value in read_capture(data).values:
        assert value.damaged or value.operation is Operation.LONG_WRITE or value.value in sent


def test_an_event_of_which_nothing_was_heard_is_known_by_the_counter_and_by_the_clock() -> None:
    packets = sniffed(senders.stream, 0, FINE)
    silent = [packet for packet in packets if packet.event not in range(40, 44)]
    for link_type in (256, 272):
        problems = {problem.kind: problem for problem in read_capture(synth.write_pcap(silent, link_type)).problems}
        assert problems["missed-event"].count == 4
        assert problems["missed-event"].first_packet == next(
            number for number, packet in enumerate(silent, 1) if packet.event == 44
        )


def test_a_chunk_that_the_sender_left_out_is_its_fault_when_the_sniffer_heard_everything() -> None:
    steps = senders.control_data(IMAGE)
    packets = synth.sniffed(senders.conversation([*steps[:50], *steps[51:]]), seed=3, weather=FINE)
    report = forensics.compare(IMAGE, synth.write_pcap(packets, 272))
    assert report.verdict is Verdict.FAULTY
    assert report.findings[0].slug == "chunk-missing"
