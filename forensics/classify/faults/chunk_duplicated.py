"""Chunks of the image stand in the received copy once more."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import (
    amount,
    consequence,
    finding_of,
    indexes,
    moves_the_rest,
    notes,
    segments_hit,
    total,
    what_of,
)
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Explanation, Fault, Finding

FAULT = Fault(
    code="OTA203",
    slug="chunk-duplicated",
    title="chunks were written twice",
    explanation=Explanation(
        meaning=("A chunk or a run of chunks was stored once more, so every later byte sits too late by the same amount."),
        symptoms=(
            "esp_image: invalid segment length 0x........ (the copy is before a segment header)",
            "esp_image: Checksum failed. Calculated 0x.. read 0x.. (the copy is in the last segment)",
            ("The received image is longer than the sent one; the device counted more bytes than were announced."),
        ),
        causes=(
            (
                "Retransmission of an accepted chunk or sector: the acknowledgment was lost or late, and "
                "the receiver appends what it has already written."
            ),
            "An app retries a write that failed with a timeout although the device had taken it.",
            (
                "A re-append loop: after a size mismatch the receiver writes its last part again "
                "(Incomplete. Expected .. Received ..)."
            ),
            (
                "Long writes are counted twice, or the prepare buffer is not emptied, so that a chunk is "
                "delivered with the one before in front."
            ),
            "The write callback is registered twice, or is called for both the prepare and the execute step.",
        ),
        confirm=(
            "otadiff SENT RECEIVED shows the copy and the chunk it came from.",
            ("In a capture from the air, drop link-layer retransmissions by their SN bit first: they never reach ATT."),
            ("A capture at the sender with the chunk once proves that the device duplicated it; twice proves a retry."),
        ),
        fix_sender=(
            "Do not repeat a chunk after a timeout before the device has said which offset it wants.",
            "Carry offset or sequence number, so that a repeat can be told from the next chunk.",
        ),
        fix_device=(
            (
                "Make a write idempotent: ignore a chunk whose sequence number was accepted already, and "
                "acknowledge it again."
            ),
            "Reset the prepare buffer's length after ESP_GATTS_EXEC_WRITE_EVT.",
            "Stop with an error when more bytes come than were announced, instead of writing them.",
        ),
        confused_with=(
            "OTA212 stream-restarted: the copy is the whole beginning of the image",
            "OTA204 chunk-overwritten: a copy is in place of another chunk, the length is kept",
            "OTA217 bytes-inserted: the extra bytes were never part of the image",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.4.6 Queued writes",
            "components/app_update/esp_ota_ops.c, esp_ota_write, ESP-IDF v5.4",
            "espressif/esp-aws-iot issue 148 (duplicate blocks over MQTT, the same receiver habit)",
            "espressif/esp-idf issues 1612 and 1200, fbiego/ESP32_BLE_OTA_Arduino issue 14",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Sent bytes that are present once more, the rest pushed back."""
    edits = facts.of_kind(EditKind.DUPLICATED)
    if not edits:
        return None
    return finding_of(
        FAULT,
        summary=_summary(facts, [edit for _, edit in edits], total(edits)),
        edits=indexes(edits),
        notes=notes(segments_hit(facts, edits), consequence(facts)),
    )


def _summary(facts: Facts, edits: list[Edit], count: int) -> str:
    first = edits[0]
    size = first.received.size
    if count == 1 and not moves_the_rest(facts, first):
        return f"{what_of(first)} arrived twice"
    if count == 1:
        return f"{what_of(first)} arrived twice; everything after the second copy sits {amount(size, 'byte')} too late"
    return f"{amount(count, 'block')} arrived twice; first {what_of(first)}"
