"""Every protocol's writes give the image back, chunk by chunk, and what is missing is named."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from forensics.errors import InputError, UsageError
from forensics.model.capture import Capture
from forensics.model.transfer import DecodedTransfer
from forensics.protocols import PROTOCOLS, decode
from forensics.protocols.espressif import crc16
from forensics.read import read_evidence
from forensics.read.captures import read_capture
from forensics.read.weighing import weighed
from tests import captures as synth
from tests.unit.protocols import senders
from tests.unit.protocols.senders import CONTROL, DATA, Step

IMAGE = b"\xe9" + random.Random(11).randbytes(40_000)

UUIDS = {
    "espressif-ble-ota": ("00008020-0000-1000-8000-00805f9b34fb", "00008022-0000-1000-8000-00805f9b34fb"),
    "fbiego": ("fb1e4002-54ae-4a28-9f74-dfccb248601d", "fb1e4003-54ae-4a28-9f74-dfccb248601d"),
    "control-data": ("23408888-1f40-4cd8-9b89-ca8d45f8a5b0", "7ad671aa-21c0-46a4-b722-270e3ae3d830"),
    "stream": ("62ec0272-3ec5-11eb-b378-0242ac130005", "62ec0272-3ec5-11eb-b378-0242ac130003"),
    "ardu-ble-ota": ("dac89194-35a1-11ef-aba1-b37714ad9a54", "dac89266-35a1-11ef-aba2-0f0127bce478"),
    "silabs": ("984227f3-34fc-4045-a5d0-2c581f81a153", "f7bf3564-fb6d-4e53-88a4-5e37e0326063"),
    "fast-ble-ota": ("d026496c-0b77-43fb-bd68-fce361a1be1c", "98f56d4d-0a27-487b-a01b-03ed15daedc7"),
    "smp": ("da2e7828-fbce-4e01-ae9e-261174997c48", "00002a00-0000-1000-8000-00805f9b34fb"),
    "nordic-secure-dfu": ("8ec90002-f315-4f60-9fb8-838830daea50", "8ec90001-f315-4f60-9fb8-838830daea50"),
    "nordic-legacy-dfu": ("00001532-1212-efde-1523-785feabcd123", "00001531-1212-efde-1523-785feabcd123"),
}

SENDERS: list[tuple[str, Callable[[bytes], list[Step]], int, int]] = [
    ("espressif-ble-ota", senders.espressif, 460, 3),
    ("fbiego", senders.fbiego, 500, 2),
    ("control-data", senders.control_data, 244, 0),
    ("stream", senders.stream, 510, 0),
    ("stream", senders.meshtastic, 256, 0),
    ("ardu-ble-ota", senders.ardu_ble_ota, 238, 1),
    ("silabs", senders.silabs, 244, 0),
    ("fast-ble-ota", senders.fast_ble_ota, 509, 0),
    ("smp", senders.smp, 400, 0),
    ("nordic-secure-dfu", senders.nordic_secure, 244, 0),
    ("nordic-legacy-dfu", senders.nordic_legacy, 20, 0),
]
KNOWN_BY_BEHAVIOUR = {
    "espressif-ble-ota",
    "fbiego",
    "control-data",
    "ardu-ble-ota",
    "smp",
    "nordic-secure-dfu",
    "nordic-legacy-dfu",
}


def captured(steps: list[Step], protocol: str | None = None) -> Capture:
    pdus = senders.conversation(steps)
    if protocol is not None:
        pdus = synth.discovery(list(zip((DATA, CONTROL), UUIDS[protocol], strict=True))) + pdus
    return read_capture(synth.write_btsnoop(synth.hci_packets(pdus), 1002))


def locate(piece: bytes) -> int | None:
    place = IMAGE.find(piece)
    return place if place >= 0 else None


def check_chunks(transfer: DecodedTransfer) -> None:
    assert sum(chunk.size for chunk in transfer.chunks) == len(IMAGE)
    offset = 0
    for chunk in transfer.chunks:
        assert chunk.offset == offset
        offset += chunk.size
    numbers = [chunk.number for chunk in transfer.chunks]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("name", "send", "size", "overhead"), SENDERS, ids=[f"{item[0]}-{item[1].__name__}" for item in SENDERS]
)
def test_image_comes_back_with_discovery(name: str, send: Callable[[bytes], list[Step]], size: int, overhead: int) -> None:
    transfer = decode(captured(send(IMAGE), name))
    assert transfer.protocol == name
    assert transfer.image == IMAGE
    assert (transfer.chunk_size, transfer.overhead) == (size, overhead)
    assert transfer.gap
    check_chunks(transfer)


@pytest.mark.parametrize(
    ("name", "send", "size", "overhead"), SENDERS, ids=[f"{item[0]}-{item[1].__name__}" for item in SENDERS]
)
def test_image_comes_back_without_discovery(
    name: str, send: Callable[[bytes], list[Step]], size: int, overhead: int
) -> None:
    transfer = decode(captured(send(IMAGE)), locate)
    if name in KNOWN_BY_BEHAVIOUR:
        assert transfer.protocol == name
        assert transfer.image == IMAGE
    else:
        assert IMAGE in transfer.image
        assert transfer.protocol in ("stream", "control-data")
    assert transfer.chunk_size == size


def test_every_protocol_has_a_sender() -> None:
    assert {item[0] for item in SENDERS} == {protocol.name for protocol in PROTOCOLS}


def test_espressif_vectors() -> None:
    assert crc16(b"123456789") == 0x31C3
    start = senders.espressif_command(1, (0x12345).to_bytes(4, "little"))
    assert start.hex() == "010045230100" + "00" * 12 + "bf51"


def test_espressif_last_sector_named_ffff() -> None:
    transfer = decode(captured(senders.espressif(IMAGE, last_is_ffff=True)))
    assert transfer.image == IMAGE
    assert transfer.announced_size == len(IMAGE)


@pytest.mark.parametrize("size", [17, 20, 241, 460, 494, 509])
def test_espressif_with_any_chunk(size: int) -> None:
    assert decode(captured(senders.espressif(IMAGE, size))).image == IMAGE


def test_espressif_sector_sent_again_counts_once() -> None:
    steps = senders.espressif(IMAGE)
    again = [
        index
        for index, step in enumerate(steps)
        if step.handle == DATA and step.value[:2] == b"\x02\0" and step.opcode != 0x1B
    ]
    steps[again[-1] + 1 : again[-1] + 1] = [steps[index] for index in again]
    assert decode(captured(steps)).image == IMAGE


def test_espressif_missing_packet_leaves_its_place_and_is_named() -> None:
    steps = senders.espressif(IMAGE)
    index = next(index for index, step in enumerate(steps) if step.handle == DATA and step.value[:3] == b"\x03\0\x04")
    del steps[index]
    transfer = decode(captured(steps))
    hole = 3 * 4096 + 4 * 460
    assert transfer.image == IMAGE[:hole] + b"\xff" * 460 + IMAGE[hole + 460 :]
    assert any("sector 3: packet 4 is not there" in note for note in transfer.notes)


def test_fbiego_missing_chunk_leaves_its_place_and_is_named() -> None:
    steps = senders.fbiego(IMAGE)
    index = [index for index, step in enumerate(steps) if step.value[:1] == b"\xfb"][40]
    del steps[index]
    transfer = decode(captured(steps))
    assert transfer.image == IMAGE[:20000] + b"\xff" * 500 + IMAGE[20500:]
    assert any("part 1: 15500 bytes were written where the sender says 16000" in note for note in transfer.notes)


def test_control_data_leaves_the_announcement_out() -> None:
    transfer = decode(captured(senders.control_data(IMAGE, 514)))
    assert transfer.image == IMAGE
    assert any("above 512" in note for note in transfer.notes)
    assert "the device accepted the image" in transfer.notes


def test_transfer_that_was_started_again_is_the_last_one() -> None:
    first = senders.control_data(random.Random(5).randbytes(3000))[:-4]
    transfer = decode(captured(first + senders.control_data(IMAGE)))
    assert transfer.image == IMAGE
    assert "the transfer was started again; only the last one is taken" in transfer.notes
    assert any("announced chunks of 244" in note for note in transfer.notes)


def test_receipts_keep_the_place_of_what_the_capture_missed() -> None:
    steps = senders.nordic_secure(IMAGE)
    data = [index for index, step in enumerate(steps) if step.handle == DATA]
    del steps[data[25]]
    transfer = decode(captured(steps))
    assert len(transfer.image) == len(IMAGE)
    assert transfer.image[8192:] == IMAGE[8192:]
    assert any("the device had them" in note for note in transfer.notes)


def test_compressed_stream_is_inflated() -> None:
    image = IMAGE.hex().encode()
    transfer = decode(captured(senders.ardu_ble_ota(image, compressed=True)))
    assert transfer.image == image
    assert transfer.chunks == ()


@pytest.mark.parametrize("header", range(6))
def test_unknown_protocol_is_found_by_the_sent_image(header: int) -> None:
    steps = [Step(0x52, 0x77, bytes(header) + piece) for piece in senders.cut(IMAGE, 200)]
    noise = [Step(0x52, 0x31, random.Random(2).randbytes(200)) for _ in range(400)]
    transfer = decode(captured(steps + noise), locate)
    assert (transfer.image, transfer.handle, transfer.overhead) == (IMAGE, 0x77, header)


def test_unknown_protocol_without_the_sent_image_is_the_busiest_handle() -> None:
    steps = [Step(0x52, 0x77, b"\x09" + piece) for piece in senders.cut(IMAGE, 200)]
    transfer = decode(captured(steps))
    assert transfer.protocol == "unknown"
    assert len(transfer.image) == len(IMAGE) + len(steps)


def test_capture_that_lost_packets_names_the_places() -> None:
    packets = synth.hci_packets(senders.conversation(senders.control_data(IMAGE)))
    data = synth.write_btsnoop(packets, 1002, drops_at=200)
    transfer = decode(read_capture(data))
    chunk = next(chunk for chunk in transfer.chunks if chunk.number >= 201)
    assert transfer.losses == (chunk.offset,)


def test_damaged_write_is_a_damaged_chunk() -> None:
    packets = synth.hci_packets(senders.conversation(senders.control_data(IMAGE)))
    place = next(index for index, packet in enumerate(packets) if index > 60 and len(packet.data) > 200)
    packets[place] = replace(packets[place], cut=50)
    transfer = decode(read_capture(synth.write_btsnoop(packets, 1002)))
    damaged = [chunk for chunk in transfer.chunks if chunk.damaged]
    assert [(chunk.number, chunk.size) for chunk in damaged] == [(place + 1, 244)]
    (chunk,) = damaged
    assert transfer.image[chunk.offset : chunk.offset + 194] == IMAGE[chunk.offset : chunk.offset + 194]


def test_selection_and_errors() -> None:
    capture = captured(senders.fbiego(IMAGE))
    assert decode(capture, protocol="fbiego").image == IMAGE
    assert decode(capture, handle=DATA, connection=0x40).image == IMAGE
    with_uuids = captured(senders.silabs(IMAGE), "silabs")
    assert decode(with_uuids, uuid=UUIDS["silabs"][0].upper()).image == IMAGE
    with pytest.raises(UsageError):
        decode(with_uuids, uuid="abcd")
    with pytest.raises(UsageError, match="no such protocol"):
        decode(capture, protocol="morse")
    with pytest.raises(UsageError):
        decode(capture, handle=0x999)
    with pytest.raises(InputError):
        decode(read_capture(synth.write_btsnoop([synth.connected()])))


def test_journal_is_checked_against_the_sent_image() -> None:
    lines = ['{"schema":"otadiff.journal/1"}']
    for offset in range(0, len(IMAGE), 244):
        piece = IMAGE[offset : offset + 244]
        crc = zlib.crc32(piece) ^ (offset == 488)
        lines.append(
            f'{{"time":{offset},"event":"write","direction":"out","characteristic":"{UUIDS["control-data"][0]}",'
            f'"response":false,"offset":{offset},"length":{len(piece)},"crc32":{crc},"result":"queued"}}'
        )
    transfer = decode(read_capture("\n".join(lines).encode()), sent=IMAGE)
    assert transfer.protocol == "journal"
    assert transfer.image == IMAGE[:488] + bytes(244) + IMAGE[732:]
    assert [chunk.offset for chunk in transfer.chunks if chunk.damaged] == [488]


@pytest.mark.parametrize("send", [senders.espressif, senders.fbiego], ids=["espressif", "fbiego"])
def test_text_log_of_writes_is_decoded_like_a_capture(send: Callable[[bytes], list[Step]]) -> None:
    lines = [f"ble: write {step.value!r}" for step in send(IMAGE) if step.handle == DATA and step.opcode != 0x1B]
    capture = read_capture(weighed(read_evidence("\n".join(lines).encode()), IMAGE))
    transfer = decode(capture, locate)
    assert capture.container == "text"
    assert transfer.image == IMAGE
    assert transfer.protocol in ("espressif-ble-ota", "fbiego")


def test_espressif_joined_in_the_middle_is_known_by_its_crc() -> None:
    steps = [step for step in senders.espressif(IMAGE) if step.handle == DATA]
    transfer = decode(captured(steps[10:]))
    assert transfer.protocol == "espressif-ble-ota"
    assert transfer.image[4096:] == IMAGE[4096:]


def test_of_several_connections_the_one_that_matches_the_sent_image_is_taken() -> None:
    other = random.Random(99).randbytes(60_000)
    packets = [
        *synth.hci_packets(senders.conversation(senders.control_data(other)), handle=0x41),
        *synth.hci_packets(senders.conversation(senders.control_data(IMAGE)), handle=0x42),
    ]
    capture = read_capture(synth.write_btsnoop(packets))
    assert decode(capture).image == other
    assert decode(capture, locate).image == IMAGE
    assert decode(capture, connection=0x42).image == IMAGE


def test_air_capture_names_its_damaged_and_its_missing_chunks() -> None:
    pdus = senders.conversation(senders.control_data(IMAGE))
    packets = synth.air_packets(pdus, fragment=251)
    data = [index for index, packet in enumerate(packets) if len(packet.pdu) > 200]
    packets[data[20]] = replace(packets[data[20]], crc_good=False)
    del packets[data[50]]
    transfer = decode(read_capture(synth.write_pcap(packets, 272)))
    assert [chunk.offset for chunk in transfer.chunks if chunk.damaged] == [20 * 244]
    assert transfer.losses == (50 * 244,)
    assert transfer.image[: 20 * 244] == IMAGE[: 20 * 244]
    assert transfer.image[50 * 244 :] == IMAGE[51 * 244 :]
    assert any("0x2fa8" in note and "proves no loss" in note for note in transfer.notes)
    assert any("holds 1 chunks only in part" in note for note in transfer.notes)
