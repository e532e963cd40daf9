"""Whatever the bytes are, parsing and walking give a result, and the results keep to their laws."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.model.check import Outcome
from forensics.model.device import DeviceSettings
from forensics.parse.identify import identify
from forensics.parse.image import parse_image
from forensics.parse.otadata import parse_otadata
from forensics.parse.partition_table import parse_partition_table
from forensics.parse.signature import parse_signatures
from forensics.spec.chips import CHIPS
from forensics.verify.predict import predict_log
from forensics.verify.walk import walk
from tests.unit.parse.build import build_image, descriptor, small_image

WHOLE = small_image()

VERSIONS = [
    "v3.0",
    "v3.3.1",
    "v4.0",
    "v4.1",
    "v4.3",
    "v4.3.2",
    "v4.4",
    "v5.0",
    "v5.1.7",
    "v5.4",
    "v5.5",
    "master",
]

LIKE_AN_IMAGE = st.builds(
    lambda head, count, rest: head + bytes([count]) + rest,
    st.sampled_from([b"\xe9", b"\xea", b"\xaa", b"\x00"]),
    st.integers(0, 255),
    st.binary(max_size=400),
)


@given(st.one_of(st.binary(max_size=600), LIKE_AN_IMAGE), st.sampled_from(VERSIONS), st.sampled_from(CHIPS))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_result(data: bytes, version: str, chip: object) -> None:
    image = parse_image(data)
    assert image.size == len(data)
    assert identify(data).words
    parse_signatures(data, image)
    parse_partition_table(data)
    parse_otadata(data, ota_slots=2, has_factory=True)
    target = getattr(chip, "target", None)
    for name in (None, target):
        found = walk(data, image, DeviceSettings(idf=version, chip=name))
        assert found == predict_log(data, DeviceSettings(idf=version, chip=name))
        failed = [check for check in found.checks if check.outcome is Outcome.FAILED]
        assert bool(failed) == (found.err != 0)
        assert (found.image_length is None) == (found.err != 0)


@given(
    st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.binary(max_size=40).map(lambda raw: raw * 4)), max_size=8),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_what_was_built_is_parsed_back(segments: list[tuple[int, bytes]], appended: bool) -> None:
    data = build_image(segments, hash_appended=int(appended))
    image = parse_image(data)
    assert image.valid
    assert image.image_size == len(data)
    assert [(part.load_addr, data[part.data.start : part.data.end]) for part in image.segments] == segments
    assert not parse_image(data[:-1]).valid


@pytest.mark.parametrize("size", range(len(WHOLE)))
def test_no_truncation_is_taken_for_whole(size: int) -> None:
    data = WHOLE[:size]
    image = parse_image(data)
    assert not image.valid
    assert identify(data).words
    found = walk(data, image, DeviceSettings(idf="v5.4"))
    # Cut bytes of 0xFF read the same from erased flash; this image has none at its end.
    assert found.err != 0


@pytest.mark.slow
@pytest.mark.parametrize("offset", range(64))
def test_every_damage_of_one_byte_gives_a_result(offset: int) -> None:
    for value in range(256):
        data = bytearray(WHOLE)
        data[offset] = value
        damaged = bytes(data)
        image = parse_image(damaged)
        found = walk(damaged, image, DeviceSettings(idf="v5.4", chip="esp32c3", chip_revision=3))
        changed = damaged != WHOLE
        # Without its flag the digest is not looked at, and nothing else covers the header.
        unseen = offset == 23 and value == 0
        assert (found.err != 0) == (changed and not unseen), (offset, value)
        assert image.valid == (not changed or unseen)
    assert identify(bytes(data)).words


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_parsed_digest_is_never_used_for_other_bytes(data: st.DataObject) -> None:
    content = descriptor() + data.draw(st.binary(max_size=64).map(lambda raw: raw * 4))
    whole = build_image([(0x3C000020, content), (0x40380000, bytes(8))])
    damaged = bytearray(whole)
    damaged[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    given_image = bytes(damaged)
    device = DeviceSettings(idf=data.draw(st.sampled_from(VERSIONS)), chip="esp32c3")
    assert walk(given_image, parse_image(given_image), device) == walk(given_image, None, device)


@pytest.mark.parametrize("fill", [b"\0", b"\xff", b"\xe9", b"\xe9\x10", b"\xaa\x50"])
def test_large_files_of_one_pattern(fill: bytes) -> None:
    data = fill * ((16 << 20) // len(fill))
    image = parse_image(data)
    assert identify(data).kind
    assert walk(data, image).checks
