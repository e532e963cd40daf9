"""The order in which the verifier prints its lines, and which of them end a walk."""

from __future__ import annotations

from enum import IntEnum


class Stage(IntEnum):
    """Stages of ``esp_image_verify`` in order.

    A line of an earlier stage than the last begins another walk.
    """

    PARTITION = 0
    READ = 1
    SHOWN = 2
    HEADER = 3
    SEGMENTS = 4
    END = 5
    CHECKSUM = 6
    LENGTH = 7
    CALCULATED = 8
    DIGEST = 9
    EXPECTED = 10
    CALLER = 11
    """What the caller of the verifier says of the outcome."""


STAGES: dict[str, Stage] = {
    "partition_size_invalid": Stage.PARTITION,
    "header_read": Stage.READ,
    "image_header": Stage.SHOWN,
    "segment_count_read": Stage.SHOWN,
    "invalid_magic_byte": Stage.HEADER,
    "invalid_spi_mode": Stage.HEADER,
    "invalid_spi_speed": Stage.HEADER,
    "invalid_spi_size": Stage.HEADER,
    "segment_count": Stage.HEADER,
    "chip_id_mismatch": Stage.HEADER,
    "chip_rev_too_low": Stage.HEADER,
    "chip_rev_too_high": Stage.HEADER,
    "segment_header_read": Stage.SEGMENTS,
    "segment_data": Stage.SEGMENTS,
    "segment_mapping": Stage.SEGMENTS,
    "segment": Stage.SEGMENTS,
    "segment_cut": Stage.SEGMENTS,
    "free_pages": Stage.SEGMENTS,
    "mmu_page_size": Stage.SEGMENTS,
    "invalid_segment_length": Stage.SEGMENTS,
    "unaligned_segment_length": Stage.SEGMENTS,
    "segment_index_too_high": Stage.SEGMENTS,
    "segment_too_short": Stage.SEGMENTS,
    "app_descriptor_missing": Stage.SEGMENTS,
    "segment_load_address_mismatch": Stage.SEGMENTS,
    "no_free_pages": Stage.SEGMENTS,
    "flash_read_failed": Stage.SEGMENTS,
    "flash_map_failed": Stage.SEGMENTS,
    "segment_invalid": Stage.SEGMENTS,
    "segment_overlaps_bootloader": Stage.SEGMENTS,
    "efuse_rev_too_low": Stage.SEGMENTS,
    "efuse_rev_too_high": Stage.SEGMENTS,
    "image_offset_wrapped": Stage.END,
    "image_end": Stage.END,
    "unpadded_length": Stage.END,
    "padded_length": Stage.END,
    "checksum_read": Stage.END,
    "invalid_total_length": Stage.END,
    "checksum_failed": Stage.CHECKSUM,
    "image_too_long": Stage.LENGTH,
    "calculated_hash": Stage.CALCULATED,
    "hash_failed": Stage.DIGEST,
    "signature_failed": Stage.DIGEST,
    "image_corrupted": Stage.DIGEST,
    "signature_bad": Stage.DIGEST,
    "expected_hash": Stage.EXPECTED,
    "new_image_failed_verification": Stage.CALLER,
    "not_bootable": Stage.CALLER,
    "no_bootable_app": Stage.CALLER,
    "bootloader_header_failed": Stage.CALLER,
}
"""Where each line of a walk stands. ``ota_invalid_magic_byte`` is printed by ``esp_ota_write``, outside
any walk."""

WARNINGS = frozenset(("invalid_spi_mode", "invalid_spi_speed", "invalid_spi_size"))
"""Objections after which the verifier goes on (``verify_image_header``, v2.0 to v4.3)."""

REPEATABLE = frozenset(("segment_load_address_mismatch", "ota_invalid_magic_byte"))
"""Errors that one walk, or one transfer, prints more than once: v2.1 goes on after a misplaced segment."""

EFUSE_REVISIONS = frozenset(("efuse_rev_too_low", "efuse_rev_too_high"))
"""Objections that are printed one after the other (``bootloader_common_check_efuse_blk_validity``)."""

VERIFIER_TAGS = frozenset(("esp_image", "boot_comm", "bootloader_flash", "bootloader_mmap", "bootloader_common"))
"""Tags that speak during a walk; a line of another tag after the last segment shows that the walk came
back."""
