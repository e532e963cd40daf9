"""The place of a chunk holds another chunk of the same image."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, listed, notes, segments_hit, total, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Explanation, Fault, Finding, Where

FAULT = Fault(
    code="OTA204",
    slug="chunk-overwritten",
    title="chunks were overwritten by other chunks",
    explanation=Explanation(
        meaning=(
            "The length is right, but a second copy of another chunk is where a chunk should be. The "
            "chunk that belongs there is lost."
        ),
        symptoms=(
            "esp_image: Checksum failed. Calculated 0x.. read 0x..",
            ("esp_image: Image hash failed - image is corrupt (when the XOR of both chunks happens to be equal)"),
            "Chunk n holds chunk n+1; which chunks are hit differs from run to run.",
        ),
        causes=(
            (
                "Buffer reuse race: the GATT callback queues a pointer, and the stack overwrites the "
                "buffer with the next write before the flash task reads it."
            ),
            (
                "The app reads the characteristic's shared value later instead of the data of this write "
                "(Arduino onWrite with getValue in another task)."
            ),
            "The sender reuses one buffer for the next chunk while a write without response is still queued.",
            (
                "Android shares one BluetoothGattCharacteristic value between write and notification: a "
                "chunk is replaced by the one before or by an acknowledgment."
            ),
            (
                "The chunk index wraps at 256: with small chunks the later ones of a part overwrite its "
                "start (likely in the fbiego protocol with a size below 63 bytes)."
            ),
        ),
        confirm=(
            "otadiff SENT RECEIVED names the chunk that is there and the step between the two.",
            (
                "Add a CRC32 of each chunk to the device's log in the callback and again in the flash "
                "task; the first difference is the race."
            ),
        ),
        fix_sender=(
            ("Give every write its own copy of the data; in noble and web code do not reuse one Buffer or Uint8Array."),
            (
                "On Android call writeCharacteristic(characteristic, value, writeType) of API 33, and do "
                "not share the object with notifications."
            ),
            "Raise the chunk size so that a one-byte index does not wrap, or use a two-byte index.",
        ),
        fix_device=(
            (
                "Copy the bytes into the queue item inside the callback (os_mbuf_copydata or "
                "ble_hs_mbuf_to_flat in NimBLE, memcpy of param->write.value in Bluedroid)."
            ),
            "Never keep ctxt->om, its om_data or param->write.value after the callback has returned.",
            "Use at least a u16 for the chunk index.",
        ),
        confused_with=(
            "OTA211 stale-data: the place holds much older data, such as a buffer's earlier contents",
            "OTA201 chunk-reordered: both chunks are there, swapped",
            "OTA203 chunk-duplicated: the copy is extra and the rest moved",
        ),
        sources=(
            "h2zero/NimBLE-Arduino issue 1064 (the shared value buffer)",
            "dariuszseweryn/RxAndroidBle issue 694 (one value object for write and notify)",
            "fbiego/ESP32_BLE_OTA_Arduino issue 33 (checksum always wrong at MTU 23)",
            "components/bootloader_support/src/esp_image_format.c, process_checksum, ESP-IDF v5.4",
        ),
    ),
)

TWO_BUFFERS = 32000
"""Two part buffers of 16 000 bytes used in turn and never cleared (fbiego's ESP32_BLE_OTA receivers)."""


def detect(facts: Facts) -> Finding | None:
    """Places that hold other sent bytes of the same length."""
    edits = facts.of_kind(EditKind.REPLACED)
    if not edits:
        return None
    sources = list(dict.fromkeys(_source(facts, edit) for _, edit in edits))
    return finding_of(
        FAULT,
        summary=_summary(edits, sources),
        edits=indexes(edits),
        where=Where.DEVICE if _from_buffers(edits) else Where.UNKNOWN,
        notes=notes(segments_hit(facts, edits), _buffers(edits), consequence(facts)),
    )


def _summary(edits: list[tuple[int, Edit]], sources: list[str]) -> str:
    first = edits[0][1]
    if total(edits) == 1:
        return f"the place of {what_of(first)} holds {sources[0]}"
    return f"{amount(total(edits), 'place')} hold {listed(sources)} instead of their own bytes"


def _source(facts: Facts, edit: Edit) -> str:
    if edit.sent is None or edit.source is None:
        return "other sent bytes"
    back = edit.sent.start - edit.source.start
    size = facts.chunking.size
    if back == edit.sent.size or (size and back == size):
        return "the chunk before it"
    if -back == edit.sent.size or (size and -back == size):
        return "the chunk after it"
    if size and back % size == 0:
        return f"the chunk {abs(back) // size} {'back' if back > 0 else 'further on'}"
    return f"the bytes sent {abs(back)} bytes {'before' if back > 0 else 'after'} it"


def _from_buffers(edits: list[tuple[int, Edit]]) -> bool:
    return all(edit.sent and edit.source and edit.sent.start - edit.source.start == TWO_BUFFERS for _, edit in edits)


def _buffers(edits: list[tuple[int, Edit]]) -> str | None:
    if not _from_buffers(edits):
        return None
    return "32000 bytes back is what a receiver with two buffers of 16000 bytes shows when a chunk did not arrive"
