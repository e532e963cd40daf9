from __future__ import annotations

import hashlib

import pytest

from forensics.parse.image import parse_image
from tests.unit.parse.build import build_image, descriptor, small_image


def test_a_whole_image() -> None:
    data = small_image()
    image = parse_image(data)
    assert image.chip == "ESP32-C3"
    assert [(part.load_addr, part.data_len, part.region, part.mapped) for part in image.segments] == [
        (0x3C000020, 256, "DROM", True),
        (0x40380000, 36, "IRAM", False),
    ]
    assert image.segments[1].header.start == image.segments[0].data.end == 0x20 + 256
    assert image.complete
    assert image.valid
    assert image.image_size == image.size == len(data)
    assert image.digest_calculated == hashlib.sha256(data[:-32]).hexdigest()
    assert image.app is not None
    assert (image.app.project_name, image.app.version, image.app.idf_ver) == ("blink", "1.2.3", "v5.1.2")


def test_header_fields_keep_their_own_bytes() -> None:
    header = parse_image(small_image(min_chip_rev_full=0x0102, max_chip_rev_full=0x0304)).header
    assert header is not None
    assert (header.spi_mode, header.spi_speed, header.spi_size) == (2, 15, 2)
    assert (header.chip_id, header.min_chip_rev) == (5, 3)
    assert (header.min_chip_rev_full, header.max_chip_rev_full) == (0x0102, 0x0304)
    assert header.hash_appended == 1


def test_without_digests_nothing_is_calculated_and_the_layout_stays() -> None:
    data = small_image()
    image, plain = parse_image(data), parse_image(data, digests=False)
    assert plain.checksum_calculated is None
    assert plain.digest_calculated is None
    assert (plain.segments, plain.end, plain.image_size) == (image.segments, image.end, image.image_size)
    assert (plain.checksum_stored, plain.digest_stored) == (image.checksum_stored, image.digest_stored)


def test_any_non_zero_flag_announces_a_digest() -> None:
    assert parse_image(small_image(hash_appended=0x7F)).valid
    plain = parse_image(small_image(hash_appended=0))
    assert plain.digest_stored is None
    assert plain.valid


def test_a_wrong_magic_byte_does_not_hide_the_rest() -> None:
    data = b"\x00" + small_image()[1:]
    image = parse_image(data)
    assert image.complete
    assert image.chip == "ESP32-C3"
    assert not image.valid


def test_an_impossible_length_ends_the_chain() -> None:
    data = bytearray(small_image())
    data[0x1C:0x20] = b"\xff\xff\xff\xff"
    image = parse_image(bytes(data))
    assert len(image.segments) == 1
    assert image.segments[0].data.size == 0
    assert not image.complete
    assert image.end is image.image_size is image.checksum_calculated is None


def test_what_a_truncation_leaves_is_reported() -> None:
    data = small_image()
    cut = parse_image(data[:-33])
    assert cut.complete
    assert cut.image_size == len(data)
    assert cut.checksum_calculated is not None
    assert cut.digest_stored is None
    assert not cut.valid
    inside = parse_image(data[:0x80])
    assert not inside.complete
    assert inside.segments[0].data.end == 0x80
    assert inside.segments[0].data_len == 256
    assert parse_image(data[:23]).header is None


def test_text_that_fills_its_field_and_text_that_is_no_ascii() -> None:
    fields = {"version": b"v" * 32, "project_name": b"caf\xe9".ljust(32, b"\0")}
    app = parse_image(build_image([(0x3C000020, descriptor(**fields))])).app
    assert app is not None
    assert app.version == "v" * 32
    assert app.project_name == "caf\\xe9"


@pytest.mark.parametrize("data", [b"", b"\xe9", bytes(1 << 16), b"\xff" * (1 << 16)])
def test_files_that_are_no_image(data: bytes) -> None:
    image = parse_image(data)
    assert image.chip is None
    assert image.app is None
    assert not image.valid
