"""Each receiver driven by the sender of its protocol, and what it makes of a chunk that never comes."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

import pytest

from forensics.live.virtual.board import Board, BoardSettings
from forensics.live.virtual.faults import air_fault
from forensics.live.virtual.ota import Erase
from forensics.live.virtual.receivers import RECEIVERS
from forensics.live.virtual.receivers.base import AttError
from forensics.live.virtual.receivers.control_data import CONTROL, DATA
from forensics.model.device import DeviceSettings
from forensics.protocols.senders.steps import Outcome
from forensics.spec.tap import CHUNK_RECORD, CHUNKS, FRAME_HEADER, TAP_CHARACTERISTIC, first_byte
from forensics.synth.image import build_image
from forensics.synth.variants import other_build
from forensics.verify.predict import predict_log
from tests import receivers as stored_by
from tests.unit.live.virtual.conversation import SENDER_OF, converse

CHUNK = 244


@cache
def image() -> bytes:
    return build_image(size=70_000, seed=3)


@cache
def old_image() -> bytes:
    return other_build(build_image(size=90_000, seed=9), seed=2)


def _chunks(receiver: str, size: int = CHUNK) -> int:
    """How many chunk writes the image takes."""
    reset = {"espressif-ble-ota": 4096, "fbiego": 16000}.get(SENDER_OF[receiver], len(image()))
    return sum(-(-min(reset, len(image()) - at) // size) for at in range(0, len(image()), reset))


def test_every_receiver_has_a_sender() -> None:
    assert set(SENDER_OF) == set(RECEIVERS)


@pytest.mark.parametrize("name", RECEIVERS)
@pytest.mark.parametrize("erase", [Erase.WHOLE, Erase.SEQUENTIAL])
@pytest.mark.parametrize("queue_depth", [None, 400])
def test_an_update_without_faults_is_accepted(name: str, erase: Erase, queue_depth: int | None) -> None:
    settings = BoardSettings(receiver=name, erase=erase, queue_depth=queue_depth, old_image=old_image())
    board, ending, _told = converse(image(), settings)
    assert board.slot_content()[: len(image())] == image()
    assert board.accepted is True
    assert ending.outcome in (Outcome.ACCEPTED, Outcome.RECEIVED)
    assert not any(line.startswith("E ") for line in board.serial.lines)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("michael-angerer", stored_by.control_data),
        ("espressif-bluedroid", stored_by.ble_ota_bluedroid),
        ("fbiego", stored_by.fbiego),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_a_lost_chunk_leaves_what_the_model_of_the_receiver_says(name: str, stored: stored_by.Receiver, seed: int) -> None:
    fault = air_fault("drop-one", chunks=_chunks(name), seed=seed)
    board, _ending, _told = converse(image(), BoardSettings(receiver=name), fault=fault)
    expected = stored(image(), CHUNK, fault.places)
    assert board.slot_content()[: len(expected)] == expected
    assert board.accepted is False
    log = predict_log(board.slot_content(), _device(board)).lines
    assert [line.split(")", 1)[1] for line in log if line[0] == "E"][-1] in board.serial.text


def _device(board: Board) -> DeviceSettings:
    slot = board.settings.slot
    return DeviceSettings(partition_offset=slot.offset, partition_size=slot.size, flash_size=0x400000, level="info")


@pytest.mark.parametrize("name", ["espressif-nimble", "espressif-raw"])
@pytest.mark.parametrize("seed", range(4))
def test_a_sector_with_a_gap_is_refused_and_sent_again(name: str, seed: int) -> None:
    fault = air_fault("drop-one", chunks=_chunks(name), seed=seed)
    board, _ending, told = converse(image(), BoardSettings(receiver=name), fault=fault)
    assert board.accepted is True
    assert board.slot_content()[: len(image())] == image()
    assert any(value[2:4] != b"\0\0" for _uuid, value in told if value[:1] != b"\3")


@pytest.mark.parametrize(("name", "accepted"), [("espressif-raw", True), ("espressif-nimble", False)])
def test_only_the_raw_receiver_looks_at_the_crc(name: str, accepted: bool) -> None:
    fault = air_fault("flip-many", chunks=_chunks(name), seed=4)
    fault.places = frozenset(sorted(fault.places)[:1])
    # A flipped bit in the header is a gap; this seed hits the payload.
    board, _ending, _told = converse(image(), BoardSettings(receiver=name), fault=fault)
    assert board.accepted is accepted


def test_a_shallow_queue_loses_chunks_while_flash_is_busy() -> None:
    board, ending, _told = converse(image(), BoardSettings(queue_depth=8))
    lost = set(board.task.lost)
    assert lost
    chunks = [image()[at : at + CHUNK] for at in range(0, len(image()), CHUNK)]
    stored = b"".join(chunk for number, chunk in enumerate(chunks) if number not in lost)
    assert board.slot_content()[: len(stored)] == stored
    assert ending.outcome is Outcome.REFUSED


def test_write_requests_give_the_queue_time() -> None:
    board, ending, _told = converse(image(), BoardSettings(queue_depth=8), response=True)
    assert not board.task.lost
    assert ending.outcome is Outcome.ACCEPTED


def test_a_whole_erase_cleans_the_slot_and_a_sequential_one_leaves_old_sectors() -> None:
    old = old_image()
    for erase in (Erase.WHOLE, Erase.SEQUENTIAL):
        board, _ending, _told = converse(image(), BoardSettings(erase=erase, old_image=old))
        behind = board.slot_content()[len(image()) :]
        sector_end = -len(image()) % 4096
        left = old[len(image()) + sector_end :]
        assert behind[sector_end : sector_end + len(left)] == (b"\xff" * len(left) if erase is Erase.WHOLE else left)


def test_a_slot_that_nobody_erases_mixes_old_and_new() -> None:
    board, _ending, _told = converse(image(), BoardSettings(erase=Erase.NEVER, old_image=old_image()))
    both = bytes(new & old for new, old in zip(image(), old_image(), strict=False))
    assert board.slot_content()[: len(image())] == both
    assert board.accepted is False


def test_michael_angerers_buffer_refuses_514_bytes_and_flashes_old_ones() -> None:
    board = Board(BoardSettings(receiver="michael-angerer"), verify=predict_log, send=lambda uuid, value: None)
    board.write(DATA, (514).to_bytes(2, "little"), response=True)
    board.write(CONTROL, b"\1", response=True)
    with pytest.raises(AttError) as refused:
        board.write(DATA, image()[:514], response=True)
    assert refused.value.code == 0x0D
    assert "invalid magic byte (expected 0xE9, saw 0x00)" in board.serial.text


def test_done_before_the_request_is_refused() -> None:
    told: list[bytes] = []
    board = Board(BoardSettings(), verify=predict_log, send=lambda uuid, value: told.append(value))
    board.write(CONTROL, b"\4", response=True)
    assert told == [b"\6"]


@pytest.mark.parametrize("name", RECEIVERS)
@pytest.mark.parametrize("value", [b"", b"\0", b"\xfb", b"\xfc\0", b"\xff\xff\xff\xff\xff", bytes(20), bytes(600)])
def test_any_write_in_any_state_is_survived(name: str, value: bytes) -> None:
    settings = BoardSettings(receiver=name, tap=True, echo=True)
    board = Board(settings, verify=predict_log, send=lambda uuid, value: None)
    for characteristic in board.receiver.characteristics:
        for started in (False, True):
            if started:
                board.write(CONTROL, b"\1", response=True)
            with suppress(AttError):
                board.write(characteristic.uuid, value, response=True)
    board.idle()


@pytest.mark.parametrize("name", RECEIVERS)
def test_the_tap_fingerprints_every_chunk(name: str) -> None:
    board, _ending, told = converse(image(), BoardSettings(receiver=name, tap=True))
    frames = [value for uuid, value in told if uuid == TAP_CHARACTERISTIC]
    records = [
        record
        for frame in frames
        if frame[0] == first_byte(CHUNKS)
        for record in CHUNK_RECORD[frame[1]].parse(frame[FRAME_HEADER.sizeof() :])
    ]
    assert [record.index for record in records] == list(range(_chunks(name)))
    covered = {record.offset: record.length for record in records}
    at = 0
    while at in covered:
        at += covered[at]
    assert at >= len(image())
    assert any("OTAMAP" in line for line in board.serial.lines)
