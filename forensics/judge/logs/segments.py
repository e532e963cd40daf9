"""OTA307: a segment that cannot stand where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.file import REACHED_BY_24_BITS
from forensics.judge.logs.length import doubt_note
from forensics.judge.logs.looks import word_words
from forensics.judge.logs.wording import finding, headers_note, read_back, with_sent
from forensics.judge.wording import Advice
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.text import file_argument
from forensics.spec.chips import CHIPS

KINDS = (
    "segment_load_address_mismatch", "segment_invalid", "segment_overlaps_bootloader", "segment_index_too_high",
    "segment_too_short", "app_descriptor_missing", "image_offset_wrapped", "invalid_total_length",
)  # fmt: skip
_FLASH_KINDS = ("no_free_pages", "flash_read_failed", "flash_map_failed")
_LARGEST_FLASH = 0x8000000
_NO_PAGES = (
    "the bytes were not judged: most often the running app maps so much flash that no free MMU pages are left, or a flash "
    "operation failed"
)
_WRAPS = (
    "the slot is above 16 MiB: without 32-bit flash addresses (CONFIG_BOOTLOADER_CACHE_32BIT_ADDR_QUAD_FLASH) reads wrap to "
    "the bottom of the flash"
)
_PAGE = 0x10000
_SMALL_PAGES = (0x8000, 0x4000)
_FIRST_DATA = 0x20
"""File offset of segment 0's data."""


def detect(case: Case) -> Iterator[Finding]:
    """The device's own line, read for what it says of the bytes."""
    for failure in case.failures_of(*KINDS):
        proof = failure.proof
        page = _built_for(case, failure)
        if page is not None:
            yield _other_page(case, failure, page)
            continue
        yield finding(
            "segment-misplaced",
            Certainty.PROVEN,
            _summary(failure),
            failure=failure,
            notes=(
                _meaning(failure),
                _WRAPS if (failure.walk.image_start or 0) >= REACHED_BY_24_BITS else None,
                headers_note(proof),
                doubt_note(proof),
            ),
            help=(
                *with_sent(case, "it tells whether the file is linked so, or bytes were lost"),
                *read_back(case, failure),
            ),
        )


def _built_for(case: Case, failure: Failure) -> int | None:
    """The smaller MMU page for which the image was linked: its addresses agree with their places in pages of that size."""
    if failure.error.kind != "segment_load_address_mismatch":
        return None
    sent = case.sent.mmu_page if case.sent is not None else None
    address = failure.number("load_addr")
    off = (failure.number("data_offset") - address) % _PAGE
    begin = failure.number("data_offset") - _FIRST_DATA if failure.number("index") == 0 else failure.walk.image_start or 0
    if begin % _PAGE:
        return None
    able = {page for chip in CHIPS if chip.maps(address) for page in chip.mmu_pages}
    return next((page for page in _SMALL_PAGES if off % page == 0 and page in able and sent in (None, page)), None)


def _other_page(case: Case, failure: Failure, page: int) -> Finding:
    return finding(
        "segment-misplaced",
        Certainty.LIKELY if case.sent is None else Certainty.PROVEN,
        f"the image was built for flash pages of {page >> 10} KB, and the device's firmware has pages of {_PAGE >> 10} KB",
        failure=failure,
        where=Where.FILE,
        notes=(
            "ESP-IDF takes the page from the flash size: 32 KB for 2 MB of flash and 16 KB for 1 MB, on chips that can",
            headers_note(failure.proof),
        ),
        help=(
            Advice(
                Where.FILE,
                "build the app for the flash size of the device's own firmware (CONFIG_ESPTOOLPY_FLASHSIZE), "
                "and see the page of a file with inspect",
                (("otadiff", "inspect", file_argument(case.sent.name if case.sent is not None else "sent.bin")),),
            ),
        ),
        changes=(),
        values={"page": page, "device_page": _PAGE},
    )


def detect_flash(case: Case) -> Iterator[Finding]:
    """OTA318: the device could not read or map its flash, so it judged nothing."""
    for failure in case.failures_of(*_FLASH_KINDS):
        number = failure.number
        address, length = number("address"), number("length")
        past = address + length > _LARGEST_FLASH
        summary = {
            "no_free_pages": "the device had no MMU page left to map the image for verifying",
            "flash_read_failed": f"the device could not read flash at 0x{address:x}",
            "flash_map_failed": f"the device could not map 0x{length:x} bytes at flash 0x{address:x} for verifying",
        }[failure.error.kind]
        yield finding(
            "segment-misplaced" if past else "flash-access-failed",
            Certainty.LIKELY if past else Certainty.PROVEN,
            summary,
            failure=failure,
            where=Where.UNKNOWN if past else Where.DEVICE,
            notes=(
                "the range ends past 128 MiB, so the length in the segment header before it is wrong" if past else _NO_PAGES,
                headers_note(failure.proof),
            ),
            help=read_back(case, failure),
        )


def _summary(failure: Failure) -> str:
    kind, number = failure.error.kind, failure.number
    if kind == "segment_load_address_mismatch":
        return (
            f"segment {number('index')} is to be mapped at 0x{number('load_addr'):08x} and is at flash "
            f"0x{number('data_offset'):08x}, "
            "another place in its page"
        )
    if kind in ("segment_invalid", "segment_overlaps_bootloader"):
        reason = failure.error.fields.get("reason", "overlaps the bootloader's memory")
        start = f"0x{number('start'):08x} to " if "start" in failure.error.fields else "up to "
        return f"segment {number('index')} cannot be loaded to {start}0x{number('end'):08x}: {reason}"
    texts = {
        "segment_index_too_high": f"segment {number('index')} is more than the {number('segment_count')} that the "
        "header names",
        "segment_too_short": f"segment {number('index')} has 0x{number('length'):x} bytes, too few for the app descriptor",
        "app_descriptor_missing": "segment 0 does not begin with an app descriptor",
        "image_offset_wrapped": "the segments reach past the end of all addresses",
        "invalid_total_length": f"the image would have 0x{number('length'):x} bytes",
    }
    return texts[kind]


def _meaning(failure: Failure) -> str | None:
    kind, number = failure.error.kind, failure.number
    if kind == "segment_load_address_mismatch":
        return _shift(number("index"), number("data_offset"), number("load_addr"))
    if kind in ("image_offset_wrapped", "invalid_total_length"):
        return (
            "the place is outside of what can be there: the length in the header before it is wrong, or flash "
            "is smaller than set"
        )
    if kind == "app_descriptor_missing":
        return (
            "a bootloader or another file was sent, or the first bytes were lost; v5.4 and later ask for it on "
            "chips with a variable page size"
        )
    return None


def _shift(index: int, data_offset: int, load_addr: int) -> str:
    start = data_offset - _FIRST_DATA
    if index == 0 and start % _PAGE:
        return (
            f"the slot begins at 0x{start:x}, which is not a multiple of 0x{_PAGE:x}: no image that is linked as "
            "usual fits there"
        )
    off = (data_offset - load_addr) % _PAGE
    shift = off if off < _PAGE // 2 else off - _PAGE
    words = word_words(load_addr)
    looks = f"; the address looks like {words}" if words and words.startswith("text") else ""
    return (
        f"it is {abs(shift)} bytes too {'late' if shift > 0 else 'early'} in its 64 KiB page: bytes were inserted or lost "
        f"before it, or the image was linked for another page size{looks}"
    )
