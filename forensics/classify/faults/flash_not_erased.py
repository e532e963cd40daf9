"""The image was written over flash that had not been erased."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, notes, segments_hit, total, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Certainty, Explanation, Fault, Finding, Where

FAULT = Fault(
    code="OTA210",
    slug="flash-not-erased",
    title="flash was written without being erased",
    explanation=Explanation(
        meaning=(
            "NOR flash can only clear bits; erasing a 4096-byte sector sets them. The received bytes are "
            "the sent ones AND what stood there before."
        ),
        symptoms=(
            "esp_image: Checksum failed. Calculated 0x.. read 0x..",
            ("esp_image: invalid segment length 0x........ with a value that is the right one with bits cleared"),
            "The first transfer to a fresh slot works and later ones fail.",
        ),
        causes=(
            (
                "Not erased before the write: esp_partition_write without esp_partition_erase_range, in a "
                "receiver that does without esp_ota_begin."
            ),
            ("esp_ota_begin was given a size smaller than the image: only the sectors of that size are erased."),
            "Chunks are written by offset, out of order, while sectors are erased step by step.",
            "The same chunk was written twice to one place with different contents.",
            "The erase failed (ESP_ERR_FLASH_OP_TIMEOUT) and its return value was ignored.",
        ),
        confirm=(
            "otadiff SENT RECEIVED finds no bit that is 1 in received and 0 in sent, within whole sectors.",
            (
                "Erase the slot by cable (esptool erase-region, parttool.py erase_partition) and send "
                "again; if it works, erasing is missing."
            ),
        ),
        fix_sender=(
            (
                "Announce the exact image length, since esp_ota_begin erases by it; check that it is the "
                "length of the file and not of a chunk or part."
            ),
        ),
        fix_device=(
            ("Give esp_ota_begin the image length, OTA_SIZE_UNKNOWN or OTA_WITH_SEQUENTIAL_WRITES, and check its return."),
            ("With esp_partition_write call esp_partition_erase_range over the length rounded up to 4096 first."),
            "Erase again before each new attempt; do not go on with the handle of a failed one.",
        ),
        confused_with=(
            "OTA207 bytes-altered: bits were also set, which flash cannot do",
            "OTA211 stale-data: the older bytes are there unmixed",
            "OTA206 chunk-filled: 0xFF, so nothing was written there",
        ),
        sources=(
            "components/app_update/esp_ota_ops.c, esp_ota_begin and esp_ota_write, ESP-IDF v5.4",
            "espressif/arduino-esp32 issue 6093 (garbled read-back)",
            "espressif/esp-idf issue 7736 (offset writes and the erase mode)",
        ),
    ),
)

_SEVEN_BITS = bytes(value & 0x7F for value in range(256))


def detect(facts: Facts) -> Finding | None:
    """Bytes in which bits were only cleared: the flash still held older bytes when it was written."""
    edits = [(index, edit) for index, edit in facts.of_kind(EditKind.ALTERED) if _mixed(facts, edit)]
    if not edits:
        return None
    size = sum(edit.received.size for _, edit in edits)
    first = what_of(edits[0][1])
    where = first if total(edits) == 1 else f"{amount(total(edits), 'place')} ({amount(size, 'byte')})"
    return finding_of(
        FAULT,
        certainty=Certainty.LIKELY,
        summary=f"flash was written without being erased: in {where} bits were only cleared",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(
            segments_hit(facts, edits),
            "every received byte is the sent byte AND something else, which is how NOR flash mixes old and new",
            consequence(facts),
        ),
    )


def _mixed(facts: Facts, edit: Edit) -> bool:
    """Bits were only cleared, and not the same one in every byte, which a 7-bit channel would do."""
    if edit.pattern != "and" or edit.sent is None:
        return False
    was = facts.sent.data[edit.sent.start : edit.sent.end]
    now = facts.received.data[edit.received.start : edit.received.end]
    return now != was.translate(_SEVEN_BITS)
