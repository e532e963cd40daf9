"""The transfer began again and the device appended it."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, notes
from forensics.model.alignment import EditKind, Layer, LayerKind
from forensics.model.finding import Explanation, Fault, Finding

FAULT = Fault(
    code="OTA212",
    slug="stream-restarted",
    title="the transfer began again in the same slot",
    explanation=Explanation(
        meaning=(
            "A beginning of the image is followed by the image from its start. The sender started over, "
            "and the device went on where it was."
        ),
        symptoms=(
            ("esp_image: invalid segment length 0x........ (the magic byte and the first segments are accepted)"),
            (
                "esp_image: Image length 1212000 doesn't fit in partition length 1048576, or "
                "esp_ota_write fails at the end of the slot"
            ),
            "The log shows a disconnect and a new connection before the failure",
        ),
        causes=(
            (
                "A reconnect restarts at offset 0 without a new esp_ota_begin: the device keeps its "
                "handle and write position."
            ),
            "The app's start command is ignored while a transfer is open.",
            "A retry button or an automatic retry sends the whole file again on the same connection.",
            "The disconnect was not seen by the OTA code, only by the GAP handler.",
        ),
        confirm=(
            "otadiff SENT RECEIVED shows the first bytes of the image once more, and where.",
            "Look for 0xE9 and the app descriptor 32 54 CD AB a second time in the received data.",
        ),
        fix_sender=(
            ("After a reconnect ask the device for its offset and go on there, or send an explicit abort and start."),
        ),
        fix_device=(
            (
                "In ESP_GATTS_DISCONNECT_EVT or BLE_GAP_EVENT_DISCONNECT call esp_ota_abort and reset "
                "handle, counters and buffers."
            ),
            "On a start command always abort an open transfer and call esp_ota_begin again.",
            "Refuse more bytes than were announced.",
        ),
        confused_with=(
            "OTA203 chunk-duplicated: a chunk or a sector twice, not the beginning",
            "OTA312 short-write-ended-transfer: each later chunk starts a new transfer",
            "OTA102 merged-image: several images in the file itself",
        ),
        sources=(
            "components/app_update/esp_ota_ops.c, esp_ota_write and esp_ota_abort, ESP-IDF v5.4",
            ("ClaesClaes/Arduino-ESP32-BLE-OTA-iOS-SwiftUI issue 5 (retries that end in checksum and end failures)"),
        ),
    ),
)

_SHORTEST = 512


def detect(facts: Facts) -> Finding | None:
    """The stream begins again from the start of the image behind what had already arrived."""
    edits = [
        (index, edit)
        for index, edit in facts.of_kind(EditKind.DUPLICATED)
        if edit.sent and edit.sent.start == 0 and edit.sent.size >= _SHORTEST and not edit.repeat
    ]
    again = next((layer for layer in facts.alignment.layers if layer.kind is LayerKind.ATTEMPT), None)
    if again is not None:
        return _attempt(facts, again)
    if not edits:
        return None
    at = edits[0][1].received.start
    return finding_of(
        FAULT,
        summary=f"after {amount(at, 'byte')} the stream began again from the start of the image",
        edits=indexes(edits),
        notes=notes("what had arrived before was kept in front of the second attempt", consequence(facts)),
    )


def _attempt(facts: Facts, again: Layer) -> Finding:
    """Two attempts, each with faults of its own; what both of them brought arrived twice."""
    edits = facts.of_kind(EditKind.DUPLICATED)
    where = "from the start of the image" if again.sent == 0 else f"at byte {again.sent} of the image"
    return finding_of(
        FAULT,
        summary=f"after {amount(again.received or 0, 'byte')} the stream began again {where}",
        edits=indexes([one for one in edits if one[1].received.size >= _SHORTEST]),
        notes=notes("what had arrived before was kept in front of the second attempt", consequence(facts)),
    )
