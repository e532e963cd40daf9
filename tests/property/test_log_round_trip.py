"""Printing and reading agree: a predicted log, read as a paste, tells the walk that was predicted."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.model.check import Outcome
from forensics.model.device import DeviceSettings, Walk
from forensics.model.log import DeviceLog, LogPass
from forensics.parse.image import parse_image
from forensics.spec.versions import IdfVersion
from forensics.synth.image import build_image
from forensics.verify.predict import predict_log

PLACE = 0x20000
VERSIONS = (
    *("v3.0", "v3.0.9", "v3.1", "v3.1.6", "v3.1.7", "v3.2", "v3.2.4", "v3.3", "v3.3.1", "v3.3.6"),
    *("v4.0", "v4.0.4", "v4.1", "v4.1.4", "v4.2", "v4.2.5", "v4.3", "v4.3.1", "v4.3.4", "v4.3.5", "v4.3.7"),
    *("v4.4", "v4.4.4", "v4.4.5", "v4.4.8", "v5.0", "v5.0.1", "v5.0.9", "v5.1", "v5.1.6", "v5.1.7"),
    *("v5.2", "v5.2.2", "v5.2.3", "v5.3", "v5.3.1", "v5.3.2", "v5.4", "v5.4.4", "v5.5", "v6.0", "master"),
)
CHIPS = ("ESP32", "ESP32-S2", "ESP32-S3", "ESP32-C2", "ESP32-C3", "ESP32-C6", "ESP32-H2", "ESP32-P4")
IMAGES = {chip: build_image(chip=chip, size=4096, idf="v5.5") for chip in CHIPS}

ERRORS = {
    "magic": {"invalid_magic_byte"},
    "spi": {"invalid_spi_mode", "invalid_spi_size"},
    "chip": {"chip_id_mismatch"},
    "revision": {"chip_rev_too_low", "chip_rev_too_high"},
    "segment-count": {"segment_count"},
    "checksum": {"checksum_failed"},
    "length": {"image_too_long"},
    "digest": {"hash_failed"},
    "partition-size": {"partition_size_invalid"},
}
"""The kinds of error that a failed check prints, where the step alone tells them."""


@dataclass(frozen=True)
class Damage:
    """One change to an image, and the device that reads it."""

    offset: int
    value: int
    settings: DeviceSettings

    def done(self, image: bytes) -> bytes:
        """The image with the byte at ``offset`` (from the end when negative) changed."""
        data = bytearray(image)
        data[self.offset] = self.value
        return bytes(data)


def read(walk: Walk) -> DeviceLog:
    from forensics.parse.logs import parse_log

    return parse_log("\n".join(walk.lines))


def only_pass(walk: Walk) -> LogPass:
    log = read(walk)
    assert log.unread == (), [walk.lines[number - 1] for number in log.unread]
    assert len(log.passes) == 1
    return log.passes[0]


def agrees(walk: Walk, image: bytes, idf: str) -> None:
    """The pass read from the lines of ``walk`` has its segments, checksum, hash and errors."""
    found = only_pass(walk)
    parsed = {segment.index: segment for segment in parse_image(image).segments}
    printed = [line for line in walk.lines if "paddr=" in line]
    assert len(found.segments) == len(printed)
    for segment in found.segments:
        assert segment.paddr == PLACE + parsed[segment.index].data.start
        assert (segment.vaddr, segment.size) == (parsed[segment.index].load_addr, parsed[segment.index].data_len)
    if printed or found.header is not None:
        assert found.image_start == PLACE
    failed = next((check for check in walk.checks if check.outcome is Outcome.FAILED), None)
    kinds = {error.kind for error in found.errors}
    warnings = ERRORS["spi"]
    assert (failed is None) == (walk.err == 0) == (kinds <= warnings)
    if failed is not None and failed.step in ERRORS:
        assert kinds & ERRORS[failed.step], failed
    checksum_failed = failed is not None and failed.step == "checksum"
    assert (found.checksum is not None) == checksum_failed
    if found.checksum is not None:
        stored = {check.step: check.actual for check in walk.checks}["checksum"]
        assert f"0x{found.checksum.read:02x}" == stored
    agrees_on_hash(walk, found, idf)


def agrees_on_hash(walk: Walk, found: LogPass, idf: str) -> None:
    digest = next((check for check in walk.checks if check.step == "digest"), None)
    reached = digest is not None and digest.outcome in (Outcome.PASSED, Outcome.FAILED)
    assert (found.hash is not None) == reached
    if digest is None or found.hash is None:
        return
    # v3.0 and v3.1 print the first four bytes only.
    version = IdfVersion.parse(idf)
    assert version is not None
    digits = 8 if version < IdfVersion(3, 2) else 64
    assert found.hash.calculated == (digest.expected or "")[:digits]
    if digest.outcome is Outcome.FAILED:
        assert found.hash.expected == (digest.actual or "")[:digits]


@pytest.mark.parametrize("idf", VERSIONS)
@pytest.mark.parametrize("chip", ["ESP32", "ESP32-C3"])
def test_every_line_of_every_version_is_understood(idf: str, chip: str) -> None:
    device = DeviceSettings(idf=idf, partition_offset=PLACE)
    walk = predict_log(IMAGES[chip], device)
    assert walk.err == 0
    agrees(walk, IMAGES[chip], idf)


DEVICES = st.builds(
    DeviceSettings,
    idf=st.sampled_from(VERSIONS),
    chip=st.none() | st.sampled_from(("esp32", "esp32c3", "esp32s3")),
    partition_offset=st.just(PLACE),
    partition_size=st.sampled_from((None, 2048, 0x100000, 0x1000001)),
    chip_revision=st.sampled_from((None, 0, 301, 9900)),
    efuse_block_revision=st.sampled_from((None, 0, 9900)),
    free_pages=st.sampled_from((1, 62)),
)
DAMAGES = st.builds(
    Damage,
    offset=st.integers(0, 63) | st.sampled_from((-1, -33, 2000)) | st.integers(0, 4095),
    value=st.integers(0, 255),
    settings=DEVICES,
)


@settings(max_examples=400)
@given(chip=st.sampled_from(CHIPS), damage=DAMAGES)
def test_what_was_predicted_is_read_back(chip: str, damage: Damage) -> None:
    image = damage.done(IMAGES[chip])
    agrees(predict_log(image, damage.settings), image, damage.settings.idf or "")
