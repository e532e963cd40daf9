"""Bytes that were never sent stand inside the image."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, moves_the_rest, notes, total
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Explanation, Fault, Finding

FAULT = Fault(
    code="OTA217",
    slug="bytes-inserted",
    title="the image contains bytes that were never sent",
    explanation=Explanation(
        meaning=("The received data holds extra bytes between those of the image, and every later byte sits too late."),
        symptoms=(
            "esp_image: invalid segment length 0x........ early in the image",
            "The received length is larger by a constant number for each chunk, or by one block",
            ("esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x..) when they are at the start"),
        ),
        causes=(
            (
                "The announced chunk size differs from the real one: the receiver writes 200 bytes for "
                "each 197 sent (likely in flutter_ota's URL path)."
            ),
            "The sender pads each chunk to a full buffer.",
            (
                "An extra write before the start or after the end: a command, an empty chunk or a length "
                "field was written as data."
            ),
            "The receiver writes the capacity of its buffer instead of the length of the write.",
            "Log text or a line ending got into a stream that is shared with a console.",
        ),
        confirm=(
            "otadiff SENT RECEIVED shows the extra bytes, their step and an excerpt.",
            "Print the announced size and the length of each write on the device.",
        ),
        fix_sender=(
            "Take the announced size and the chunk size from one variable.",
            "Send the last chunk with its true length; do not pad.",
        ),
        fix_device=(
            (
                "Write the length of this write: OS_MBUF_PKTLEN(ctxt->om) in NimBLE, param->write.len in "
                "Bluedroid, getLength() in Arduino."
            ),
            "Accept data only between start and the announced length, and drop empty chunks.",
        ),
        confused_with=(
            "OTA209 header-in-payload: the extra bytes are protocol headers",
            "OTA203 chunk-duplicated: the extra bytes are a copy of sent ones",
            "OTA215 harmless-tail: the extra bytes come after the end",
        ),
        sources=(
            "sparkleo-io/flutter_ota (announces 200, sends 197) and michael-angerer/esp32_ble_ota",
            "ESP32 forum topic 10954 (an extra write, over classic Bluetooth)",
            "components/app_update/esp_ota_ops.c, esp_ota_write, ESP-IDF v5.4",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Bytes that were never sent, the rest pushed back."""
    edits = facts.of_kind(EditKind.INSERTED)
    if not edits:
        return None
    return finding_of(
        FAULT,
        summary=_summary(facts, edits),
        edits=indexes(edits),
        notes=notes(consequence(facts)),
    )


def _summary(facts: Facts, edits: list[tuple[int, Edit]]) -> str:
    first = edits[0][1]
    size = sum(edit.received.size * (edit.repeat.count if edit.repeat else 1) for _, edit in edits)
    if total(edits) > 1:
        return f"{amount(size, 'foreign byte')}, never sent, in {amount(total(edits), 'place')}"
    where = "before the image" if first.received.start == 0 else "inside the image"
    late = f"; everything behind sits {amount(size, 'byte')} too late" if moves_the_rest(facts, first) else ""
    return f"{amount(size, 'foreign byte')}, never sent, {where}{late}"
