from __future__ import annotations

from forensics.spec.chips import chip_by_name
from forensics.spec.spi_flash import flash_mode_name, flash_size_name, flash_speed_name


def test_byte_3_of_a_common_image() -> None:
    assert (flash_mode_name(2), flash_size_name(2), flash_speed_name(0xF)) == ("DIO", "4MB", "80m")


def test_chips_with_names_of_their_own() -> None:
    assert flash_speed_name(0xF, chip_by_name("esp32h2")) == "48m"
    assert flash_size_name(0, chip_by_name("esp8266")) == "512KB"
    assert flash_size_name(0, chip_by_name("esp32s3")) == "1MB"


def test_numbers_without_a_name() -> None:
    assert (flash_mode_name(255), flash_size_name(15), flash_speed_name(9)) == ("0xff", "0xf", "0x9")
