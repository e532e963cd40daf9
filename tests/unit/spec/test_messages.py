from __future__ import annotations

import re

import pytest

from forensics.spec.log_lines.printing import LEVELS, device_line, printed_rows, row_for
from forensics.spec.log_lines.releases import release_bit, releases
from forensics.spec.versions import MASTER, IdfVersion

RELEASES = [
    IdfVersion(major, minor, patch)
    for major, minors in {3: range(4), 4: range(5), 5: range(6), 6: range(1)}.items()
    for minor in minors
    for patch in range(10)
] + [MASTER]


def counts(kind: str) -> set[int]:
    """How many values the lines of a kind show."""
    return {len(re.findall(r"\{\w+:\w+\}", row.text)) for row in printed_rows()[kind]}


@pytest.mark.parametrize("kind", sorted(printed_rows()))
def test_no_release_has_two_wordings_of_a_line(kind: str) -> None:
    for version in RELEASES:
        bit = release_bit("master" if version == MASTER else f"{version.major}.{version.minor}", version.patch)
        for count in counts(kind):
            rows = [row for row in printed_rows()[kind] if len(re.findall(r"\{\w+:\w+\}", row.text)) == count]
            assert sum(bool(releases(row.versions) & bit) for row in rows) <= 1, (kind, str(version))


@pytest.mark.parametrize("kind", sorted(printed_rows()))
def test_every_wording_belongs_to_some_release_and_has_a_tag(kind: str) -> None:
    for row in printed_rows()[kind]:
        assert row.level in LEVELS
        assert row.tags
    assert any(row_for(kind, version, count) for version in RELEASES for count in counts(kind))


def test_a_line_is_printed_from_its_level_on() -> None:
    lines = {level: device_line("header_read", MASTER, level, 0x10000) for level in LEVELS}
    assert lines["info"] == ()
    assert lines["debug"] == ("D (0) esp_image: reading image header @ 0x10000",)
    assert lines["verbose"] == lines["debug"]


def test_hash_lines_of_v3_0_show_four_bytes() -> None:
    digest = "0123456789abcdef" * 4
    assert device_line("calculated_hash", IdfVersion(3, 1, 2), "debug", digest) == (
        "D (0) esp_image: Calculated hash: 01234567",
    )
    assert device_line("calculated_hash", IdfVersion(3, 2), "debug", digest)[0].endswith(digest)
    assert device_line("calculated_hash", IdfVersion(4, 1), "debug", digest)[0].startswith("D (0) boot: ")
