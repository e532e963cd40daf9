"""The device's verification of one image, check by check, and on beyond the first failure."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.model.check import Check, Outcome
from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings, Walk
from forensics.model.image import EspImage
from forensics.spec.versions import SPI_WARNINGS, since
from forensics.verify.device import Device, Found, device_for
from forensics.verify.ending import check_checksum, check_digest, check_end, check_length
from forensics.verify.esp8266 import esp8266_groups
from forensics.verify.header import (
    check_chip,
    check_magic,
    check_partition_size,
    check_revision,
    check_segment_count,
    check_spi,
)
from forensics.verify.segments import check_segment

_MAGIC_BEFORE_CHIP = since("v4.1")
_MAGIC_BEFORE_SPI = since("v4.3.1")
_CHIP_BEFORE_REVISION = since("v4.3.5", "v4.4.5", "v5.0.1", "v5.1")
_ENDING = ("end", "checksum", "length", "digest")

Group = tuple[Found, ...]
"""Checks that the device makes before it acts on a failure of any of them."""


def walk(data: bytes, image: EspImage | None = None, settings: DeviceSettings = DEFAULT_SETTINGS) -> Walk:
    """Make the device's checks over ``data`` as the running firmware of ``settings`` makes them.

    The device stops at its first failure; otadiff goes on as far as the bytes allow and says what each later
    check would have found.

    Args:
        data: The image file.
        image: The same bytes as ``parse_image`` read them, so that checksum and digest are not calculated
            twice.
        settings: The device.

    Raises:
        UsageError: settings that name no chip, version or level.
    """
    device = device_for(data, image, settings)
    groups = esp8266_groups(device) if device.chip.esp8266 else _groups(device)
    checks: list[Check] = []
    lines: list[str] = []
    failure: Found | None = None
    for group in groups:
        stopped = failure
        for found in group:
            checks.append(_check(found, stopped))
            if stopped is None:
                lines.extend(found.lines)
                if failure is None and found.outcome is Outcome.FAILED:
                    failure = found
    return Walk(
        checks=tuple(checks),
        lines=tuple(lines),
        err=failure.err if failure else 0,
        image_length=None if failure else device.image_length,
        idf=str(device.version),
        chip=device.chip.target,
        mmu_page=device.mmu_page,
    )


def _check(found: Found, stopped: Found | None) -> Check:
    """``found`` as the device met it, or as it would have, had it not ``stopped`` before."""
    reached = stopped is None
    would = found.outcome if found.outcome in (Outcome.PASSED, Outcome.FAILED) else None
    return Check(
        step=found.step,
        outcome=found.outcome if reached else Outcome.NOT_REACHED,
        expected=found.expected,
        actual=found.actual,
        span=found.span,
        lines=found.lines if reached else (),
        reason=found.reason if stopped is None else _not_reached(found, stopped),
        would=None if reached else would,
        source=found.source,
    )


def _not_reached(found: Found, stopped: Found) -> str:
    reason = f"the device stopped at {stopped.step}"
    return f"{reason}, and {found.reason}" if found.outcome is Outcome.NOT_REACHED else reason


def _groups(device: Device) -> Iterator[Group]:
    """Every check in the device's order; ends early where the place of the next is not known."""
    yield (check_partition_size(device),)
    for group in _header_groups(device):
        yield group
        if any(found.last for found in group):
            yield from unreachable(*_ENDING)
            return
    yield (check_segment_count(device),)
    for index in range(device.header.segment_count):
        for found in check_segment(device, index):
            yield (found,)
            if found.last:
                yield from unreachable(*_ENDING)
                return
    for check in (check_end, check_checksum, check_length, check_digest):
        found = check(device)
        yield (found,)
        if found.last:
            yield from unreachable(*_ENDING[_ENDING.index(found.step) + 1 :])
            return


def _header_groups(device: Device) -> Iterator[Group]:
    """The checks of ``verify_image_header``, which older releases made all before they gave up."""
    version = device.version
    magic = check_magic(device)
    spi = (check_spi(device),) if version in SPI_WARNINGS else ()
    chip, revision = check_chip(device), check_revision(device)
    if magic.last:
        yield (magic,)
    elif version not in _MAGIC_BEFORE_CHIP:
        yield (magic, chip, revision, *spi)
    elif version not in _MAGIC_BEFORE_SPI:
        yield (magic, *spi)
        yield (chip, revision)
    else:
        yield (magic,)
        if spi:
            yield spi
        yield from ((chip,), (revision,)) if version in _CHIP_BEFORE_REVISION else ((chip, revision),)


def unreachable(*steps: str) -> Iterator[Group]:
    """Checks whose bytes cannot be found because the chain of segments breaks off."""
    for step in steps:
        yield (Found(step=step, outcome=Outcome.NOT_REACHED, reason="the chain of segments breaks off before it"),)
