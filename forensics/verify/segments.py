"""The checks that the device makes on each segment (``process_segment``), in ESP-IDF's order and names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forensics.model.check import Outcome
from forensics.spec.chips import DEFAULT_MMU_PAGE
from forensics.spec.esp_err import ESP_ERR_IMAGE_INVALID, ESP_ERR_INVALID_ARG, ESP_ERR_NO_MEM, ESP_FAIL
from forensics.spec.esp_image import (
    APP_DESCRIPTOR_MAGIC,
    APP_DESCRIPTOR_SIZE,
    EFUSE_BLOCK_REVISIONS,
    EFUSE_BLOCK_REVISIONS_OFFSET,
    MAX_LENGTH,
    MMU_PAGE_SIZE_OFFSET,
    SEGMENT_HEADER_SIZE,
)
from forensics.spec.esp_image_records import read_segment_header
from forensics.spec.versions import EFUSE_BLOCK_CHECK, since
from forensics.verify.device import SOURCE, Device, Found, outcome
from forensics.verify.header import COMMON_LOADER, read_error, revision_name

_PAGE_FROM_DESCRIPTOR = since("v5.4")
_DESCRIPTOR_LENGTH_CHECK = since("master")
_PAGE_CLAMPED = since("master")
_FREE_PAGES_CHECK = since("v5.5")
_UNSET_MINIMUM = since("v5.2.3", "v5.3.2", "v5.4")
"""Releases to which a minimum of 65535, as erased flash has it, is none (``IS_FIELD_SET``)."""

_MMU_PAGE_BITS = range(13, 17)
"""Values of ``mmu_page_size`` that master takes: 8 KiB to 64 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """Why a segment is not taken."""

    lines: tuple[str, ...]
    reason: str
    err: int = ESP_ERR_IMAGE_INVALID
    last: bool = False


def check_segment(device: Device, index: int) -> Iterator[Found]:
    """``process_segment``: header, length, alignment and mapping of one segment.

    For segment 0 the eFuse block revision follows, which the device compares while it reads the data.
    """
    address = device.next_address
    data = address + SEGMENT_HEADER_SIZE
    lines = device.say("segment_header_read", index, address)
    if not device.flash.holds(address, SEGMENT_HEADER_SIZE):
        lines += device.say("flash_read_failed", address)
        yield _refused(index, lines, "its header is beyond the end of flash", read_error(device))
        return
    load_addr, data_len = read_segment_header(device.flash.read(address, SEGMENT_HEADER_SIZE))
    lines += device.say("segment_data", data_len, data)
    said, refusal = _verify_segment_header(device, index, load_addr, data_len, data)
    lines += said
    efuse: Found | None = None
    if refusal is None:
        mapped = "map" if device.chip.maps(load_addr, device.version) else ""
        lines += device.say("segment", index, data, load_addr, data_len, data_len, mapped)
        lines += device.say("free_pages", device.free_pages)
        efuse, refusal = _read_segment_data(device, index, data, data_len)
    device.next_address = data + data_len
    device.checksum_spans.append((data, data_len))
    yield Found(
        step=f"segment-{index}",
        outcome=outcome(refusal is None),
        lines=lines + (refusal.lines if refusal else ()),
        expected=_expected(device, load_addr),
        actual=f"load address 0x{load_addr:08x}, {data_len} bytes at flash address 0x{data:x}",
        span=device.flash.span(address, SEGMENT_HEADER_SIZE),
        reason=refusal.reason if refusal else None,
        err=refusal.err if refusal else ESP_ERR_IMAGE_INVALID,
        last=refusal is not None and refusal.last,
        source=SOURCE.format("process_segment"),
    )
    if efuse is not None:
        yield efuse


def _refused(index: int, lines: tuple[str, ...], reason: str, err: int) -> Found:
    return Found(
        step=f"segment-{index}",
        outcome=Outcome.FAILED,
        lines=lines,
        reason=reason,
        err=err,
        last=True,
        source=SOURCE.format("process_segment"),
    )


def _expected(device: Device, load_addr: int) -> str:
    length = f"a multiple of 4 below {MAX_LENGTH} bytes"
    if not device.chip.maps(load_addr, device.version) or not device.mmu_page:
        return length
    return f"{length}, at 0x{load_addr % device.mmu_page:x} of a 0x{device.mmu_page:x} page"


def _verify_segment_header(
    device: Device, index: int, load_addr: int, data_len: int, data: int
) -> tuple[tuple[str, ...], _Refusal | None]:
    """``verify_segment_header``: length, MMU page of the app descriptor, alignment of mapped segments."""
    if data_len % 4 or data_len >= MAX_LENGTH:
        lines = device.say("invalid_segment_length", data_len)
        return (), _Refusal(lines=lines, reason=f"no segment is 0x{data_len:x} bytes long", last=True)
    said: tuple[str, ...] = ()
    if index == 0 and not device.in_bootloader_slot:
        said, refusal = _take_mmu_page(device, data, data_len)
        if refusal is not None:
            return said, refusal
    said += device.say("mmu_page_size", device.mmu_page)
    mapped = device.chip.maps(load_addr, device.version)
    said += device.say("segment_mapping", index, int(mapped), data, load_addr)
    page = device.mmu_page
    if mapped and page and data % page != load_addr % page:
        lines = device.say("segment_load_address_mismatch", index, load_addr, data)
        reason = f"flash address 0x{data:x} and load address 0x{load_addr:x} differ within a 0x{page:x} page"
        return said, _Refusal(lines=lines, reason=reason)
    return said, None


def _take_mmu_page(device: Device, data: int, data_len: int) -> tuple[tuple[str, ...], _Refusal | None]:
    """The page that the app descriptor asks for, on chips whose MMU has more than one."""
    if device.version in _DESCRIPTOR_LENGTH_CHECK and data_len < APP_DESCRIPTOR_SIZE:
        lines = device.say("segment_too_short", 0, data_len)
        return (), _Refusal(lines=lines, reason=f"an app descriptor has {APP_DESCRIPTOR_SIZE} bytes")
    if device.version not in _PAGE_FROM_DESCRIPTOR or not device.chip.mmu_configurable:
        return (), None
    if int.from_bytes(device.flash.read(data, 4), "little") != APP_DESCRIPTOR_MAGIC:
        lines = device.say("app_descriptor_missing")
        return (), _Refusal(lines=lines, reason="segment 0 does not begin with an app descriptor", err=ESP_FAIL)
    bits = device.flash.read(data + MMU_PAGE_SIZE_OFFSET, 1)[0]
    taken = bits in _MMU_PAGE_BITS if device.version in _PAGE_CLAMPED else bits > 0
    # The shift takes the low five bits on these cores, as everything of 32 bits does.
    device.mmu_page = (1 << (bits & 31)) if taken else DEFAULT_MMU_PAGE
    if device.mmu_page == DEFAULT_MMU_PAGE:
        return (), None
    return device.say("mmu_page_size", DEFAULT_MMU_PAGE, device.mmu_page), None


def _read_segment_data(device: Device, index: int, data: int, data_len: int) -> tuple[Found | None, _Refusal | None]:
    """``process_segment_data``: the data is mapped in pieces of as many pages as are free, and read."""
    judged = index == 0 and device.version in EFUSE_BLOCK_CHECK and device.chip.efuse_block and not device.in_bootloader_slot
    efuse: Found | None = None
    for address, size, refusal in _pieces(device, data, data_len):
        if refusal is not None:
            return efuse, refusal
        if judged and size:
            # Each piece of segment 0 is taken for the app descriptor, not only the first.
            efuse = _check_efuse_block_revision(device, address)
            if efuse.outcome is Outcome.FAILED:
                break
    return efuse, None


def _pieces(device: Device, data: int, data_len: int) -> Iterator[tuple[int, int, _Refusal | None]]:
    """Address and size of each piece that the device maps, and why the last cannot be mapped, if so."""
    end = data + data_len
    while data < end:
        partial = 1 if data % DEFAULT_MMU_PAGE else 0
        pages = device.free_pages - partial
        if pages <= 0:
            yield data, 0, _no_pages(device, data, end - data)
            return
        size = min(end - data, pages * DEFAULT_MMU_PAGE)
        if not device.flash.holds(data, size):
            lines = device.say("flash_map_error", ESP_ERR_INVALID_ARG) + device.say("flash_map_failed", data, size)
            reason = f"its data would reach beyond the end of flash (0x{device.flash.size:x})"
            yield data, size, _Refusal(lines=lines, reason=reason, err=ESP_FAIL, last=True)
            return
        yield data, size, None
        data += size


def _no_pages(device: Device, data: int, size: int) -> _Refusal:
    reason = f"{device.free_pages} free MMU pages cannot map its data"
    if device.version in _FREE_PAGES_CHECK:
        return _Refusal(lines=device.say("no_free_pages"), reason=reason, err=ESP_ERR_NO_MEM)
    lines = device.say("flash_map_error", ESP_ERR_NO_MEM) + device.say("flash_map_failed", data, size)
    return _Refusal(lines=lines, reason=reason, err=ESP_FAIL)


def _check_efuse_block_revision(device: Device, address: int) -> Found:
    """``bootloader_common_check_efuse_blk_validity``, with what stands where a descriptor has its bounds."""
    place = address + EFUSE_BLOCK_REVISIONS_OFFSET
    bounds = EFUSE_BLOCK_REVISIONS.parse(device.flash.read(place, EFUSE_BLOCK_REVISIONS.sizeof()))
    low, high = bounds.min_efuse_blk_rev_full, bounds.max_efuse_blk_rev_full
    chip = device.efuse_block_revision
    too_low = chip < low and not (low == 0xFFFF and device.version in _UNSET_MINIMUM)
    bounded = high not in (0, 0xFFFF)
    lines: tuple[str, ...] = ()
    if too_low:
        lines += device.say("efuse_rev_too_low", chip=revision_name(chip), image=revision_name(low))
    if bounded and chip > high:
        lines += device.say("efuse_rev_too_high", chip=revision_name(chip), image=revision_name(high))
    return Found(
        step="efuse-block-revision",
        outcome=outcome(not too_low and not (bounded and chip > high)),
        lines=lines,
        expected=f"{revision_name(low)} or later" + (f", up to {revision_name(high)}" if bounded else ""),
        actual=revision_name(chip),
        span=device.flash.span(place, EFUSE_BLOCK_REVISIONS.sizeof()),
        err=ESP_FAIL,
        source=COMMON_LOADER.format("bootloader_common_check_efuse_blk_validity"),
    )
