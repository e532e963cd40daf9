from __future__ import annotations

import pytest

from forensics.errors import UsageError
from forensics.model.device import DeviceSettings
from forensics.verify.predict import predict_log
from tests.unit.parse.build import build_image, descriptor, small_image


@pytest.mark.parametrize(
    ("idf_ver", "version"),
    [
        (b"v4.4.6-dirty", "v4.4.6"),
        (b"esp-idf: v4.4.7 38eeba213a", "v4.4.7"),
        (b"38eeba213a", "master"),
        (b"v2.1", "master"),
    ],
)
def test_the_version_comes_from_the_image(idf_ver: bytes, version: str) -> None:
    data = build_image([(0x3C000020, descriptor(idf_ver=idf_ver.ljust(32, b"\0")))])
    assert predict_log(data).idf == version


def test_without_a_descriptor_the_newest_is_taken_that_asks_for_none() -> None:
    assert predict_log(build_image([(0x3C000000, bytes(256))])).idf == "v5.3"


def test_a_device_that_is_not_described_is_new_enough() -> None:
    data = build_image([(0x3C000020, descriptor(min_efuse_blk_rev_full=103))], min_chip_rev_full=302, max_chip_rev_full=399)
    assert predict_log(data, DeviceSettings(idf="v5.5")).err == 0
    assert predict_log(data, DeviceSettings(idf="v5.5", efuse_block_revision=0)).err == -1
    assert predict_log(data, DeviceSettings(idf="v5.5", chip_revision=301)).err == -1


def test_an_unknown_chip_id_is_refused_by_the_device_and_not_by_us() -> None:
    found = predict_log(small_image(chip_id=0x7777), DeviceSettings(idf="v5.1"))
    assert found.lines[-1] == "E (0) boot_comm: mismatch chip ID, expected 0, found 30583"


@pytest.mark.parametrize(
    "settings",
    [
        DeviceSettings(idf="v2.1"),
        DeviceSettings(idf="latest"),
        DeviceSettings(chip="esp32x"),
        DeviceSettings(level="loud"),
        DeviceSettings(partition_offset=-1),
        DeviceSettings(free_pages=-3),
        DeviceSettings(partition_size=1 << 40),
    ],
)
def test_settings_of_no_device(settings: DeviceSettings) -> None:
    with pytest.raises(UsageError):
        predict_log(small_image(), settings)
