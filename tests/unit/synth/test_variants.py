"""Changed images are sealed anew, and another build is another build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import InputError
from forensics.parse.image import parse_image
from forensics.synth.image import build_image
from forensics.synth.layouts import FORUM_LAYOUT, MEMORY_MAPS, SMALL_LAYOUT
from forensics.synth.variants import other_build
from tests.unit.synth.rebuild import rebuild
from tests.unit.synth.test_image import assert_mapped_where_the_device_can

IMAGES = Path(__file__).resolve().parents[4] / "shared" / "images"
VALID = ("esp-dev-kits__factory_bin_test_project.bin", "esptool__secure_images_hello-world-signed.bin")


def real_image(name: str) -> bytes:
    if not (IMAGES / name).exists():
        pytest.skip("the real images are not beside the repository")
    return (IMAGES / name).read_bytes()


def shared_windows(sent: bytes, received: bytes, size: int = 20) -> float:
    """Share of windows of ``received`` that stand somewhere in ``sent``."""
    known = {sent[start : start + size] for start in range(len(sent) - size)}
    starts = range(0, len(received) - size, 31)
    return sum(received[start : start + size] in known for start in starts) / len(starts)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_rebuild_makes_a_changed_image_valid(data: st.DataObject, seed: int) -> None:
    image = bytearray(build_image(layout=SMALL_LAYOUT, seed=seed))
    first = parse_image(bytes(image)).segments[0].data
    for place in data.draw(st.lists(st.integers(first.start, first.end - 1), min_size=1)):
        image[place] ^= 0x5A
    image[-1] ^= 1
    rebuilt = rebuild(bytes(image))
    assert parse_image(rebuilt).valid
    assert rebuilt[: first.end] == image[: first.end]


def test_rebuild_keeps_a_valid_image_and_what_follows() -> None:
    image = build_image(layout=SMALL_LAYOUT)
    assert rebuild(image) == image
    assert rebuild(image + b"signature") == image + b"signature"


@pytest.mark.parametrize("name", VALID)
def test_rebuild_agrees_with_real_images(name: str) -> None:
    image = real_image(name)
    assert rebuild(image) == image


@pytest.mark.parametrize("function", [rebuild, lambda image: other_build(image, seed=1)])
@pytest.mark.parametrize("size", [0, 23, 24, 31, 40, 4000])
def test_images_cut_short_are_refused(function: Callable[[bytes], bytes], size: int) -> None:
    with pytest.raises(InputError):
        function(build_image(layout=SMALL_LAYOUT)[:size])


@pytest.mark.parametrize("place", [1, 23])
def test_other_build_needs_segments_and_a_digest(place: int) -> None:
    image = bytearray(build_image(layout=SMALL_LAYOUT))
    image[place] = 0
    with pytest.raises(InputError):
        other_build(bytes(image), seed=1)


def test_rebuild_needs_the_place_of_the_digest() -> None:
    with pytest.raises(InputError):
        rebuild(build_image(layout=SMALL_LAYOUT)[:-1])


@settings(max_examples=40, deadline=None)
@given(size=st.integers(2048, 300_000), seed=st.integers(0, 2**32), chip=st.sampled_from(tuple(MEMORY_MAPS)))
def test_other_build_is_a_valid_image_of_the_same_project(size: int, seed: int, chip: str) -> None:
    image = build_image(chip=chip, size=size, project="lamp", version="v1.9")
    other = other_build(image, seed=seed)
    parsed = parse_image(other)
    assert parsed.valid
    assert parsed.image_size == len(other)
    assert other != image
    assert other[:24] == image[:24]
    assert parsed.app is not None
    assert (parsed.app.project_name, parsed.app.version) == ("lamp", "v1.10")
    assert_mapped_where_the_device_can(other)
    assert abs(len(other) - len(image)) <= len(image) // 8


def test_other_build_has_moved_changed_and_kept_bytes() -> None:
    image = build_image(layout=FORUM_LAYOUT)
    other = other_build(image, seed=3)
    assert len(other) != len(image)
    assert 0.5 < shared_windows(image, other) < 0.9
    equal_in_place = sum(one == two for one, two in zip(image, other, strict=False)) / len(image)
    assert equal_in_place < 0.5


def test_other_builds_differ_by_seed_alone() -> None:
    image = build_image(size=60_000)
    assert other_build(image, seed=1) == other_build(image, seed=1)
    assert other_build(image, seed=1) != other_build(image, seed=2)


@pytest.mark.parametrize("name", VALID)
def test_other_build_of_a_real_image(name: str) -> None:
    image = real_image(name)
    other = other_build(image, seed=4)
    assert parse_image(other).valid
    assert 0.4 < shared_windows(image, other) < 0.95
