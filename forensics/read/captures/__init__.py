"""Captures of a BLE link: packets of every container to the values that ATT carried."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from forensics.errors import InputError
from forensics.model.capture import Capture, Operation
from forensics.model.evidence import CAPTURE_CONTAINERS, Evidence
from forensics.open import Content
from forensics.read import read_evidence
from forensics.read.captures.att import AttReader
from forensics.read.captures.hci import HciReader
from forensics.read.captures.l2cap import L2capReader
from forensics.read.captures.link_layer import LinkLayerReader
from forensics.read.captures.packets import ACL, EVENT, LINK_LAYER, TRUNCATED, Packet
from forensics.read.captures.recorder import Origin, Recorder

_MODULES = {
    "btsnoop": "btsnoop",
    "packetlogger": "packet_logger",
    "pcap": "pcap",
    "pcapng": "pcapng",
}
_TEXT_MODULES = {"btmon": "btmon", "tshark": "tshark_fields", "journal": "journal"}
_PROGRESS_STEP = 0x3FFF

DAMAGED_FILE = "the archive that holds the capture is damaged, so any byte of it may be wrong"
CUT_FILE = "the archive that holds the capture is cut, so its end is not there"

Progress = Callable[[int], None]
"""Called now and then with the number of bytes read so far."""


def read_capture(
    source: Evidence | bytes | bytearray | memoryview | str | Path | Content,
    *,
    name: str | None = None,
    format: str | None = None,
    progress: Progress | None = None,
) -> Capture:
    """Everything that ATT carried in a capture, streamed: memory holds the values and one block of the file.

    Args:
        source: A path, ``-`` for stdin, the content, or what ``read_evidence`` gave for it. A text log that shows
            one write a line is a capture, too.
        name: How to call it in reports; else the file's name.
        format: Container, when it must not be recognised by content.
        progress: Told how many bytes were read.

    Raises:
        InputError: it is no capture, or damaged where nothing can be read from it.
    """
    evidence = source if isinstance(source, Evidence) else read_evidence(source, name=name, format=format)
    if evidence.capture is not None:
        return evidence.capture
    if evidence.pieces:
        return _logged_writes(evidence)
    if evidence.container not in CAPTURE_CONTAINERS:
        raise InputError(
            f"is no capture but {evidence.container}",
            name=evidence.name,
            next_step="name its --format if it is one",
        )
    if evidence.stream is None:
        return _read(io.BytesIO(evidence.content), evidence, progress)
    try:
        with evidence.stream.open("rb") as stream:
            return _read(stream, evidence, progress)
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", name=evidence.name, next_step="copy it to another place and name the copy"
        ) from error


def _logged_writes(evidence: Evidence) -> Capture:
    """The writes that a text log shows, as of one connection and one handle; its lines have no packet numbers."""
    recorder = Recorder()
    connection = recorder.connect(0, 0)
    damaged = iter(evidence.damaged)
    loss = next(damaged, None)
    for number, piece in enumerate(evidence.pieces, 1):
        while loss is not None and loss.end <= piece.start:
            loss = next(damaged, None)
        missing = piece.overlap(loss) if loss is not None else 0
        value = evidence.content[piece.start : piece.end]
        origin = Origin(number, 0, connection, True)
        recorder.record(origin, 1, Operation.WRITE_COMMAND, value, missing=missing)
    recorder.packets = len(evidence.pieces)
    return recorder.capture(evidence.name, evidence.container)


def _read(stream: BinaryIO, evidence: Evidence, progress: Progress | None) -> Capture:
    recorder = Recorder()
    container = evidence.container
    for span in evidence.damaged:
        kind = "damaged-file" if span.size else "cut-file"
        recorder.problem(kind, None, DAMAGED_FILE if span.size else CUT_FILE)
    if container in _TEXT_MODULES:
        import_module(f"{__name__}.{_TEXT_MODULES[container]}").record(stream, recorder, evidence.name)
        return recorder.capture(evidence.name, container)
    reader = import_module(f"{__name__}.{_MODULES[container]}")
    l2cap = L2capReader(recorder, AttReader(recorder))

    def report(kind: str, number: int | None, text: str, count: int) -> None:
        if kind == "dropped":
            l2cap.gap()
        recorder.problem(kind, number, text, count)

    _follow(reader.packets(stream, report, evidence.name), recorder, l2cap, stream, progress)
    return recorder.capture(evidence.name, container)


def _follow(
    packets: Iterator[Packet], recorder: Recorder, l2cap: L2capReader, stream: BinaryIO, progress: Progress | None
) -> None:
    """Hands each packet to the layer that it belongs to."""
    hci, air = HciReader(recorder, l2cap), LinkLayerReader(recorder, l2cap)
    acl = hci.acl
    packet: Packet | None = None
    for packet in packets:
        kind = packet[2]
        if kind == ACL:
            acl(packet)
        elif kind == EVENT:
            hci.event(packet)
        elif kind == LINK_LAYER:
            air.packet(packet)
        elif packet[5]:
            recorder.problem("truncated", packet[0], TRUNCATED)
        if progress is not None and not packet[0] & _PROGRESS_STEP:
            progress(stream.tell())
    recorder.packets = packet[0] if packet else 0
    air.finish()
    l2cap.finish()
