"""The parser agrees with esptool's Python API wherever esptool has an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forensics.model.image import EspImage
from forensics.parse.image import parse_image
from forensics.spec.chips import chip_by_name
from tests.unit.parse.build import small_image
from tests.unit.parse.test_esp8266 import version_1, version_2

bin_image = pytest.importorskip("esptool.bin_image", reason="esptool is not installed")

IMAGES = Path(__file__).resolve().parents[4] / "shared" / "images"
NAMES = sorted(path.name for path in IMAGES.glob("*.bin"))


def compare(path: Path, data: bytes) -> tuple[EspImage, Any]:
    image = parse_image(data)
    assert image.chip is not None
    chip = chip_by_name(image.chip)
    assert chip is not None
    theirs = bin_image.LoadFirmwareImage(chip.target, str(path))
    ours = [(part.load_addr, part.data_len, part.header.start) for part in image.segments]
    assert ours == [(part.addr, len(part.data), part.file_offs) for part in theirs.segments]
    assert image.checksum_stored == theirs.checksum
    assert image.checksum_calculated == theirs.calculate_checksum()
    assert image.header is not None
    assert image.header.entry_addr == theirs.entrypoint
    return image, theirs


@pytest.mark.parametrize("name", NAMES or [pytest.param("", marks=pytest.mark.skip(reason="no shared images"))])
def test_real_images(name: str) -> None:
    path = IMAGES / name
    data = path.read_bytes()
    image, theirs = compare(path, data)
    if image.chip == "ESP8266":
        return
    assert image.header is not None
    assert image.header.chip_id == theirs.ROM_LOADER.IMAGE_CHIP_ID
    assert image.header.min_chip_rev_full == theirs.min_rev_full
    assert bool(image.header.hash_appended) == theirs.append_digest
    assert image.digest_stored == theirs.stored_digest.hex()
    assert image.digest_calculated == theirs.calc_digest.hex()


def test_a_small_image(tmp_path: Path) -> None:
    path = tmp_path / "small.bin"
    path.write_bytes(small_image())
    image, theirs = compare(path, small_image())
    assert image.digest_calculated == theirs.calc_digest.hex()


def test_esp8266_version_1(tmp_path: Path) -> None:
    path = tmp_path / "v1.bin"
    path.write_bytes(version_1())
    compare(path, version_1())


def test_esp8266_version_2(tmp_path: Path) -> None:
    path = tmp_path / "v2.bin"
    path.write_bytes(version_2())
    image = parse_image(version_2())
    theirs = bin_image.LoadFirmwareImage("esp8266", str(path))
    assert [part.data_len for part in image.segments] == [len(part.data) for part in theirs.segments]
    assert image.checksum_stored == theirs.checksum
    assert image.checksum_calculated == theirs.calculate_checksum()


def test_a_flag_that_esptool_does_not_take_announces_a_digest_on_the_device(tmp_path: Path) -> None:
    data = small_image(hash_appended=0x7F)
    path = tmp_path / "flag.bin"
    path.write_bytes(data)
    with pytest.raises(Exception, match="append_digest"):
        bin_image.LoadFirmwareImage("esp32c3", str(path))
    assert parse_image(data).valid
