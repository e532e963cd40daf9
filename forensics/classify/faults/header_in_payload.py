"""Protocol bytes were stored as part of the image."""

from __future__ import annotations

import itertools

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, notes, times, total
from forensics.model.alignment import Edit, EditKind, LayerKind
from forensics.model.finding import Explanation, Fault, Finding, Where

FAULT = Fault(
    code="OTA209",
    slug="header-in-payload",
    title="protocol headers were stored with the payload",
    explanation=Explanation(
        meaning=(
            "Each chunk is preceded or followed by a few bytes that belong to the transfer protocol. The "
            "receiver wrote them to flash with the data."
        ),
        symptoms=(
            (
                "esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0xfb) or saw 0x00, "
                "0x05: the first header byte"
            ),
            "esp_image: invalid segment length 0x........ early, where the first chunk was treated rightly",
            "The received image is longer by a constant number of bytes for each chunk",
        ),
        causes=(
            (
                "The protocol header is left in the payload: opcode and position (FB nn), sector and "
                "sequence (3 bytes), or one opcode byte."
            ),
            ("Sender and receiver speak two versions of a protocol, one with and one without header or CRC bytes."),
            "A start command (length, chunk size) went to the data characteristic and was written as data.",
            "A chunk's trailing CRC16 is counted as payload.",
        ),
        confirm=(
            ("otadiff SENT RECEIVED shows the inserted bytes of each chunk; a counter in them is a sequence number."),
            ("otadiff SENT RECEIVED --capture CAPTURE decodes the protocol and shows the header of each write."),
        ),
        fix_sender=(
            ("Use the protocol version that the firmware implements; check the service UUID and the header length."),
            "Send commands to the control characteristic only.",
        ),
        fix_device=(
            "Skip the header before esp_ota_write, and strip the CRC from the last write of a sector.",
            "Check that the first payload byte is 0xE9 and answer with an error otherwise.",
        ),
        confused_with=(
            "OTA217 bytes-inserted: extra bytes that are no header, such as buffer filler",
            "OTA101 not-an-app-image: the file itself begins with another byte",
            "OTA404 capture-incomplete: the protocol could not be decoded, so headers look like data",
        ),
        sources=(
            (
                "espressif/esp-iot-solution ble_ota 0.1.16 (sector u16, sequence u8, CRC16) and "
                "fbiego/ESP32_BLE_OTA_Arduino (0xFB, position)"
            ),
            "espressif/esp-idf issue 10530 (a foreign header in front, over HTTP)",
            "components/app_update/esp_ota_ops.c, esp_ota_write, ESP-IDF v5.4",
        ),
    ),
)

_LONGEST_HEADER = 8
_SAMPLE = 64


def detect(facts: Facts) -> Finding | None:
    """The same few bytes in front of every chunk: protocol bytes that were stored with the data."""
    frames = next((layer for layer in facts.alignment.layers if layer.kind is LayerKind.FRAMES), None)
    if frames is not None:
        return _frames(facts, frames.header or 0, frames.trailer or 0)
    edits = [(index, edit) for index, edit in facts.of_kind(EditKind.INSERTED) if edit.received.size <= _LONGEST_HEADER]
    sizes = {edit.received.size for _, edit in edits}
    if total(edits) < 3 or len(sizes) != 1:
        return None
    size = sizes.pop()
    return finding_of(
        FAULT,
        summary=f"{amount(size, 'protocol byte')} stored with each of {amount(total(edits), 'chunk')}",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(_described(facts.received.data, [edit for _, edit in edits], size), consequence(facts)),
    )


def _frames(facts: Facts, header: int, trailer: int) -> Finding | None:
    """Bytes before and behind each chunk; between two chunks a trailer and the next header are side by side."""
    inserted = facts.of_kind(EditKind.INSERTED)
    edits = [(index, edit) for index, edit in inserted if edit.received.size in (header, trailer, header + trailer)]
    if not edits:
        return None
    size = facts.chunking.size
    words = f"{amount(header or trailer, 'protocol byte')} stored {'before' if header else 'behind'}"
    words += f" and {trailer} behind" if header and trailer else ""
    return finding_of(
        FAULT,
        summary=f"{words} each chunk of {size}",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(_described(facts.received.data, [edit for _, edit in edits], header + trailer), consequence(facts)),
    )


def _described(data: bytes, edits: list[Edit], size: int) -> str:
    """What the header's bytes are: constant, counting, or varying."""
    starts = [start for edit in edits if edit.received.size == size for start in _starts(edit)][:_SAMPLE]
    columns = [bytes(data[start + place] for start in starts) for place in range(size)]
    words = [f"byte {place} {_column(column)}" for place, column in enumerate(columns)]
    return f"the header: {', '.join(words)}"


def _starts(edit: Edit) -> list[int]:
    step = edit.repeat.received_step if edit.repeat else 0
    return [edit.received.start + number * step for number in range(min(times(edit), _SAMPLE))]


def _column(column: bytes) -> str:
    if column.count(column[:1]) == len(column):
        return f"is always 0x{column[0]:02x}"
    if all((after - before) % 256 == 1 for before, after in itertools.pairwise(column)):
        return f"counts up from {column[0]}"
    return "varies"
