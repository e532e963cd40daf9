"""The end of the image never reached the flash."""

from __future__ import annotations

from forensics.classify.causes import cause_of
from forensics.classify.facts import Facts
from forensics.classify.wording import amount, chunk_words, consequence, finding_of, indexes, notes
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Explanation, Fault, Finding

FAULT = Fault(
    code="OTA205",
    slug="tail-missing",
    title="the end of the image is missing",
    explanation=Explanation(
        meaning=(
            "The received bytes are a correct beginning of the image, and then it stops. What is "
            "behind is erased flash, zeros or older data."
        ),
        symptoms=(
            "esp_image: invalid segment length 0xffffffff (the transfer ended before this segment header)",
            "esp_image: Checksum failed. Calculated 0x.. read 0xff (or read 0x0: the tail holds zeros)",
            "Expected hash: ffffffff... (only the last 32 bytes were not written)",
            "esp_image: invalid segment length 0x76727000 and the like: older data follows the end",
        ),
        causes=(
            (
                "The last partial chunk was not sent, or the receiver did not flush its buffer: image "
                "length modulo chunk size is missing."
            ),
            "A disconnect in mid-transfer, and the firmware calls esp_ota_end all the same.",
            ("A staging file system or partition was too small for the image, and the failed write went unnoticed."),
            "The sender closed the link right after the last write command, with chunks still in its queue.",
            "The announced length was that of another file, or a u16 counter wrapped.",
        ),
        confirm=(
            ("otadiff SENT RECEIVED gives the exact length; compare it with a multiple of the chunk size, 4096 or 16000."),
            "Look in the device log for a disconnect reason (0x8, 0x13, 520, 531) before esp_ota_end.",
        ),
        fix_sender=(
            "Send the remainder: loop over the length, not over length divided by chunk size.",
            "End with a write request and wait for the device's result before disconnecting.",
        ),
        fix_device=(
            ("Compare bytes written with the announced length; call esp_ota_abort on disconnect, never esp_ota_end."),
            "Flush the staging buffer at the end, and check the free space before the start.",
            "Check every return of esp_ota_write and of the file system's write.",
        ),
        confused_with=(
            "OTA312 short-write-ended-transfer: the receiver took a short write for the last one",
            "OTA202 chunk-missing: bytes are lost and later ones follow",
            "OTA215 harmless-tail: the difference is after the end of the image",
            "OTA308 image-too-long: the slot was too small",
        ),
        sources=(
            (
                "components/bootloader_support/src/esp_image_format.c, verify_segment_header and "
                "process_checksum, ESP-IDF v5.4"
            ),
            "components/app_update/esp_ota_ops.c, esp_ota_end and esp_ota_abort, ESP-IDF v5.4",
            (
                "fbiego/fbiego.github.io issue 1 (the last 140 bytes), fbiego/ESP32_BLE_OTA_Arduino issue "
                "32 (113201 bytes free, 625024 needed)"
            ),
            "ESP32 forum topic 13496 (esp_ota_end after a disconnect, confirmed by Espressif)",
        ),
    ),
)

_CONTENT = {
    "erased": "the flash there is erased (0xff)",
    "zero": "zeros are there",
    "stale": "older sent bytes are there",
    "unknown": "other bytes are there, probably of an older firmware",
}


def detect(facts: Facts) -> Finding | None:
    """The end of sent never arrived."""
    edits = facts.of_kind(EditKind.TRUNCATED)
    if not edits:
        return None
    edit = edits[0][1]
    content = edit.content or ("erased" if facts.erased_tail else "")
    cause = cause_of(facts, edits)
    return finding_of(
        FAULT,
        summary=_summary(facts, edit),
        edits=indexes(edits),
        notes=notes(cause and cause.note, _CONTENT.get(content), _cut(facts, edit), consequence(facts)),
        changes=(cause.change,) if cause else None,
    )


def _summary(facts: Facts, edit: Edit) -> str:
    lost = edit.sent.size if edit.sent else 0
    arrived = len(facts.sent.data) - lost
    if arrived == 0:
        return f"nothing of the image arrived: all {amount(lost, 'byte')} are missing"
    chunks = f" ({chunk_words(edit)})" if edit.chunks else ""
    if len(facts.alignment.edits) > 1:
        return f"the last {amount(lost, 'byte')}{chunks} never arrived"
    return f"the last {amount(lost, 'byte')}{chunks} never arrived; only the first {amount(arrived, 'byte')} did"


def _cut(facts: Facts, edit: Edit) -> str | None:
    if edit.sent is None or not facts.chunking.size:
        return None
    on_edge = "on a chunk edge, so whole writes are missing" if edit.chunks else "inside a chunk"
    return f"the transfer ends {on_edge}"
