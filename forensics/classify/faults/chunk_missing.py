"""Whole chunks of the image never reached the flash."""

from __future__ import annotations

from forensics.classify.causes import cause_of
from forensics.classify.facts import Facts
from forensics.classify.wording import (
    amount,
    chunk_count,
    consequence,
    finding_of,
    indexes,
    moves_the_rest,
    notes,
    segments_hit,
    sent_words,
    total,
    what_of,
)
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Explanation, Fault, Finding
from forensics.model.span import ByteSpan

FAULT = Fault(
    code="OTA202",
    slug="chunk-missing",
    title="chunks of the image never arrived",
    explanation=Explanation(
        meaning=(
            "One or more whole chunks are absent and the rest closed up: every later byte sits too early by the same amount."
        ),
        symptoms=(
            (
                "esp_image: invalid segment length 0x........ (the gap is before a segment header; the "
                "value is sent data read at the wrong place)"
            ),
            "esp_image: Checksum failed. Calculated 0x.. read 0x.. (the gap is in the last segment)",
            "NimBLE: ble_hci_rx_acl failed to allocate ACL buffers; increase ACL_BUF_COUNT",
            "The transfer itself usually ends with success, since nobody counts.",
        ),
        causes=(
            (
                "The sender overruns write commands: they have no flow control, and CoreBluetooth drops "
                "them silently when its queue is full (bleak on macOS does not check)."
            ),
            ("The device's ACL buffer pool is exhausted while flash erase or write holds the CPU; data is lost below ATT."),
            (
                "The staging buffer in RAM is larger than the stack can absorb: ArduinoBleOTA reports "
                "Incorrect firmware size, short by whole chunks."
            ),
            ("The queue between the GATT callback and the flash task is full, and xQueueSend with timeout 0 fails unseen."),
            "The return value of esp_ota_write is ignored, so a failed write loses its chunk.",
            (
                "A double-buffer race: the writer is slower than the phone and a whole part of 16000 "
                "bytes is lost (fbiego protocol in fast mode)."
            ),
            "The first chunk is eaten: it came before the device was ready, or the command parser took it.",
            ("Long (prepared) writes arrive but ESP_GATTS_EXEC_WRITE_EVT is not handled, so the chunk is never delivered."),
            ("A sequence gap is logged and the rest is appended all the same (Bluedroid receiver of Espressif's ble_ota)."),
        ),
        confirm=(
            "otadiff SENT RECEIVED lists each missing range with its chunk numbers.",
            (
                "otadiff SENT RECEIVED --log LOG --capture CAPTURE: present in the sender's HCI log means "
                "lost behind it, absent means lost in the app."
            ),
            (
                "Lower the rate (10 ms between chunks) or use write requests only; if the fault goes "
                "away, a queue was overrun."
            ),
        ),
        fix_sender=(
            (
                "Use write requests, or one every n chunks: bleak write_gatt_char(c, data, "
                "response=True); noble write(data, false); Android WRITE_TYPE_DEFAULT."
            ),
            (
                "With write commands wait for room: canSendWriteWithoutResponse and "
                "peripheralIsReady(toSendWriteWithoutResponse:) on iOS and macOS, onCharacteristicWrite "
                "on Android."
            ),
            "Put an offset or sequence number in each chunk and send the total length first.",
        ),
        fix_device=(
            (
                "Copy the data out in the GATT callback and return; do flash work in another task. Let "
                "the queue hold at least one window of chunks."
            ),
            ("Check xQueueSend, xStreamBufferSend and esp_ota_write, and end the transfer with an error when one fails."),
            "Raise the NimBLE ACL buffer count, and erase before the first chunk instead of between chunks.",
            "Compare the bytes written with the announced length before esp_ota_end.",
        ),
        confused_with=(
            "OTA205 tail-missing: only the end is lost, nothing after it",
            "OTA208 chunk-shortened: part of every chunk is lost, not whole chunks",
            "OTA206 chunk-filled: the length is kept and the hole holds one repeated byte",
            "OTA211 stale-data: the length is kept and the hole holds older data",
            "OTA216 sector-padded: the loss is made good at the next sector",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.4.5.3 Write Command",
            (
                "components/bootloader_support/src/esp_image_format.c, verify_segment_header and "
                "process_checksum, ESP-IDF v5.4"
            ),
            "components/app_update/esp_ota_ops.c, esp_ota_write, ESP-IDF v5.4",
            (
                "PhilipsHue/flutter_reactive_ble issue 933, deviceplug/btleplug pull request 441, "
                "h2zero/NimBLE-Arduino issue 295"
            ),
            (
                "fbiego/ESP32_BLE_OTA_Arduino issues 8 and 13 (160000 bytes, ten parts of 16000), "
                "vovagorodok/ArduinoBleOTA issue 7"
            ),
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Sent bytes that are absent, the rest closed up."""
    edits = facts.of_kind(EditKind.DROPPED)
    if not edits:
        return None
    cause = cause_of(facts, edits)
    places = segments_hit(facts, edits), _shift(edits), _open_place(edits[0][1])
    return finding_of(
        FAULT,
        summary=_summary(facts, [edit for _, edit in edits]),
        edits=indexes(edits),
        notes=notes(cause and cause.note, *places, consequence(facts)),
        changes=(cause.change,) if cause else None,
    )


def _summary(facts: Facts, edits: list[Edit]) -> str:
    first = edits[0]
    size = sum(edit.sent.size * (edit.repeat.count if edit.repeat else 1) for edit in edits if edit.sent)
    if len(edits) == 1 and not first.repeat:
        what = what_of(first)
        if not moves_the_rest(facts, first):
            return f"{what} never arrived"
        early = f"everything after it sits {amount(size, 'byte')} too early"
        return f"{what} never arrived; {early}" if first.chunks else f"{what} never arrived: {early}"
    counts = [chunk_count(edit) for edit in edits]
    places = amount(_places(edits), "place")
    if None in counts:
        return f"{amount(size, 'byte')} never arrived, lost in {places}"
    chunks = amount(sum(count or 0 for count in counts), "chunk")
    return f"{chunks} never arrived, in {places}, {amount(size, 'byte')} in all"


def _places(edits: list[Edit]) -> int:
    return total(list(enumerate(edits)))


def _shift(edits: list[tuple[int, Edit]]) -> str | None:
    _, edit = edits[0]
    if edit.repeat and edit.sent:
        return f"every {amount(edit.repeat.sent_step, 'byte')} of sent, {amount(edit.sent.size, 'byte')} are lost"
    return None


def _open_place(edit: Edit) -> str | None:
    back, forward = edit.slack
    if edit.sent is None or back + forward < 16:
        return None
    around = ByteSpan(edit.sent.start - back, edit.sent.end + forward)
    return f"the bytes around it are equal, so the loss may lie anywhere in {sent_words(around)} of sent"
