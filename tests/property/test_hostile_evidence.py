"""Any change to any kind of evidence gives a report or an ``OtadiffError``, and never another exception."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import forensics
from forensics.errors import OtadiffError
from forensics.model.report import Report
from forensics.pipeline.capture_contents import capture_contents
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.read import read_evidence
from forensics.synth.image import build_image
from tests import captures as synth
from tests.unit.pipeline.test_sent import intel_hex, log
from tests.unit.protocols import senders
from tests.unit.read.test_evidence import flash

IMAGE = build_image(chip="ESP32", size=6_000)
STEPS = (
    senders.espressif(IMAGE),
    senders.fbiego(IMAGE),
    senders.control_data(IMAGE),
    senders.smp(IMAGE),
    senders.ardu_ble_ota(IMAGE, compressed=True),
    senders.nordic_secure(IMAGE),
    senders.stream(IMAGE, 244),
)


def hci(number: int) -> list[synth.HciPacket]:
    pdus = synth.mtu_exchange(247, 517, time=1000) + senders.conversation(STEPS[number % len(STEPS)], 10_000)
    pdus += synth.long_write(0x2A, IMAGE[:400], 100, time=pdus[-1].time)
    if number % 2:
        opening = synth.enhanced_channels(0x40, 0x55) + synth.classic_channel(0x41, 0x56)
        pdus = opening + list(synth.over_channel(pdus, 0x40, 0x55, frame=200))
    packets = synth.hci_packets(pdus, fragment=(27, 251)[number % 2])
    return [synth.connected(), *packets, synth.disconnected(time=packets[-1].time)]


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("btsnoop_hci.log", content)
        archive.writestr("readme.md", b"words")
    return stream.getvalue()


def air(number: int) -> list[synth.AirPacket]:
    pdus = senders.conversation(STEPS[number % len(STEPS)])
    return synth.sniffed(pdus, seed=number, weather=synth.Weather(), fragment=(27, 251)[number % 2])


SEEDS: tuple[Callable[[int], bytes], ...] = (
    lambda number: synth.write_btsnoop(hci(number), (1001, 1002, 2001)[number % 3]),
    lambda number: synth.write_btsnooz(hci(number), 1 + number % 2),
    lambda number: synth.write_packet_logger(hci(number), little_endian=bool(number % 2)),
    lambda number: synth.write_pcap(hci(number), (187, 201, 254)[number % 3]),
    lambda number: synth.write_pcap(air(number), (192, 251, 256, 272)[number % 4]),
    lambda number: synth.write_pcapng([(272, air(number)), (201, hci(number))]),
    lambda number: gzip.compress(synth.write_btsnoop(hci(number), 1002)),
    lambda number: zipped(synth.write_btsnoop(hci(number), 1002)),
    lambda number: intel_hex(IMAGE),
    lambda number: log(IMAGE),
    lambda number: flash(IMAGE),
)


def changed(data: bytes, rng: random.Random) -> bytes:
    """``data`` with bytes flipped, ranges overwritten, left out or doubled, or its end cut off."""
    broken = bytearray(data)
    for _ in range(rng.choice((1, 2, 8, 40))):
        if not broken:
            break
        place, size = rng.randrange(len(broken)), rng.choice((1, 1, 2, 4, 30, 400))
        piece = bytes(broken[place : place + size])
        choices = (rng.randbytes(size), b"\xff" * size, bytes(size), b"", piece * 2, piece[::-1])
        broken[place : place + size] = rng.choice(choices)
    return bytes(broken[: rng.choice((len(broken), len(broken), rng.randrange(len(broken) + 1)))])


def check(data: bytes) -> None:
    with contextlib.suppress(OtadiffError):
        for report in (forensics.compare(IMAGE, data), forensics.compare(data, IMAGE)):
            assert Report.from_dict(report.to_dict()) == report
            claimed = [index for finding in report.findings for index in finding.edits]
            assert all(0 <= index < len(report.edits) for index in claimed)
    with contextlib.suppress(OtadiffError):
        forensics.compare(IMAGE, IMAGE[:5000], capture=data)
    for options in (ExtractOptions(), ExtractOptions(raw=True), ExtractOptions(sent=IMAGE)):
        with contextlib.suppress(OtadiffError):
            extract_source(data, options)
    with contextlib.suppress(OtadiffError):
        evidence = read_evidence(data)
        if evidence.is_capture:
            capture_contents(evidence)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(range(len(SEEDS))), st.integers(0, 11), st.integers(0, 1 << 32))
def test_damaged_evidence_gives_a_report_or_an_error(kind: int, number: int, seed: int) -> None:
    check(changed(SEEDS[kind](number), random.Random(seed)))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from((b"btsnoop\0\0\0\0\1\0\0\3\xea", b"\xd4\xc3\xb2\xa1", b"\x1f\x8b\x08", b"PK\3\4", b"")),
    st.binary(max_size=400),
)
def test_noise_behind_a_magic_gives_a_report_or_an_error(magic: bytes, noise: bytes) -> None:
    check(magic + noise)
