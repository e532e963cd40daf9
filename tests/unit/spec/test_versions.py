from __future__ import annotations

import pytest

from forensics.spec.versions import ALL, MASTER, OLDEST, IdfVersion, since, until


def version(text: str) -> IdfVersion:
    parsed = IdfVersion.parse(text)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v4.4.8", IdfVersion(4, 4, 8)),
        ("v5.5", IdfVersion(5, 5)),
        ("5.1.2", IdfVersion(5, 1, 2)),
        ("v4.4.6-dirty", IdfVersion(4, 4, 6)),
        ("v5.1.4-586-g9c3ab12345", IdfVersion(5, 1, 4)),
        ("esp-idf: v4.4.7 38eeba213a", IdfVersion(4, 4, 7)),
        ("v4.4-dev-3235-g3e370c4296-dirty", IdfVersion(4, 4)),
        ("master", MASTER),
        ("38eeba213a", None),
        ("", None),
    ],
)
def test_reads_what_git_describe_leaves_in_an_app_descriptor(text: str, expected: IdfVersion | None) -> None:
    assert IdfVersion.parse(text) == expected


def test_releases_are_ordered_and_master_is_the_newest() -> None:
    texts = ["v3.0", "v3.0.9", "v3.3.6", "v4.0", "v4.4.8", "v5.0", "v5.5.5", "v6.0", "v6.0.2", "master"]
    versions = [version(text) for text in texts]
    assert versions == sorted(versions)
    assert versions[0] == OLDEST
    assert [str(item) for item in versions] == texts


def test_a_change_carried_back_holds_from_its_patch_on_in_each_line() -> None:
    chip_check = since("v3.1.7", "v3.2.4", "v3.3.1", "v4.0")
    holds = [
        text
        for text in ("v3.0.9", "v3.1.6", "v3.1.7", "v3.2.3", "v3.2.5", "v3.3", "v3.3.1", "v4.0", "v5.5")
        if version(text) in chip_check
    ]
    assert holds == ["v3.1.7", "v3.2.5", "v3.3.1", "v4.0", "v5.5"]


def test_a_line_that_a_range_skips_is_left_out() -> None:
    load_check = since("v3.3.6", "v4.1")
    assert version("v3.3.6") in load_check
    assert version("v4.0.3") not in load_check
    assert version("v4.1") in load_check


def test_a_range_ends_at_the_patch_of_its_own_line() -> None:
    legacy = since("v4.3").until("v4.3.5", "v4.4.5", "v5.0.1")
    inside = [
        text
        for text in ("v4.2", "v4.3", "v4.3.4", "v4.3.5", "v4.4.4", "v4.4.5", "v5.0", "v5.0.1", "v5.1")
        if version(text) in legacy
    ]
    assert inside == ["v4.3", "v4.3.4", "v4.4.4", "v5.0"]
    assert version("v4.3.7") not in until("v4.3")
    assert version("v3.0") in ALL
