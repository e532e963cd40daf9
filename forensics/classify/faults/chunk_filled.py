"""The place of chunks holds one repeated byte."""

from __future__ import annotations

from forensics.classify.causes import cause_of
from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, listed, notes, segments_hit, total, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Explanation, Fault, Finding

FAULT = Fault(
    code="OTA206",
    slug="chunk-filled",
    title="the place of chunks holds only filler",
    explanation=Explanation(
        meaning=(
            "The image keeps its length, but some ranges hold 0xFF or 0x00 instead of the sent bytes: "
            "they were skipped, not lost and closed up."
        ),
        symptoms=(
            "esp_image: Checksum failed. Calculated 0x.. read 0x..",
            (
                "esp_image: invalid segment length 0xffffffff or 0x0 (a segment header is in the hole; "
                "a zero length alone is not refused)"
            ),
            "0xFF on chunk edges means never written; 0x00 means a cleared buffer was written",
        ),
        causes=(
            (
                "A receiver that places chunks by offset lost one, and the hole stayed erased (0xFF) or "
                "its fresh buffer was zero."
            ),
            (
                "Out-of-order writes by offset in a mode that erases step by step: "
                "esp_ota_write_with_offset needs the full erase of esp_ota_begin first."
            ),
            "A sector was erased once more after it had been written.",
            (
                "esp_partition_write or esp_ota_write_with_offset failed for this chunk, and the offset "
                "was advanced all the same."
            ),
            (
                "Lost parts in the first two parts of the fbiego protocol likely show as zeros, since "
                "both buffers begin empty."
            ),
        ),
        confirm=(
            (
                "otadiff SENT RECEIVED gives ranges and the value; edges on chunks speak for the "
                "transfer, edges on 4096 for erase."
            ),
            "Log each failed write with its offset on the device.",
        ),
        fix_sender=(
            "Ask the device for the ranges it misses before ending, and send those again.",
            "Use write requests, so that a refused chunk is seen.",
        ),
        fix_device=(
            "Keep a bitmap or count of chunks written, and refuse to call esp_ota_end while one is missing.",
            (
                "Erase the whole image range in esp_ota_begin (image size or OTA_SIZE_UNKNOWN) when "
                "writing by offset; OTA_WITH_SEQUENTIAL_WRITES is for appending only."
            ),
            "Check the return value of every flash write and erase.",
        ),
        confused_with=(
            "OTA202 chunk-missing: the rest closed up, the image is shorter",
            "OTA310 flash-erased: nothing at all was written",
            "OTA311 flash-zero: all segments are zero",
            "OTA205 tail-missing: the filler reaches to the end",
        ),
        sources=(
            "components/app_update/esp_ota_ops.c, esp_ota_write_with_offset, ESP-IDF v5.4",
            "espressif/esp-idf issue 7736 (offset writes out of order)",
            "components/bootloader_support/src/esp_image_format.c, process_checksum, ESP-IDF v5.4",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Places that hold one repeated byte: erased flash, or a buffer that was never filled."""
    edits = facts.of_kind(EditKind.FILLED)
    if not edits:
        return None
    cause = cause_of(facts, edits)
    return finding_of(
        FAULT,
        summary=_summary(edits),
        edits=indexes(edits),
        notes=notes(cause and cause.note, segments_hit(facts, edits), _meaning(edits), consequence(facts)),
        changes=(cause.change,) if cause else None,
    )


def _summary(edits: list[tuple[int, Edit]]) -> str:
    values = listed(sorted({f"0x{edit.value:02x}" for _, edit in edits if edit.value is not None}))
    if total(edits) == 1:
        return f"the place of {what_of(edits[0][1])} holds nothing but {values}"
    return f"{amount(total(edits), 'place')} hold nothing but {values}; first {what_of(edits[0][1])}"


def _meaning(edits: list[tuple[int, Edit]]) -> str | None:
    values = {edit.value for _, edit in edits}
    if values == {0xFF}:
        return "0xff is erased flash: these bytes were never written"
    if values == {0x00}:
        return "0x00 is a buffer that was cleared and then written without being filled"
    return None
