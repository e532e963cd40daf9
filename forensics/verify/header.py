"""The checks that the device makes before the first segment, in ESP-IDF's order and under its names."""

from __future__ import annotations

from forensics.model.check import Outcome
from forensics.spec.esp_err import ESP_ERR_IMAGE_INVALID, ESP_ERR_INVALID_ARG, ESP_ERR_INVALID_SIZE, ESP_FAIL
from forensics.spec.esp_image import (
    ESP8266_V2_MAGIC,
    IMAGE_MAGIC,
    MAX_LENGTH,
    MAX_SEGMENTS,
    MAX_SPI_SIZE,
    SPI_MODES,
)
from forensics.spec.versions import CHIP_CHECK, FULL_REVISION, MAX_REVISION, since
from forensics.verify.device import SOURCE, Device, Found, outcome

_CHIP_ERR_PASSED_ON = since("v4.3.1")
_FLASH_API = since("v4.0")
_BOOTLOADER_TYPE = since("v5.5")
"""Releases that tell a bootloader from an app, and hold only the app to a highest revision."""

_FIRST_BOUND_ONLY = since("v5.5")
"""Releases that give up at the lower bound and say nothing of the upper."""

COMMON_LOADER = "components/bootloader_support/src/bootloader_common_loader.c: {}"


def check_partition_size(device: Device) -> Found:
    """``image_load``: no partition is larger than 16 MiB."""
    size = device.partition_size
    passed = size is None or size <= MAX_LENGTH
    return Found(
        step="partition-size",
        outcome=outcome(passed),
        lines=() if passed else device.say("partition_size_invalid", size),
        expected=f"at most {MAX_LENGTH} bytes",
        actual=None if size is None else f"{size} bytes",
        reason="no partition size was given" if size is None else None,
        err=ESP_ERR_INVALID_ARG,
        source=SOURCE.format("image_load"),
    )


def check_magic(device: Device) -> Found:
    """``process_image_header`` reads the header, ``verify_image_header`` wants 0xE9 for its first byte."""
    header = device.header
    lines = device.say("header_read", device.start)
    if not device.flash.holds(device.start, device.header_size):
        return Found(
            step="magic",
            outcome=Outcome.FAILED,
            lines=lines,
            reason="the partition begins beyond the end of flash",
            err=read_error(device),
            last=True,
            source=SOURCE.format("process_image_header"),
        )
    device.next_address = device.start + device.header_size
    lines += device.say(
        "image_header", header.magic, header.segment_count, header.spi_mode, header.spi_size, header.entry_addr
    )
    wanted = ESP8266_V2_MAGIC if device.chip.esp8266 and header.magic == ESP8266_V2_MAGIC else IMAGE_MAGIC
    passed = header.magic == wanted
    return Found(
        step="magic",
        outcome=outcome(passed),
        lines=lines if passed else lines + device.say("invalid_magic_byte", device.start),
        expected=f"0x{wanted:02x}",
        actual=f"0x{header.magic:02x}",
        span=device.flash.span(device.start, 1),
        source=SOURCE.format("verify_image_header"),
    )


def check_spi(device: Device) -> Found:
    """``verify_image_header`` before v4.4: odd SPI settings are worth a warning, and nothing more."""
    header = device.header
    lines: tuple[str, ...] = ()
    if header.spi_mode >= len(SPI_MODES):
        lines += device.say("invalid_spi_mode", device.start, header.spi_mode)
    if header.spi_size > MAX_SPI_SIZE:
        lines += device.say("invalid_spi_size", device.start, header.spi_size)
    return Found(
        step="spi",
        outcome=Outcome.PASSED,
        lines=lines,
        expected=f"mode at most {len(SPI_MODES) - 1}, size at most {MAX_SPI_SIZE}",
        actual=f"mode {header.spi_mode}, size {header.spi_size}",
        span=device.flash.span(device.start + 2, 2),
        source=SOURCE.format("verify_image_header"),
    )


def check_chip(device: Device) -> Found:
    """``bootloader_common_check_chip_validity``: the image names the chip that the firmware was built for."""
    found, wanted = device.header.chip_id, device.chip.id
    skipped = device.version not in CHIP_CHECK
    passed = found == wanted
    return Found(
        step="chip",
        outcome=Outcome.SKIPPED if skipped else outcome(passed),
        lines=() if skipped or passed else device.say("chip_id_mismatch", wanted, found),
        expected=f"{wanted} ({device.chip.name})",
        actual=str(found),
        span=device.flash.span(device.start + 12, 2),
        reason=f"{device.version} does not look at the chip id" if skipped else None,
        err=_chip_error(device),
        source=COMMON_LOADER.format("bootloader_common_check_chip_validity"),
    )


def check_revision(device: Device) -> Found:
    """``bootloader_common_check_chip_validity``: the chip's revision lies between the image's bounds."""
    if device.version in FULL_REVISION:
        return _check_full_revision(device)
    if device.version in CHIP_CHECK:
        return _check_legacy_revision(device)
    return Found(
        step="revision",
        outcome=Outcome.SKIPPED,
        reason=f"{device.version} does not look at the chip revision",
        source=COMMON_LOADER.format("bootloader_common_check_chip_validity"),
    )


def _check_legacy_revision(device: Device) -> Found:
    """The one-byte ``min_chip_rev`` against the major revision, on some chips against the minor one."""
    minor = device.chip.revision_is_minor
    counts_minor = minor is not None and device.version in minor
    chip = device.chip_revision % 100 if counts_minor else device.chip_revision // 100
    image = device.header.min_chip_rev
    lines = device.say("chip_rev_too_low", chip=chip, image=image) if chip < image else ()
    if chip > image:
        lines = device.say("chip_revision_compared", chip=chip, image=image)
    return Found(
        step="revision",
        outcome=outcome(chip >= image),
        lines=lines,
        expected=f"revision {image} or later",
        actual=f"revision {chip}",
        span=device.flash.span(device.start + 14, 1),
        err=_chip_error(device),
        source=COMMON_LOADER.format("bootloader_common_check_chip_validity"),
    )


def _check_full_revision(device: Device) -> Found:
    """``min_chip_rev_full`` and ``max_chip_rev_full``; a maximum of 0 or 65535 is none."""
    chip = device.chip_revision
    low, high = device.header.min_chip_rev_full, device.header.max_chip_rev_full
    unbounded = device.in_bootloader_slot and device.version in _BOOTLOADER_TYPE
    bounded = device.version in MAX_REVISION and high not in (0, 0xFFFF) and not unbounded
    lines: tuple[str, ...] = ()
    if chip < low:
        lines += device.say("chip_rev_too_low", chip=revision_name(chip), image=revision_name(low))
    if bounded and chip > high and (not lines or device.version not in _FIRST_BOUND_ONLY):
        lines += device.say("chip_rev_too_high", chip=revision_name(chip), image=revision_name(high))
    return Found(
        step="revision",
        outcome=outcome(chip >= low and not (bounded and chip > high)),
        lines=lines,
        expected=f"{revision_name(low)} or later" + (f", up to {revision_name(high)}" if bounded else ""),
        actual=revision_name(chip),
        span=device.flash.span(device.start + 15, 4),
        err=_chip_error(device),
        source=COMMON_LOADER.format("bootloader_common_check_chip_validity"),
    )


def check_segment_count(device: Device) -> Found:
    """``verify_image_header``: the device has room for 16 segments."""
    count = device.header.segment_count
    passed = count <= MAX_SEGMENTS
    return Found(
        step="segment-count",
        outcome=outcome(passed),
        lines=() if passed else device.say("segment_count", device.start, count, MAX_SEGMENTS),
        expected=f"at most {MAX_SEGMENTS}",
        actual=str(count),
        span=device.flash.span(device.start + 1, 1),
        source=SOURCE.format("verify_image_header"),
    )


def revision_name(number: int) -> str:
    """A revision, which is major * 100 + minor, as the lines print it."""
    return f"v{number // 100}.{number % 100}"


def read_error(device: Device) -> int:
    """What a read past the end of flash returns: ``spi_flash_read`` before v4.0, then ``esp_flash_read``."""
    return ESP_ERR_INVALID_ARG if device.version in _FLASH_API else ESP_ERR_INVALID_SIZE


def _chip_error(device: Device) -> int:
    return ESP_FAIL if device.version in _CHIP_ERR_PASSED_ON else ESP_ERR_IMAGE_INVALID
