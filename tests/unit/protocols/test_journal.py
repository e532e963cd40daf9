"""Journals: the protocol's own decoder reads them with the sent image, and nothing in them breaks the reading."""

from __future__ import annotations

import contextlib
import io
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics import compare
from forensics.errors import OtadiffError
from forensics.live.journal import ImagePart, JournalWriter, WriteResult
from forensics.model.capture import ACKNOWLEDGED, REJECTED
from forensics.protocols import decode
from forensics.protocols.senders import SendPlan, sender_named
from forensics.protocols.senders.steps import Write
from forensics.read.captures import read_capture
from tests.unit.protocols.devices import Device, EspressifDevice, FbiegoDevice, control_data_device, drive

IMAGE = b"\xe9" + random.Random(11).randbytes(20_000)


def journal(name: str, device: Device, chunk: int = 200) -> bytes:
    """What ``live send`` records of a whole transfer."""
    stream = io.StringIO()
    writer = JournalWriter(stream)
    sender = sender_named(name).make(IMAGE, SendPlan(chunk_size=chunk))
    writer.header(name="app.bin", size=len(IMAGE))
    writer.event("protocol", name, outgoing=True, characteristic=sender.data)

    def note(write: Write) -> list[Write]:
        part = None
        if write.offset is not None:
            part = ImagePart(offset=write.offset, start=write.start, length=write.length)
        result = WriteResult.ACKNOWLEDGED if write.response else WriteResult.QUEUED
        writer.write(write.characteristic, write.value, response=bool(write.response), result=result, image=part)
        return [write]

    def answered(write: Write) -> list[tuple[str, bytes]]:
        told = device(write)
        for characteristic, value in told:
            writer.notification(characteristic, value)
        return told

    drive(sender, answered, note)
    return stream.getvalue().encode()


JOURNALS = {
    "control-data": journal("control-data", control_data_device),
    "espressif-ble-ota": journal("espressif-ble-ota", EspressifDevice()),
    "fbiego": journal("fbiego", FbiegoDevice()),
}


@pytest.mark.parametrize("name", JOURNALS)
def test_with_the_sent_image_its_own_decoder_reads_it(name: str) -> None:
    transfer = decode(read_capture(JOURNALS[name]), sent=IMAGE)
    assert transfer.protocol == name
    assert transfer.image == IMAGE
    assert not any(chunk.damaged for chunk in transfer.chunks)


@pytest.mark.parametrize("name", JOURNALS)
def test_without_the_sent_image_the_bytes_are_unknown_and_said_to_be(name: str) -> None:
    transfer = decode(read_capture(JOURNALS[name]))
    assert transfer.protocol == "journal"
    assert len(transfer.image) == len(IMAGE)
    assert all(chunk.damaged for chunk in transfer.chunks)
    assert any("neither the journal nor the sent image" in note for note in transfer.notes)


def test_answers_and_refusals_are_flags_and_failed_writes_no_values() -> None:
    stream = io.StringIO()
    writer = JournalWriter(stream)
    writer.header()
    for result in WriteResult:
        writer.write("u", b"12", response=True, result=result, image=None, reason="because")
    capture = read_capture(stream.getvalue().encode())
    flags = [value.flags & (REJECTED | ACKNOWLEDGED) for value in capture.values]
    assert flags == [0, ACKNOWLEDGED, REJECTED]
    assert ("write-failed", "failed: because") in [(event.kind, event.text) for event in capture.timeline]


def test_an_mtu_in_the_journal_is_that_of_the_connection() -> None:
    stream = io.StringIO()
    writer = JournalWriter(stream)
    writer.header()
    writer.event("mtu", "ATT MTU 247", mtu=247)
    connection = read_capture(stream.getvalue().encode()).connections[0]
    assert (connection.mtu, connection.mtu_exchanged) == (247, True)


_ANY = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 70), 1 << 70), st.floats(), st.text(max_size=6),
    st.sampled_from(["00ff", "write", "protocol", "control-data", "espressif-ble-ota", "fbiego", "refused", "outcome"]),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip
_KEYS = ("time", "event", "direction", "characteristic", "response", "offset", "length", "crc32", "value", "result",
         "before", "behind", "mtu", "chunk", "text", "reason", "schema")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", JOURNALS)
@settings(max_examples=60)
@given(places=st.lists(st.tuples(st.integers(0, 200), st.sampled_from(_KEYS), _ANY), max_size=8))
def test_a_journal_that_somebody_edited_gives_a_report_or_an_error(name: str, places: list[tuple[int, str, object]]) -> None:
    lines = [json.loads(line) for line in JOURNALS[name].splitlines()]
    for place, key, value in places:
        lines[1 + place % (len(lines) - 1)][key] = value
    content = "\n".join(json.dumps(line) for line in lines).encode()
    with contextlib.suppress(OtadiffError):
        compare(IMAGE, content)
