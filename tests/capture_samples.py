"""The shipped cases that are captures: one small conversation for each fault of the evidence and of the link.

``python -m tests.write_samples samples`` writes them.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from forensics.synth.samples import SECTOR, image
from tests import captures
from tests.captures import AttPdu, HciPacket

Files = dict[str, bytes]
"""Content by file name."""

_DATA, _CONTROL = 0x2A, 0x2D
_COMMAND, _REQUEST, _NOTIFICATION = 0x52, 0x12, 0x1B
_WRITTEN = b"\x13"
_CONTROL_DATA = ("23408888-1f40-4cd8-9b89-ca8d45f8a5b0", "7ad671aa-21c0-46a4-b722-270e3ae3d830")
_ESPRESSIF = ("00008020-0000-1000-8000-00805f9b34fb", "00008022-0000-1000-8000-00805f9b34fb")
_CHUNK = 244
_START = 1_760_000_000_000_000
"""Microseconds since 1970."""
_STEP = 7_500
"""Microseconds between two values: the shortest connection interval."""
_INVALID_LENGTH, _UNLIKELY = 0x0D, 0x0E
"""ATT errors. Source: Bluetooth Core Specification 5.4, volume 3, part F, section 3.4.1.1."""

Value = tuple[int, int, bytes]
"""ATT opcode, handle, bytes."""


@dataclass(frozen=True, slots=True)
class CaptureSample:
    """One case: the ``slug`` of the fault it shows, one line about it, and its files."""

    name: str
    slug: str
    about: str
    build: Callable[[], Files]


def _pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def _pdus(values: list[Value], start: int = _START) -> list[AttPdu]:
    """The values in time, each request with its response."""
    pdus = []
    for number, (opcode, handle, value) in enumerate(values):
        time = start + number * _STEP
        data = captures.value_pdu(opcode, handle, value)
        pdus.append(AttPdu(time=time, from_central=opcode != _NOTIFICATION, data=data))
        if opcode == _REQUEST:
            pdus.append(AttPdu(time=time + 100, from_central=False, data=_WRITTEN))
    return pdus


def _control_data(sent: bytes, *, end: bytes = b"\5") -> list[Value]:
    """The chunk size, begin, the chunks, end; the device accepts the first and answers ``end`` to the last."""
    return [
        (_REQUEST, _DATA, _CHUNK.to_bytes(2, "little")),
        (_REQUEST, _CONTROL, b"\1"),
        (_NOTIFICATION, _CONTROL, b"\2"),
        *((_REQUEST, _DATA, piece) for piece in _pieces(sent, _CHUNK)),
        (_REQUEST, _CONTROL, b"\4"),
        (_NOTIFICATION, _CONTROL, end),
    ]


def _frame(body: bytes) -> bytes:
    """18 bytes and their CRC-16."""
    padded = body.ljust(18, b"\0")
    return padded + binascii.crc_hqx(padded, 0).to_bytes(2, "little")


def _espressif(sent: bytes, lost: int) -> Iterator[Value]:
    """Sectors, each acknowledged by a notification but for the ``lost`` one."""
    yield _REQUEST, _CONTROL, _frame(b"\1\0" + len(sent).to_bytes(4, "little"))
    yield _NOTIFICATION, _CONTROL, _frame(b"\3\0\1\0")
    for number, sector in enumerate(_pieces(sent, SECTOR)):
        name, pieces = number.to_bytes(2, "little"), _pieces(sector, _CHUNK)
        for sequence, piece in enumerate(pieces[:-1]):
            yield _COMMAND, _DATA, name + bytes([sequence]) + piece
        yield _COMMAND, _DATA, name + b"\xff" + pieces[-1] + binascii.crc_hqx(sector, 0).to_bytes(2, "little")
        if number != lost:
            yield _NOTIFICATION, _DATA, _frame(name)
    yield _REQUEST, _CONTROL, _frame(b"\2\0")


def _opened(pdus: list[AttPdu], uuids: tuple[str, str] = _CONTROL_DATA, mtu: int = 247) -> list[HciPacket]:
    """The connection, its MTU and its characteristics before ``pdus``."""
    before = captures.mtu_exchange(mtu, 517, time=_START - 50_000)
    before += captures.discovery(list(zip((_DATA, _CONTROL), uuids, strict=True)), time=_START - 40_000)
    return [captures.connected(time=_START - 60_000), *captures.hci_packets([*before, *pdus])]


def _files(packets: list[HciPacket], *, drops_at: int | None = None) -> Files:
    return {"sent.bin": image(), "capture.btsnoop": captures.write_btsnoop(packets, drops_at=drops_at)}


def _incomplete() -> Files:
    """The capture's own counter says that it dropped packets, and three chunks with their answers are absent."""
    packets = _opened(_pdus(_control_data(image())))
    first = 61
    return _files([*packets[:first], *packets[first + 6 :]], drops_at=first)


def _encrypted() -> Files:
    """A sniffer without the key: the link layer starts encryption in the middle. HCI captures are never encrypted."""
    pdus = _pdus([(_COMMAND, _DATA, piece) for piece in _pieces(image(), _CHUNK)])
    packets = captures.air_packets(pdus, fragment=251)
    place = next(at for at, packet in enumerate(packets) if at > 60 and not packet.from_central)
    start = captures.data_pdu(3, b"\x05", packets[place].pdu[0] >> 3 & 1)
    packets[place] = replace(packets[place], pdu=start)
    return {"sent.bin": image(), "capture.pcap": captures.write_pcap(packets, 251)}


def _cut_records() -> Files:
    packets = _opened(_pdus(_control_data(image())))
    chunks = [at for at, packet in enumerate(packets) if len(packet.data) > _CHUNK]
    for at in (chunks[20], chunks[21], chunks[50]):
        packets[at] = replace(packets[at], cut=40)
    return _files(packets)


def _disconnected() -> Files:
    """A supervision timeout 4 s after the last chunk."""
    packets = _opened(_pdus(_control_data(image())[:40]))
    return _files([*packets, captures.disconnected(reason=0x08, time=packets[-1].time + 4_000_000)])


def _refused(number: int, error: int) -> list[AttPdu]:
    """The transfer with the request of chunk ``number`` refused, which the sender does not heed."""
    pdus = _pdus(_control_data(image(), end=b"\6"))
    requests = [at for at, pdu in enumerate(pdus) if len(pdu.data) == _CHUNK + 3]
    answer = requests[number] + 1
    pdus[answer] = replace(pdus[answer], data=b"\x01\x12" + _DATA.to_bytes(2, "little") + bytes([error]))
    return pdus


def _too_long() -> Files:
    """Chunks of 244 bytes for an MTU of 185."""
    return _files(_opened(_refused(30, _INVALID_LENGTH), mtu=185))


def _unacknowledged() -> Files:
    return _files(_opened(_refused(30, _UNLIKELY)))


def _mtu_changed() -> Files:
    """The sender begins with 20 bytes, and goes on with 244 behind the exchange."""
    sent, early = image(), 2_000
    first = _pdus([(_COMMAND, _DATA, piece) for piece in _pieces(sent[:early], 20)])
    end = first[-1].time
    exchange = captures.mtu_exchange(247, 517, time=end + 1_000)
    rest = _pdus([(_COMMAND, _DATA, piece) for piece in _pieces(sent[early:], _CHUNK)], end + 2 * _STEP)
    return _files([captures.connected(time=_START - 60_000), *captures.hci_packets([*first, *exchange, *rest])])


def _notification_lost() -> Files:
    return _files(_opened(_pdus(list(_espressif(image(), lost=1))), _ESPRESSIF, mtu=517))


CAPTURE_SAMPLES = (
    CaptureSample(
        "capture-incomplete", "capture-incomplete", "the capture dropped packets, and three chunks with them", _incomplete
    ),
    CaptureSample(
        "capture-encrypted", "capture-encrypted", "a sniffer without the key: the link was encrypted midway", _encrypted
    ),
    CaptureSample("evidence-damaged", "evidence-damaged", "the capture cut three of its records short", _cut_records),
    CaptureSample("disconnected", "disconnected", "the link timed out in the middle of the image", _disconnected),
    CaptureSample("write-too-long", "write-too-long", "chunks of 244 for an MTU of 185, one of them refused", _too_long),
    CaptureSample("mtu-changed", "mtu-changed", "the MTU exchange came after a hundred chunks of 20", _mtu_changed),
    CaptureSample(
        "notifications-lost",
        "notifications-lost",
        "one sector's acknowledgment never came, and the sender went on",
        _notification_lost,
    ),
    CaptureSample(
        "unacknowledged", "unacknowledged", "the device refused one chunk, and the sender went on", _unacknowledged
    ),
)
"""Every case that is a capture."""
