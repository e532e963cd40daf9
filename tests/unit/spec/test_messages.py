from __future__ import annotations

import pytest

from forensics.spec.messages import LEVELS, MESSAGES, device_line
from forensics.spec.versions import MASTER, IdfVersion

RELEASES = [
    IdfVersion(major, minor, patch)
    for major, minors in {3: range(4), 4: range(5), 5: range(6), 6: range(1)}.items()
    for minor in minors
    for patch in range(10)
] + [MASTER]


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_no_release_has_two_wordings_of_a_line(name: str) -> None:
    for version in RELEASES:
        wordings = [message.text for message in MESSAGES[name] if version in message.versions]
        assert len(wordings) <= 1, (name, str(version), wordings)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_every_wording_belongs_to_some_release(name: str) -> None:
    for message in MESSAGES[name]:
        assert message.level in LEVELS
        assert any(version in message.versions for version in RELEASES), message.text


def test_a_line_is_printed_from_its_level_on() -> None:
    lines = {level: device_line("reading-header", MASTER, level, 0x10000) for level in LEVELS}
    assert lines["info"] == ()
    assert lines["debug"] == ("D (0) esp_image: reading image header @ 0x10000",)
    assert lines["verbose"] == lines["debug"]


def test_hash_lines_of_v3_0_show_four_bytes() -> None:
    digest = "0123456789abcdef" * 4
    assert device_line("digest-calculated", IdfVersion(3, 1, 2), "debug", digest) == (
        "D (0) esp_image: Calculated hash: 01234567",
    )
    assert device_line("digest-calculated", IdfVersion(3, 2), "debug", digest)[0].endswith(digest)
    assert device_line("digest-calculated", IdfVersion(4, 1), "debug", digest)[0].startswith("D (0) boot: ")
