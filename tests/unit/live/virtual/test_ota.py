from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.live.virtual.flash import SECTOR_SIZE, NorFlash, Slot
from forensics.live.virtual.ota import ESP_ERR_OTA_VALIDATE_FAILED, Erase, OtaUpdate
from forensics.live.virtual.serial_port import SerialPort
from forensics.model.device import DeviceSettings
from forensics.spec.esp_err import ESP_ERR_INVALID_SIZE, ESP_OK
from forensics.synth.samples import image
from forensics.verify.predict import predict_log

SLOT = Slot(label="ota_0", offset=0x10000, size=0x8000)
SETTINGS = DeviceSettings(partition_offset=SLOT.offset, partition_size=SLOT.size)


def _update(erase: Erase, old: bytes = b"") -> tuple[NorFlash, OtaUpdate, SerialPort]:
    flash = NorFlash(0x20000)
    flash.write(SLOT.offset, old)
    serial = SerialPort(lambda: 7)
    return flash, OtaUpdate(flash, SLOT, erase, serial), serial


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=12), st.sampled_from((Erase.WHOLE, Erase.SEQUENTIAL)))
def test_pieces_of_any_size_land_end_to_end_over_old_bytes(sizes: list[int], erase: Erase) -> None:
    flash, update, _serial = _update(erase, old=bytes(SLOT.size))
    content = (b"\xe9" + bytes(range(1, 251)) * 300)[: min(sum(sizes), SLOT.size)]
    at = 0
    for size in sizes:
        piece = content[at : at + size]
        if piece:
            assert update.write(piece) == ESP_OK
        at += len(piece)
    assert flash.read(SLOT.offset, len(content)) == content
    sector_end = -(-len(content) // SECTOR_SIZE) * SECTOR_SIZE
    assert flash.read(SLOT.offset + len(content), sector_end - len(content)) == b"\xff" * (sector_end - len(content))
    behind = b"\0" if erase is Erase.SEQUENTIAL else b"\xff"
    assert flash.read(SLOT.offset + sector_end, SLOT.size - sector_end) == behind * (SLOT.size - sector_end)


def test_without_erasing_old_and_new_bytes_mix() -> None:
    flash, update, _serial = _update(Erase.NEVER, old=b"\x0f" * 64)
    update.write(b"\xe9\xff\xf0")
    assert flash.read(SLOT.offset, 4) == b"\x09\x0f\x00\x0f"


def test_a_first_byte_that_begins_no_image_is_refused() -> None:
    flash, update, serial = _update(Erase.SEQUENTIAL)
    assert update.write(b"\x7fELF") == ESP_ERR_OTA_VALIDATE_FAILED
    assert serial.lines == ["E (7) esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x7f)"]
    assert flash.read(SLOT.offset, 4) == b"\xff" * 4


def test_the_slot_is_not_overrun() -> None:
    _flash, update, _serial = _update(Erase.WHOLE)
    assert update.write(b"\xe9" * SLOT.size) == ESP_OK
    assert update.write(b"\xe9") == ESP_ERR_INVALID_SIZE


@pytest.mark.parametrize("broken", [False, True])
def test_the_end_is_the_devices_walk(broken: bool) -> None:
    _flash, update, serial = _update(Erase.SEQUENTIAL)
    sent = bytearray(image())
    sent[900] ^= broken
    update.write(bytes(sent))
    assert update.end(predict_log, SETTINGS) == (ESP_ERR_OTA_VALIDATE_FAILED if broken else ESP_OK)
    walk = predict_log(bytes(sent), SETTINGS)
    assert [line.replace("(7)", "(0)", 1) for line in serial.lines] == list(walk.lines)


def test_nothing_written_is_no_update() -> None:
    _flash, update, _serial = _update(Erase.WHOLE)
    assert update.end(predict_log, SETTINGS) != ESP_OK
