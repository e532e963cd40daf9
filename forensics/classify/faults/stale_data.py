"""The place of chunks holds data from an earlier time."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, notes, segments_hit, sent_words, total
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Certainty, Explanation, Fault, Finding, Where
from forensics.model.span import ByteSpan
from forensics.spec.flash import SECTOR

FAULT = Fault(
    code="OTA211",
    slug="stale-data",
    title="older data is where chunks should be",
    explanation=Explanation(
        meaning=(
            "The image keeps its length, but some ranges hold what a buffer or the flash held before: "
            "earlier bytes of this image, or of the previous firmware."
        ),
        symptoms=(
            "esp_image: Checksum failed. Calculated 0x.. read 0x..",
            "The file size on the device is right and the transfer ended with success",
            "Strings of the previous firmware's version inside the new image",
        ),
        causes=(
            (
                "A chunk was lost under position addressing, and the buffer still held an older part: "
                "likely the bytes from 32000 earlier in the fbiego protocol."
            ),
            ("The receive buffer is not cleared and the whole of it is written, although a chunk brought fewer bytes."),
            (
                "A write larger than the buffer is rejected, but the old buffer is flashed all the same "
                "(512 bytes in michael-angerer's receiver)."
            ),
            "With OTA_WITH_SEQUENTIAL_WRITES the sectors behind the last write keep the previous image.",
            "A failed flash write left the previous contents of a sector in place.",
        ),
        confirm=(
            ("otadiff SENT RECEIVED names the source range and its distance; a constant distance is the size of a buffer."),
            "Search the foreign bytes in the previous firmware's image.",
        ),
        fix_sender=(
            ("Wait for the device's request before the next part (0xF1 in the fbiego protocol); do not use its fast mode."),
            "Count the chunks of each part and state the count, so that the device can tell.",
        ),
        fix_device=(
            "Count the bytes of each part and refuse it when the count differs from the announced one.",
            "Write the length that arrived, not the size of the buffer; clear the buffer before reuse.",
            "End the transfer when a write is rejected.",
        ),
        confused_with=(
            "OTA204 chunk-overwritten: the place holds a chunk that was just sent, such as the next one",
            "OTA215 harmless-tail: older data only behind the end of the image",
            "OTA210 flash-not-erased: old and new bytes are mixed by AND",
            "OTA214 wrong-image: the whole slot is the older firmware",
        ),
        sources=(
            "fbiego/ESP32_BLE_OTA_Arduino issues 36 and 39, fbiego/fbiego.github.io issue 1",
            "michael-angerer/esp32_ble_ota, the receiver's static buffer of 512 bytes",
            "components/app_update/esp_ota_ops.c, esp_ota_write, need_erase, ESP-IDF v5.4",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Whole sectors that hold bytes of something else: they were not written, and not erased either."""
    edits = [(index, edit) for index, edit in facts.of_kind(EditKind.ALTERED) if _whole_sectors(edit)]
    if not edits:
        return None
    first = edits[0][1]
    sectors = ByteSpan(first.received.start // SECTOR * SECTOR, -(-first.received.end // SECTOR) * SECTOR)
    place = sent_words(sectors) if total(edits) == 1 else amount(total(edits), "place")
    return finding_of(
        FAULT,
        certainty=Certainty.LIKELY,
        summary=f"whole sectors hold bytes that were never sent, in {place}: they still hold older data",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(segments_hit(facts, edits), "the damage begins and ends on 4096-byte sectors", consequence(facts)),
    )


def _whole_sectors(edit: Edit) -> bool:
    """Both edges within some bytes of a sector edge, since bytes may be equal by chance."""
    start, end = edit.received.start, edit.received.end
    return edit.pattern == "noise" and edit.received.size >= SECTOR - 16 and start % SECTOR <= 8 and -end % SECTOR <= 8
