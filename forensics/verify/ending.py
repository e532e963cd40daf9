"""The checks that the device makes after the last segment, in ESP-IDF's order and under its names."""

from __future__ import annotations

from forensics.model.check import Outcome
from forensics.spec.checksum import CHECKSUM_SEED
from forensics.spec.esp_err import ESP_ERR_IMAGE_INVALID
from forensics.spec.esp_image import DIGEST_SIZE, padded_end
from forensics.spec.versions import since
from forensics.verify.device import SOURCE, Device, Found, outcome
from forensics.verify.header import read_error

_LENGTH_ONLY_WITH_DIGEST = since("v4.1").until("v4.3.1")
_READS_CHECKED = since("v4.3.1")
_ADDRESS_SPACE = 1 << 32


def check_end(device: Device) -> Found:
    """``process_segments``: the end of the last segment does not wrap around the address space."""
    end = device.next_address
    passed = end < _ADDRESS_SPACE
    line = device.say("image_end", device.start, end) if passed else device.say("image_offset_wrapped")
    return Found(
        step="end",
        outcome=outcome(passed),
        lines=line,
        expected="an end after the start",
        actual=f"0x{end:x}",
        last=not passed,
        source=SOURCE.format("process_segments"),
    )


def check_checksum(device: Device) -> Found:
    """``process_checksum``: the XOR of all segment data equals the last byte of the padding."""
    unpadded = device.next_address - device.start
    length = padded_end(unpadded)
    device.image_length = length + (DIGEST_SIZE if device.header.hash_appended else 0)
    readable = device.flash.holds(device.next_address, length - unpadded)
    stored = device.flash.read(device.start + length - 1, 1)[0]
    calculated = _checksum(device)
    passed = readable and stored == calculated
    silent = not readable and device.version in _READS_CHECKED
    return Found(
        step="checksum",
        outcome=outcome(passed),
        lines=() if passed or silent else device.say("checksum_failed", calculated, stored),
        expected=f"0x{calculated:02x}",
        actual=f"0x{stored:02x}",
        span=device.flash.span(device.start + length - 1, 1),
        reason=None if readable else "the checksum byte is beyond the end of flash",
        err=read_error(device) if silent else ESP_ERR_IMAGE_INVALID,
        last=not readable,
        source=SOURCE.format("process_checksum"),
    )


def check_length(device: Device) -> Found:
    """``process_appended_hash``: the image with its digest fits the partition."""
    length, size = device.image_length, device.partition_size
    if device.version in _LENGTH_ONLY_WITH_DIGEST and device.in_bootloader_slot:
        return Found(
            step="length",
            outcome=Outcome.SKIPPED,
            reason=f"{device.version} does not compare the length of a bootloader",
            source=SOURCE.format("image_load"),
        )
    digest = device.start + length - DIGEST_SIZE
    appended = device.header.hash_appended and device.version in _READS_CHECKED
    if appended and not device.flash.holds(digest, DIGEST_SIZE):
        return Found(
            step="length",
            outcome=Outcome.FAILED,
            reason="the digest is beyond the end of flash",
            err=read_error(device),
            last=True,
            source=SOURCE.format("process_appended_hash"),
        )
    passed = size is None or length <= size
    return Found(
        step="length",
        outcome=outcome(passed),
        lines=() if passed else device.say("image_too_long", length, size),
        expected=None if size is None else f"at most {size} bytes",
        actual=f"{length} bytes",
        reason="no partition size was given" if size is None else None,
        source=SOURCE.format("process_appended_hash"),
    )


def check_digest(device: Device) -> Found:
    """``verify_simple_hash``: the appended SHA-256 is that of everything before it."""
    if not device.header.hash_appended:
        return _skipped("no digest is appended: the checksum alone protects the image")
    if device.in_bootloader_slot:
        return _skipped("a bootloader's digest is not compared: esptool may have changed its header after hashing")
    length = device.image_length - DIGEST_SIZE
    stored = device.flash.read(device.start + length, DIGEST_SIZE).hex()
    calculated = _digest(device, length)
    passed = stored == calculated
    lines = device.say("calculated_hash", calculated)
    if not passed:
        lines += device.say("hash_failed") + device.say("expected_hash", stored)
    return Found(
        step="digest",
        outcome=outcome(passed),
        lines=lines,
        expected=calculated,
        actual=stored,
        span=device.flash.span(device.start + length, DIGEST_SIZE),
        source=SOURCE.format("verify_simple_hash"),
    )


def _skipped(reason: str) -> Found:
    return Found(step="digest", outcome=Outcome.SKIPPED, reason=reason, source=SOURCE.format("image_load"))


def _checksum(device: Device) -> int:
    image = device.image
    if image is not None and image.checksum_calculated is not None and _same_data(device):
        return image.checksum_calculated
    checksum = CHECKSUM_SEED
    for address, count in device.checksum_spans:
        checksum = device.flash.xor(address, count, checksum)
    return checksum


def _digest(device: Device, length: int) -> str:
    image = device.image
    if image is not None and image.digest_calculated is not None and image.end == length:
        return image.digest_calculated
    return device.flash.sha256(length)


def _same_data(device: Device) -> bool:
    """The parsed image has its segments where the device has them."""
    if device.image is None or not device.image.complete:
        return False
    parsed = [(segment.data.start + device.start, segment.data_len) for segment in device.image.segments]
    return parsed == device.checksum_spans
