"""Two records of one session, by two ways: the sender's journal, and the adapter's own btsnoop file of the same link."""

from __future__ import annotations

import zlib

import pytest

pytest.importorskip("bumble", reason="the virtual ESP32 needs bumble: pip install 'otadiff[virtual]'")

from forensics.live.choose import SendOptions
from forensics.live.provoke import parse_provocations
from forensics.live.response import AS_THE_PROTOCOL, parse_response
from forensics.live.virtual.board import BoardSettings
from forensics.live.virtual.esp32 import Esp32Settings
from forensics.live.virtual.receivers import RECEIVERS
from forensics.model.capture import Capture, Operation
from forensics.model.transfer import DecodedTransfer
from forensics.protocols import decode
from forensics.read import read_evidence
from forensics.read.captures import read_capture
from tests.live.sent import CHUNK, image
from tests.live.session import send

_CONFIGURATION = "00002902-0000-1000-8000-00805f9b34fb"
"""Written by every subscription, which the journal names by its characteristic."""


def _read(content: bytes) -> Capture:
    return read_capture(read_evidence(content))


REPEATING = ("espressif-nimble", "espressif-raw")
"""Receivers that have a broken sector sent again; they are left to the cases without faults."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("receiver", "provoked"),
    [(name, "") for name in RECEIVERS]
    + [(name, "drop:7,swap:20,repeat:31,corrupt:44") for name in RECEIVERS if name not in REPEATING],
)
def test_every_write_and_notification_is_in_both(receiver: str, provoked: str) -> None:
    options = SendOptions(chunk_size=CHUNK, settle=0.05, timeout=5, faults=parse_provocations(provoked) if provoked else {})
    session = send(Esp32Settings(board=BoardSettings(receiver=receiver)), options)
    journal, btsnoop = _read(session.journal), _read(session.btsnoop)
    assert not journal.problems
    assert not btsnoop.problems
    assert _writes(journal) == _writes(btsnoop)
    assert _told(journal) == _told(btsnoop)


def _writes(capture: Capture) -> list[tuple[str | None, bool, int]]:
    """Characteristic, with response, and bytes of every write to the device's own characteristics."""
    operations = (Operation.WRITE_REQUEST, Operation.WRITE_COMMAND)
    return [
        (value.uuid, value.operation is Operation.WRITE_REQUEST, len(value.value))
        for value in capture.values
        if value.operation in operations and value.uuid != _CONFIGURATION
    ]


def _told(capture: Capture) -> list[tuple[str | None, bytes]]:
    return [(value.uuid, value.value) for value in capture.values if not value.is_write]


@pytest.mark.slow
@pytest.mark.parametrize("receiver", RECEIVERS)
@pytest.mark.parametrize("response", ["never", "every:5"])
def test_the_image_of_both_is_the_same(receiver: str, response: str) -> None:
    takes_both = receiver in ("control-data", "michael-angerer", "fbiego")
    policy = parse_response(response) if takes_both else AS_THE_PROTOCOL
    options = SendOptions(chunk_size=CHUNK, settle=0.05, timeout=5, response=policy)
    session = send(Esp32Settings(board=BoardSettings(receiver=receiver)), options)
    one, other = _decoded(session.journal), _decoded(session.btsnoop)
    assert one.image == other.image == image()
    assert [(chunk.offset, chunk.size) for chunk in one.chunks] == [(chunk.offset, chunk.size) for chunk in other.chunks]


def _decoded(content: bytes) -> DecodedTransfer:
    return decode(_read(content), sent=image())


def test_the_crc_of_every_chunk_is_that_of_the_bytes_on_the_link() -> None:
    session = send(Esp32Settings())
    chunks = [event for event in _read(session.journal).journal if event.offset is not None]
    carried = decode(_read(session.btsnoop))
    assert len(chunks) == len(carried.chunks)
    for event, chunk in zip(chunks, carried.chunks, strict=True):
        content = carried.image[chunk.offset : chunk.offset + chunk.size]
        assert (event.offset, event.length, event.crc32) == (chunk.offset, chunk.size, zlib.crc32(content))
