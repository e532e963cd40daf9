from __future__ import annotations

from itertools import combinations

import pytest

from forensics.spec.chips import CHIPS, Chip, chip_by_id, chip_by_name
from forensics.spec.versions import IdfVersion


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.target)
def test_a_row_is_complete_and_found_by_each_of_its_names(chip: Chip) -> None:
    assert chip.source
    assert any(region.mapped for region in chip.regions)
    assert any(not region.mapped for region in chip.regions)
    assert chip_by_name(chip.name) is chip
    assert chip_by_name(chip.target) is chip
    assert chip.name.lower().replace("-", "") == chip.target
    assert chip.id is None or chip_by_id(chip.id) is chip


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.target)
def test_no_address_is_both_mapped_and_loaded(chip: Chip) -> None:
    for one, other in combinations(chip.regions, 2):
        if one.mapped != other.mapped:
            assert one.end <= other.start or other.end <= one.start, (one, other)


def test_ids_and_names_are_unique() -> None:
    assert len({chip.id for chip in CHIPS}) == len(CHIPS)
    assert len({chip.target for chip in CHIPS}) == len(CHIPS) == 14


def test_the_map_follows_the_release() -> None:
    p4 = chip_by_name("esp32p4")
    s3 = chip_by_name("esp32s3")
    assert p4 is not None
    assert s3 is not None
    assert not p4.maps(0x48000000, IdfVersion(5, 2))
    assert p4.maps(0x48000000, IdfVersion(5, 3))
    assert not s3.maps(0x3D000000, IdfVersion(5, 1, 7))
    assert s3.maps(0x3D000000, IdfVersion(5, 2))
    assert s3.maps(0x3D000000)


def test_names_that_no_chip_has() -> None:
    assert chip_by_name("esp32x9") is None
    assert chip_by_id(0xFFFF) is None
