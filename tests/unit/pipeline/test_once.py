"""What was learned about a file travels with it: nothing of a triaged zip is opened, parsed or decoded twice."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType

import forensics
from forensics.model.chunk_plan import ChunkPlan
from forensics.open import archives
from forensics.parse import image as parsing
from forensics.read import captures
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from tests import captures as synth
from tests.unit.pipeline.test_bug_folder import zipped
from tests.unit.protocols import senders
from tests.unit.read.test_evidence import flash

SENT = build_image(size=16384)
LOST = inject(SENT, "drop-one", ChunkPlan(size=244), 1).received


def test_each_file_of_a_zip_is_opened_parsed_and_decoded_once() -> None:
    packets = synth.hci_packets(senders.conversation(senders.control_data(SENT)))
    capture = synth.write_btsnoop([synth.connected(), *packets], 1002)
    bug = zipped({"sent.bin": SENT, "received.bin": LOST, "btsnoop_hci.log": capture})
    names = {SENT: "sent.bin", LOST: "received.bin"}
    calls: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event != "call":
            return
        if frame.f_code is parsing.parse_image.__code__ and frame.f_locals["digests"]:
            calls[f"parsed {names.get(bytes(frame.f_locals['data']), 'other')}"] += 1
        elif frame.f_code is captures._read.__code__:
            calls["decoded"] += 1
        elif frame.f_code is archives._entries.__code__:
            calls["opened"] += 1

    sys.setprofile(count)
    try:
        report = forensics.triage(bug)
    finally:
        sys.setprofile(None)
    assert report.findings[0].slug == "chunk-missing"
    assert calls == {"opened": 1, "decoded": 1, "parsed sent.bin": 1, "parsed received.bin": 1}


def test_what_was_learned_of_a_whole_flash_is_not_taken_for_its_slot() -> None:
    dump = bytearray(flash(LOST))
    bootloader = build_image(size=8192, chip="ESP32-C3")  # at 0, where this chip has it
    dump[: len(bootloader)] = bootloader
    triaged = forensics.triage(zipped({"sent.bin": SENT, "flash.bin": bytes(dump)}))
    compared = forensics.compare(SENT, bytes(dump))
    assert triaged.findings[0].slug == compared.findings[0].slug == "chunk-missing"
    assert triaged.received is not None
    assert compared.received is not None
    assert triaged.received.image == compared.received.image
