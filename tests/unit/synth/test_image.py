"""Built images are accepted by our parser and by esptool, and keep to the layout that was asked for."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.parse.image import parse_image
from forensics.spec.chips import DEFAULT_MMU_PAGE, chip_by_name
from forensics.synth.content import Content
from forensics.synth.image import build_image
from forensics.synth.layouts import (
    FORUM_LAYOUT,
    MEMORY_MAPS,
    SMALL_LAYOUT,
    Layout,
    SegmentPlan,
    chip_layout,
)

FORUM_POST = Path(__file__).resolve().parents[4] / "shared" / "origin" / "forum-post.txt"
CHIPS = tuple(MEMORY_MAPS)
KNOWN_DIGESTS = ["86e88a66d16575ee", "ff50ad88a0b9cff4"]
PADDED_LAYOUT = Layout(
    chip="ESP32",
    entry_addr=0x40080C54,
    segments=(
        SegmentPlan(load_addr=0x3F400020, data_len=0x572C, content=Content.RODATA),
        SegmentPlan(load_addr=0x3FFB0000, data_len=0x15DC, content=Content.DATA),
        SegmentPlan(load_addr=0x40080000, data_len=0x400, content=Content.VECTORS),
        SegmentPlan(load_addr=0x40080400, data_len=0x65D0, content=Content.RAM_CODE),
        SegmentPlan(load_addr=0, data_len=0x28F8, content=Content.ZERO),
        SegmentPlan(load_addr=0x400D0018, data_len=0x11FE4, content=Content.FLASH_CODE),
        SegmentPlan(load_addr=0, data_len=0xDF7C, content=Content.ZERO),
    ),
)
"""An app built for secure boot: two segments of load address 0 pad it to whole pages, less the signature."""

LARGE_LAYOUT = chip_layout("ESP32-S3", 3 * 1024 * 1024)
"""An app with pictures and fonts."""
LAYOUTS = {"forum": FORUM_LAYOUT, "padded": PADDED_LAYOUT, "small": SMALL_LAYOUT, "large": LARGE_LAYOUT}


def assert_mapped_where_the_device_can(image: bytes) -> None:
    mapped = [segment for segment in parse_image(image, digests=False).segments if segment.mapped]
    assert mapped
    for segment in mapped:
        assert segment.data.start % DEFAULT_MMU_PAGE == segment.load_addr % DEFAULT_MMU_PAGE


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("size", [2048, 16 * 1024, 0x30000 - 16, 0x30000, 600_000])
def test_every_chip_is_built_at_every_size(chip: str, size: int) -> None:
    image = build_image(chip=chip, size=size, project="lamp", version="v2.3", idf="v5.5")
    parsed = parse_image(image)
    assert len(image) == size
    assert parsed.valid
    assert parsed.image_size == size
    assert parsed.chip == chip
    assert parsed.app is not None
    assert (parsed.app.project_name, parsed.app.version, parsed.app.idf_ver) == ("lamp", "v2.3", "v5.5")
    assert parsed.app.mmu_page_size == 16
    assert_mapped_where_the_device_can(image)


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("size", [2048, 30_000, 190_000, 1_000_000])
def test_segments_and_entry_lie_in_the_memory_of_the_chip(chip: str, size: int) -> None:
    known = chip_by_name(chip)
    assert known is not None
    layout = chip_layout(chip, size)
    for segment in layout.segments:
        ends = [region.end for region in known.regions if region.holds(segment.load_addr)]
        assert ends
        assert segment.load_addr + segment.data_len <= max(ends)
    assert any(segment.load_addr <= layout.entry_addr < segment.load_addr + segment.data_len for segment in layout.segments)
    ranges = sorted((one.load_addr, one.load_addr + one.data_len) for one in layout.segments)
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))


@settings(max_examples=40, deadline=None)
@given(size=st.integers(2048, 300_000), seed=st.integers(0, 2**32), chip=st.sampled_from(CHIPS))
def test_any_size_and_seed_give_a_valid_image(size: int, seed: int, chip: str) -> None:
    image = build_image(chip=chip, size=size, seed=seed)
    assert len(image) == size & ~15
    assert parse_image(image).valid
    assert_mapped_where_the_device_can(image)


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_are_kept(name: str) -> None:
    layout = LAYOUTS[name]
    image = build_image(layout=layout)
    parsed = parse_image(image)
    assert parsed.valid
    assert len(image) == layout.image_size
    assert [(one.load_addr, one.data_len) for one in parsed.segments] == [
        (one.load_addr, one.data_len) for one in layout.segments
    ]
    assert (parsed.app is not None) == layout.app_descriptor
    assert_mapped_where_the_device_can(image)


def test_largest_image_can_be_built() -> None:
    image = build_image(chip="ESP32-S3", size=16 * 1024 * 1024)
    assert len(image) == 16 * 1024 * 1024
    assert parse_image(image).valid


def test_forum_layout_is_the_one_in_the_log() -> None:
    if not FORUM_POST.exists():
        pytest.skip("the forum post is not beside the repository")
    log = FORUM_POST.read_text(encoding="utf-8")
    rows = re.findall(r"segment \d+: paddr=0x(\w+) vaddr=0x(\w+) size=0x(\w+)", log)
    segments = parse_image(build_image(layout=FORUM_LAYOUT)).segments
    assert [(int(paddr, 16), int(vaddr, 16), int(size, 16)) for paddr, vaddr, size in rows] == [
        (0x110000 + segment.data.start, segment.load_addr, segment.data_len) for segment in segments
    ]
    assert FORUM_LAYOUT.image_size == 606_688


def test_known_bytes() -> None:
    # Samples and goldens stand on these bytes; a change here means making them anew.
    digests = [hashlib.sha256(build_image(layout=SMALL_LAYOUT, seed=seed)).hexdigest()[:16] for seed in (1, 2)]
    assert digests == KNOWN_DIGESTS


def test_same_arguments_same_bytes() -> None:
    assert build_image(size=50_000, seed=7) == build_image(size=50_000, seed=7)
    assert build_image(size=50_000, seed=7) != build_image(size=50_000, seed=8)


@pytest.mark.parametrize("chip", CHIPS)
def test_esptool_accepts_the_image(chip: str, tmp_path: Path) -> None:
    bin_image = pytest.importorskip("esptool.bin_image")
    targets = pytest.importorskip("esptool.targets")
    if chip not in {one.CHIP_NAME for one in targets.CHIP_DEFS.values()}:
        pytest.skip(f"esptool does not know the {chip}")
    path = tmp_path / "image.bin"
    path.write_bytes(build_image(chip=chip, size=240_000))
    name = {one.CHIP_NAME: key for key, one in targets.CHIP_DEFS.items()}[chip]
    loaded = bin_image.LoadFirmwareImage(name, str(path))
    loaded.verify()
    assert loaded.checksum == loaded.calculate_checksum()
    assert loaded.stored_digest == loaded.calc_digest
    assert len(loaded.segments) == len(chip_layout(chip, 240_000).segments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"chip": "ESP8266"},
        {"chip": "ESP99"},
        {"size": 2047},
        {"size": 0},
        {"size": 16 * 1024 * 1024 + 16},
        {"layout": SMALL_LAYOUT, "size": 4096},
    ],
)
def test_what_cannot_be_built_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        build_image(**arguments)  # type: ignore[arg-type]


def test_layout_without_room_for_the_descriptor_is_refused() -> None:
    segment = FORUM_LAYOUT.segments[1]
    short = SegmentPlan(load_addr=segment.load_addr, data_len=64, content=segment.content)
    with pytest.raises(ValueError, match="descriptor"):
        Layout(chip="ESP32", entry_addr=0, segments=(short,))
