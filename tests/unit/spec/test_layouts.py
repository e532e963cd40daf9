from __future__ import annotations

from random import Random

import pytest
from construct import Construct
from hypothesis import given
from hypothesis import strategies as st

from forensics.spec import esp_image, otadata, partition_table, signature
from forensics.spec.checksum import xor_bytes
from forensics.spec.esp_image_records import read_segment_header

LAYOUTS = {
    "image header": esp_image.IMAGE_HEADER,
    "common header": esp_image.COMMON_HEADER,
    "segment header": esp_image.SEGMENT_HEADER,
    "app descriptor": esp_image.APP_DESCRIPTOR,
    "bootloader descriptor": esp_image.BOOTLOADER_DESCRIPTOR,
    "partition entry": partition_table.PARTITION_ENTRY,
    "MD5 row": partition_table.MD5_ROW,
    "otadata entry": otadata.OTA_SELECT_ENTRY,
    "signature v1": signature.SIGNATURE_V1,
    "signature v2": signature.SIGNATURE_V2_BLOCK,
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@given(source=st.randoms(use_true_random=False))
def test_parse_then_build_gives_the_bytes_back(layout: Construct, source: Random) -> None:
    data = source.randbytes(layout.sizeof())
    assert layout.build(layout.parse(data)) == data


@given(st.binary(min_size=8, max_size=8))
def test_the_fast_reader_of_segment_headers_agrees_with_the_layout(data: bytes) -> None:
    fields = esp_image.SEGMENT_HEADER.parse(data)
    assert read_segment_header(data) == (fields.load_addr, fields.data_len)


def test_byte_3_holds_the_flash_size_high_and_the_speed_low() -> None:
    fields = esp_image.COMMON_HEADER.parse(bytes.fromhex("e907022f34100840"))
    assert (fields.flash.spi_size, fields.flash.spi_speed) == (2, 0xF)
    assert fields.entry_addr == 0x40081034


@pytest.mark.parametrize(("sequence", "crc"), [(1, 0x4743989A), (2, 0x55F63774), (3, 0xED4A5011), (4, 0x709D68A8)])
def test_known_otadata_checksums(sequence: int, crc: int) -> None:
    assert otadata.sequence_crc(sequence) == crc


@given(st.binary(max_size=70_000), st.integers(0, 255))
def test_folding_blocks_is_the_xor_of_all_bytes(data: bytes, seed: int) -> None:
    expected = seed
    for byte in data:
        expected ^= byte
    assert xor_bytes(data, seed) == expected


def test_the_checksum_byte_always_has_room() -> None:
    for end in range(24, 60):
        padded = esp_image.padded_end(end)
        assert padded % 16 == 0
        assert end < padded <= end + 16
