"""Synthetic bytes repeat themselves as often, and are distributed as unevenly, as those of real firmware."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median

import pytest

from forensics.parse.image import parse_image
from forensics.synth.image import build_image

IMAGES = Path(__file__).resolve().parents[4] / "shared" / "images"
REAL = (
    "BLE_OTA_Python__firmware.bin",
    "esp-dev-kits__factory_bin_test_project.bin",
    "esptool__images_esp_idf_blink_esp32s2.bin",
    "esp32-wifi-penetration-tool__build_esp32-wifi-penetration-tool.bin",
)
SYNTHETIC = (("ESP32", 207_824), ("ESP32-S3", 363_376), ("ESP32-S2", 196_608), ("ESP32", 723_248))
ENOUGH = 4000
LONG_RUN = 1024
RUNS = re.compile(rb"\x00{16,}|\xff{16,}")


def entropy(data: bytes) -> float:
    """Bits a byte."""
    return -sum(count / len(data) * math.log2(count / len(data)) for count in Counter(data).values())


def distinct_bytes(data: bytes) -> float:
    """Different values among 256 neighbours, in the middle of all places."""
    return median(len(set(data[start : start + 256])) for start in range(0, len(data) - 255, 256))


def repeated(data: bytes, size: int) -> float:
    """Share of windows of ``size`` bytes that stand somewhere else too."""
    windows = Counter(data[start : start + size] for start in range(len(data) - size))
    return sum(count for count in windows.values() if count > 1) / (len(data) - size)


def repeated_blocks(data: bytes) -> float:
    """Share of aligned blocks of 32 bytes that come more than once."""
    blocks = Counter(data[start : start + 32] for start in range(0, len(data), 32))
    return sum(count for count in blocks.values() if count > 1) / blocks.total()


def in_runs(data: bytes) -> float:
    """Share of bytes in runs of 16 or more zeros or 0xFF."""
    return sum(len(run.group()) for run in RUNS.finditer(data)) / len(data)


def measure(data: bytes) -> dict[str, float]:
    return {
        "entropy": entropy(data),
        "zeros": data.count(0) / len(data),
        "distinct bytes": distinct_bytes(data),
        "repeated 8": repeated(data, 8),
        "repeated 20": repeated(data, 20),
        "repeated 244": repeated(data, 244),
        "repeated blocks": repeated_blocks(data),
        "in runs": in_runs(data),
    }


# A factor for what is large, and what may be added where both sides are next to nothing.
TOLERANCE = {
    "entropy": (1.15, 0.0),
    "zeros": (2.0, 0.0),
    "distinct bytes": (1.3, 10.0),
    "repeated 8": (2.0, 0.02),
    "repeated 20": (2.0, 0.02),
    "repeated 244": (2.5, 0.03),
    "repeated blocks": (2.0, 0.05),
    "in runs": (2.5, 0.05),
}


def parts(image: bytes) -> Iterator[tuple[str, bytes]]:
    """The large segments by region; smaller ones are too small a sample."""
    for segment in parse_image(image, digests=False).segments:
        data = image[segment.data.start : segment.data.end]
        if segment.region in ("DROM", "IROM", "IRAM", "DRAM") and len(data) >= ENOUGH:
            yield segment.region, data


def averages(images: list[bytes]) -> dict[str, dict[str, float]]:
    found: dict[str, list[dict[str, float]]] = {}
    for image in images:
        for region, data in parts(image):
            found.setdefault(region, []).append(measure(data))
    return {region: {name: mean(one[name] for one in measured) for name in TOLERANCE} for region, measured in found.items()}


@pytest.fixture(scope="module")
def real() -> dict[str, dict[str, float]]:
    if not IMAGES.is_dir():
        pytest.skip("the real images are not beside the repository")
    return averages([(IMAGES / name).read_bytes() for name in REAL])


@pytest.fixture(scope="module")
def synthetic() -> dict[str, dict[str, float]]:
    return averages([build_image(chip=chip, size=size, seed=5) for chip, size in SYNTHETIC])


@pytest.mark.slow
@pytest.mark.parametrize("region", ["DROM", "IROM", "IRAM", "DRAM"])
def test_statistics_are_those_of_real_firmware(
    region: str, real: dict[str, dict[str, float]], synthetic: dict[str, dict[str, float]]
) -> None:
    apart = {
        name: (round(synthetic[region][name], 4), round(real[region][name], 4))
        for name, (factor, extra) in TOLERANCE.items()
        if not real[region][name] / factor - extra <= synthetic[region][name] <= real[region][name] * factor + extra
    }
    assert not apart


def test_large_images_hold_long_runs_of_both_kinds() -> None:
    image = build_image(chip="ESP32-S3", size=3_000_000)
    lengths = {value: [len(run.group()) for run in re.finditer(value + b"{256,}", image)] for value in (b"\0", b"\xff")}
    for runs in lengths.values():
        assert max(runs) > LONG_RUN
        assert len(set(runs)) > 3


def test_constants_hold_texts_and_addresses() -> None:
    image = build_image(size=300_000)
    segments = parse_image(image, digests=False).segments
    rodata = image[segments[0].data.start : segments[0].data.end]
    assert len(re.findall(rb"[\x20-\x7e]{12,}\0", rodata)) > 100
    ranges = [range(one.load_addr, one.load_addr + one.data_len) for one in segments if one.data_len]
    words = [int.from_bytes(rodata[place : place + 4], "little") for place in range(256, len(rodata) - 3, 4)]
    assert sum(any(word in addresses for addresses in ranges) for word in words) > 500
