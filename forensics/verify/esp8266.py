"""The walk on an ESP8266, whose verifier is that of ESP-IDF v3.0 with fewer checks and an 8-byte header.

Source: ESP8266_RTOS_SDK v3.4, components/bootloader_support/src/esp_image_format.c. Version 2 images (magic
0xEA), which that SDK does not write, are walked as esptool 5.6 reads them (``ESP8266V2FirmwareImage``) and
print nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from forensics.model.check import Outcome
from forensics.spec.esp_image import (
    COMMON_HEADER_SIZE,
    ESP8266_V2_MAGIC,
    SEGMENT_HEADER_SIZE,
)
from forensics.spec.esp_image_records import read_esp8266_header, read_segment_header
from forensics.verify.device import Device, Found, outcome
from forensics.verify.ending import check_checksum, check_end, check_length
from forensics.verify.header import (
    check_magic,
    check_partition_size,
    check_segment_count,
    check_spi,
    read_error,
)

_SOURCE = "ESP8266_RTOS_SDK components/bootloader_support/src/esp_image_format.c: {}"
_ENDING = (check_end, check_checksum, check_length)


def esp8266_groups(device: Device) -> Iterator[tuple[Found, ...]]:
    """Every check in the order of ``esp_image_load``; ends early where the place of the next is not known."""
    version_2 = device.header.magic == ESP8266_V2_MAGIC
    if version_2:
        device.level = "none"
    yield (check_partition_size(device),)
    magic = check_magic(device)
    yield (magic,) if magic.last else (magic, check_spi(device))
    if magic.last:
        return
    count = device.header.segment_count
    first = 0
    if version_2:
        code = _check_segment(device, 0)
        device.checksum_spans.clear()  # The code stays in flash, outside the checksum.
        yield (code,)
        if code.last:
            return
        count = 1 + _inner_segment_count(device)
        first = 1
    else:
        yield (check_segment_count(device),)
    for index in range(first, count):
        found = _check_segment(device, index)
        yield (found,)
        if found.last:
            return
    for check in _ENDING:
        yield (check(device),)
    reason = "the SDK compares no digest by default"
    yield (Found(step="digest", outcome=Outcome.SKIPPED, reason=reason, source=_SOURCE.format("esp_image_load")),)


def _inner_segment_count(device: Device) -> int:
    """Segments of the second header of a version 2 image, directly after the code."""
    address = device.next_address
    device.next_address = address + COMMON_HEADER_SIZE
    return read_esp8266_header(device.flash.read(address, COMMON_HEADER_SIZE)).segment_count


def _check_segment(device: Device, index: int) -> Found:
    """``process_segment``: the only rule for a segment is a length in whole words."""
    address = device.next_address
    data = address + SEGMENT_HEADER_SIZE
    lines = device.say("segment_header_read", index, address)
    load_addr, data_len = read_segment_header(device.flash.read(address, SEGMENT_HEADER_SIZE))
    reason, err = None, 0x2002
    if not device.flash.holds(address, SEGMENT_HEADER_SIZE):
        lines += device.say("flash_read_failed", address)
        reason, err = "its header is beyond the end of flash", read_error(device)
    else:
        lines += device.say("segment_data", data_len, data)
        if data_len % 4:
            lines += device.say("unaligned_segment_length", data_len)
            reason = f"no segment is 0x{data_len:x} bytes long"
        else:
            mapped = "map" if device.chip.maps(load_addr) else ""
            lines += device.say("segment", index, data, load_addr, data_len, data_len, mapped)
            if not device.flash.holds(data, data_len):
                reason, err = "its data would reach beyond the end of flash", read_error(device)
    device.next_address = data + data_len
    device.checksum_spans.append((data, data_len))
    return Found(
        step=f"segment-{index}",
        outcome=outcome(reason is None),
        lines=lines,
        expected="a multiple of 4 bytes",
        actual=f"load address 0x{load_addr:08x}, {data_len} bytes at flash address 0x{data:x}",
        span=device.flash.span(address, SEGMENT_HEADER_SIZE),
        reason=reason,
        err=err,
        last=reason is not None,
        source=_SOURCE.format("process_segment"),
    )
