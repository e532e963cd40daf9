"""Lines of the image verifier: tags ``esp_image``, ``boot_comm`` and, for the hashes, ``boot``.

Source: ``components/bootloader_support/src/esp_image_format.c`` and ``bootloader_common.c``
(``bootloader_common_loader.c`` from v4.3), ESP-IDF v2.0 to master.
"""

from __future__ import annotations

from forensics.spec.log_lines.releases import releases
from forensics.spec.log_lines.template import LineTemplate, LineUse

_CHIP_CHECKED = "v3.1.7+ v3.2.4+ v3.3.1+ v4.0-"
_FULL_REVISIONS = "v4.4.5+ v5.0.1+ v5.1-v5.4"


_LEVELS = {
    "header_read": "debug",
    "image_header": "debug",
    "segment_header_read": "verbose",
    "segment_data": "verbose",
    "segment_mapping": "verbose",
    "segment": "info",
    "free_pages": "debug",
    "image_end": "verbose",
    "calculated_hash": "debug",
    "expected_hash": "debug",
    "invalid_spi_mode": "warning",
    "invalid_spi_size": "warning",
}
"""Levels of the verifier's lines; its other objections are errors."""

_NOT_MODELLED = (
    "segment_invalid", "segment_overlaps_bootloader", "segment_index_too_high", "invalid_total_length", "invalid_spi_speed",
    "signature_failed", "image_corrupted", "signature_bad",
)  # fmt: skip
"""Objections that no walk of otadiff makes: they depend on the bootloader's own memory, on keys, or are older than v3.0."""

_OF_BOOT_COMM = (
    "chip_id_mismatch", "chip_rev_too_low", "chip_rev_too_high", "efuse_rev_too_low", "efuse_rev_too_high",
)  # fmt: skip


def _walk(kind: str, text: str, versions: str, *, level: str | None = None) -> LineTemplate:
    level = _LEVELS.get(kind, "") if level is None else level
    tags = (("esp_image", "v2.0-v4.0"), ("boot", "v4.1-")) if kind.endswith("_hash") else (("esp_image", ""),)
    return LineTemplate(kind=kind, text=text, use=LineUse.WALK, versions=versions, level=level, tags=tags)


def _error(kind: str, text: str, versions: str, *, says: tuple[str, ...] = (), **constants: int | str) -> LineTemplate:
    return LineTemplate(
        kind=kind,
        text=text,
        use=LineUse.ERROR,
        versions=versions,
        constants=tuple(constants.items()),
        level="" if kind in _NOT_MODELLED or not versions else _LEVELS.get(kind, "error"),
        tags=(("boot_comm" if kind in _OF_BOOT_COMM else "esp_image", ""),),
        says=says,
    )


def _cut(kind: str, text: str, versions: str) -> LineTemplate:
    """A line of which a terminal or a tool left out the end."""
    return LineTemplate(kind=kind, text=text, use=LineUse.WALK, versions=versions, cut=True)


def _known(text: str, versions: str) -> LineTemplate:
    return LineTemplate(kind="known", text=text, use=LineUse.KNOWN, versions=versions)


WALK_LINES = (
    _walk("header_read", "reading image header @ 0x{address:x}", "v2.0-"),
    _walk(
        "image_header",
        "image header: 0x{magic:x2} 0x{segment_count:x2} 0x{spi_mode:x2} 0x{spi_size:x2} {entry_addr:x8}",
        "v3.0-",
    ),
    _walk("segment_count_read", "reading {segment_count:d} image segments", "v2.0-v2.1"),
    _walk("segment_header_read", "loading segment header {index:d} at offset 0x{address:x}", "v2.0-"),
    _walk("segment_data", "segment data length 0x{data_len:x} data starts 0x{data_start:x}", "v2.0-"),
    _walk(
        "segment_mapping",
        "segment {index:d} map_segment {mapped:d} segment_data_offs 0x{data_start:x} load_addr 0x{load_addr:x}",
        "v2.1-",
    ),
    _walk(
        "segment",
        "segment {index:d}: paddr=0x{paddr:x8} vaddr=0x{vaddr:x8} size=0x{size:x5} ({decimal:d6})[[ {map:placed}]]",
        "v2.0-v4.2",
    ),
    _walk(
        "segment",
        "segment {index:d}: paddr={paddr:x8} vaddr={vaddr:x8} size={size:x5}h ({decimal:d6})[[ {map:placed}]]",
        "v4.3-",
    ),
    _cut("segment", "segment {index:d}: paddr=0x{paddr:x8} vaddr=0x{vaddr:x8} size=0x{size:x} (", "v2.0-v4.2"),
    _cut("segment", "segment {index:d}: paddr={paddr:x8} vaddr={vaddr:x8} size={size:x}h", "v4.3-"),
    _cut("segment_cut", "segment {index:d}: paddr=", "v2.0-"),
    _walk("free_pages", "free data page_count 0x{free_pages:x8}", "v3.0-"),
    _walk("mmu_page_size", "MMU page size 0x{page_size:x}", "v5.4-", level="verbose"),
    _walk(
        "mmu_page_size",
        "MMU page size mismatch, configured: 0x{configured:x}, found: 0x{page_size:x}",
        "v5.4-",
        level="info",
    ),
    _walk("image_end", "image start 0x{start:x8} end of last section 0x{end:x8}", "v3.0-"),
    _walk("unpadded_length", "unpadded image length 0x{length:x}", "v2.0-v2.1"),
    _walk("padded_length", "padded image length 0x{length:x}", "v2.0-v2.1"),
    _walk("checksum_read", "reading checksum block at 0x{address:x}", "v2.0-v2.1"),
    _walk("calculated_hash", "Calculated hash: {digest:digest4}", "v3.0-v3.1"),
    _walk("calculated_hash", "Calculated hash: {digest:digest}", "v3.2-"),
    _walk("calculated_hash", "Calculated secure boot hash: {digest:digest}", "v3.0-", level=""),
    _walk("expected_hash", "Expected hash: {digest:digest4}", "v3.0-v3.1"),
    _walk("expected_hash", "Expected hash: {digest:digest}", "v3.2-"),
)
"""What a walk says of an image while it reads it."""

HEADER_ERRORS = (
    _error(
        "invalid_magic_byte",
        "image at 0x{address:x} has invalid magic byte (nothing flashed here?)",
        "v4.3.1+ v4.4-",
    ),
    _error("invalid_magic_byte", "image at 0x{address:x} has invalid magic byte", "v2.0-v4.2 v4.3.0"),
    _error("invalid_spi_mode", "image at 0x{address:x} has invalid SPI mode {value:d}", "v2.0-v4.3"),
    _error("invalid_spi_speed", "image at 0x{address:x} has invalid SPI speed {value:d}", "v2.0-v4.3"),
    _error("invalid_spi_size", "image at 0x{address:x} has invalid SPI size {value:d}", "v2.0-v4.3"),
    _error("segment_count", "image at 0x{address:x} segment count {value:d} exceeds max {maximum:d}", "v3.0-"),
    _error("partition_size_invalid", "partition size 0x{size:x} invalid, larger than 16MB", "v3.0-"),
    _error("chip_id_mismatch", "mismatch chip ID, expected {expected:d}, found {found:d}", _CHIP_CHECKED),
    _error("chip_id_mismatch", "image has invalid chip ID, expected at least {expected:d}, found {found:d}", ""),
    _error(
        "chip_rev_too_low",
        "image has invalid chip revision, expected at least {expected:d}, found {found:d}",
        "",
    ),
    _error(
        "chip_rev_too_low",
        "can't run on lower chip revision, expected {expected:d}, found {found:d}",
        "v3.1.7+ v3.2.4+ v3.3.1+ v4.0-v4.2",
        says=("chip", "image"),
    ),
    _error(
        "chip_rev_too_low",
        "This chip is revision {found:d} but the application is configured for minimum revision {expected:d}. Can't run.",
        "v4.3.0-v4.3.4 v4.4.0-v4.4.4 v5.0.0",
        says=("chip", "image"),
    ),
    _error(
        "chip_rev_too_low",
        "Image requires chip rev >= {min:v}, but chip is {chip:v}",
        "v4.3.5+ " + _FULL_REVISIONS,
        says=("image", "chip"),
    ),
    _error(
        "chip_rev_too_high",
        "Image requires chip rev <= {max:v}, but chip is {chip:v}",
        _FULL_REVISIONS,
        says=("image", "chip"),
    ),
    _error(
        "chip_rev_too_low",
        "chip revision check failed. Required >= {min:v}, found {chip:v}.",
        "v5.5-",
        says=("image", "chip"),
    ),
    _error(
        "chip_rev_too_high",
        "chip revision check failed. Required <= {max:v}, found {chip:v}.",
        "v5.5-",
        says=("image", "chip"),
    ),
)
"""The verifier's objections to the image header."""

SEGMENT_ERRORS = (
    _error("invalid_segment_length", "invalid segment length 0x{length:x}", "v2.0-"),
    _error("unaligned_segment_length", "unaligned segment length 0x{length:x}", "v3.0-"),
    _error("segment_index_too_high", "index {index:d} higher than segment count {segment_count:d}", "v2.0-v2.1"),
    _error(
        "segment_too_short",
        "Segment {index:d}: length 0x{length:x} is too short for app description",
        "master",
    ),
    _error("app_descriptor_missing", "Failed to fetch app description header!", "v5.4-"),
    _error(
        "segment_load_address_mismatch",
        "Segment {index:d} load address 0x{load_addr:x8}, doesn't match data 0x{data_offset:x8}",
        "v3.0-",
    ),
    _error(
        "segment_load_address_mismatch",
        "Segment {index:d} has load address 0x{load_addr:x8}, conflict with segment data at 0x{data_offset:x8}",
        "v2.1",
    ),
    _error("no_free_pages", "No free MMU pages are available", "v5.5-"),
    _error("flash_read_failed", "bootloader_flash_read failed at 0x{address:x8}", "v3.0-"),
    _error("flash_map_failed", "bootloader_mmap(0x{address:x}, 0x{length:x}) failed", "v3.0-"),
    *(
        _error(
            "segment_invalid",
            "Segment {index:d} 0x{start:x8}-0x{end:x8} invalid: " + reason,
            "v3.3.6 v4.1-",
            reason=reason,
        )
        for reason in (
            "overlaps bootloader stack",
            "overlaps bootloader data",
            "overlaps loader IRAM",
            "bad load address range",
        )
    ),
    _error("segment_invalid", "Segment {index:d} 0x{start:x8}-0x{end:x8} invalid: {reason:text}", "v3.3.6 v4.1-"),
    _error(
        "segment_overlaps_bootloader",
        "Segment {index:d} end address 0x{end:x8} too high (bootloader stack 0x{limit:x8} liimit 0x{stack:x8})",
        "v3.0.0-v3.0.5 v3.1.0",
    ),
    _error(
        "segment_overlaps_bootloader",
        "Segment {index:d} end address 0x{end:x8} too high (bootloader stack 0x{limit:x8} limit 0x{stack:x8})",
        "v3.0.6+ v3.1.1+ v3.2 v3.3.0-v3.3.5 v4.0",
    ),
    _error(
        "segment_overlaps_bootloader",
        "Segment {index:d} (0x{start:x8}-0x{end:x8}) overlaps bootloader IRAM (0x{limit:x8}-0x{stack:x8})",
        "v3.0.6+ v3.1.1+ v3.2 v3.3.0-v3.3.5 v4.0",
    ),
    _error("image_offset_wrapped", "image offset has wrapped", "v2.0-"),
    _error(
        "efuse_rev_too_low",
        "Image requires efuse blk rev >= {min:v}, but chip is {chip:v}",
        "v5.2.3+ v5.3.2+ v5.4-",
        says=("image", "chip"),
    ),
    _error(
        "efuse_rev_too_high",
        "Image requires efuse blk rev <= {max:v}, but chip is {chip:v}",
        "v5.2.3+ v5.3.2+ v5.4-",
        says=("image", "chip"),
    ),
    _error("efuse_rev_too_low", "efuse blk rev = {chip:v} < min rev {min:v}", "v5.1.7", says=("chip", "image")),
    _error("efuse_rev_too_high", "efuse blk rev = {chip:v} > max rev {max:v}", "v5.1.7", says=("chip", "image")),
)
"""The verifier's objections to a segment, or to what it could read of one."""

END_ERRORS = (
    _error("invalid_total_length", "invalid total length 0x{length:x}", "v2.0-v2.1"),
    _error("checksum_failed", "checksum failed. Calculated 0x{calculated:x} read 0x{read:x}", "v2.0-v2.1"),
    _error("checksum_failed", "Checksum failed. Calculated 0x{calculated:x} read 0x{read:x}", "v3.0-"),
    _error("image_too_long", "Image length {length:d} doesn't fit in partition length {partition:d}", "v3.0-"),
    _error("hash_failed", "Image hash failed - image is corrupt", "v3.0-"),
    _error("signature_failed", "Secure boot signature verification failed", "v3.0-"),
    _error("image_corrupted", "image corrupted on flash", "v3.0-"),
    _error("signature_bad", "image valid, signature bad", "v3.0-"),
)
"""The verifier's objections to the whole image."""

OTHER_LINES = (
    _known("Skipping RTC {...} at 0x{address:x}", "v3.0-"),
    _known("skipping checksum for segment", "v4.1-"),
    _known("additional anti-rollback check 0x{value:x}", "v4.4.7+ v5.0.7+ v5.1.4+ v5.2.1+ v5.3-"),
    _known("Ignoring invalid SHA-256 as running on FPGA", "v4.3-"),
    _known("Verifying image signature...", "v3.1.1+ v3.2-"),
    _known("Calculating simple hash to check for corruption...", "v3.0-"),
    _known("Bootloader offset{...}", "v5.5-"),
    LineTemplate(
        kind="chip_revision_compared",
        text="chip revision: {chip:d}, min. application chip revision: {min:d}",
        use=LineUse.KNOWN,
        versions="v3.1.7+ v3.2.4+ v3.3.1+ v4.0",
        level="info",
        tags=(("boot_comm", ""),),
        says=("chip", "image"),
    ),
    _known("chip revision: {chip:d}, min. {what:w} chip revision: {min:d}", "v3.1.7-v4.3.4 v4.4.4 v5.0.0"),
    _known("Both OTA copies are valid", "v3.3-"),
    _known("Only otadata[{index:d}] is valid", "v3.3-"),
    _known("mapped partition table 0x{address:x} at 0x{mapped:x}", "v3.0-"),
)

SEGMENT_ADDRESS_OF_HEADER = releases("v2.0-v2.1")
"""Releases whose ``paddr`` is the address of the segment header, 8 bytes before its data
(``bootloader_start.c``, v2.1)."""

LINES = (*WALK_LINES, *HEADER_ERRORS, *SEGMENT_ERRORS, *END_ERRORS, *OTHER_LINES)
