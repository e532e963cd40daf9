"""The image is intact and only bytes behind its end differ."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, finding_of, indexes, notes
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Explanation, Fault, Finding, Where
from forensics.spec.flash import SECTOR

FAULT = Fault(
    code="OTA215",
    slug="harmless-tail",
    title="only bytes behind the end of the image differ",
    explanation=Explanation(
        meaning=(
            "The image arrived complete. The device reads its length from the headers and never looks at "
            "what follows, so this difference does no harm."
        ),
        symptoms=(
            "No error line: the device accepts the image",
            "cmp and SHA-256 of the whole files differ, and the received one is longer",
            ("0xFF up to the end of a slot dump, zeros up to a multiple of 4096, or the end of the chunk before"),
        ),
        causes=(
            (
                "The receiver writes a fixed packet_size for the short last chunk (michael-angerer): the "
                "end of the chunk before follows the image."
            ),
            (
                "The receiver writes whole sectors of 4096 bytes: two CRC bytes and zeros follow "
                "(Espressif's ble_ota on Bluedroid)."
            ),
            "The dump covers the whole slot: erased flash or the rest of an older firmware follows.",
            "Flash encryption works in blocks of 16 bytes, and the last one is filled up.",
        ),
        confirm=(
            "otadiff SENT RECEIVED proves that the image itself is equal and passes the walk.",
            "Cut the dump at the image's length and compare the SHA-256.",
        ),
        fix_sender=(
            (
                "Nothing needs changing; check only that the sender compares the image's length of bytes "
                "and not the whole slot."
            ),
        ),
        fix_device=(
            ("Nothing has to change. To be tidy, write the length of the last chunk and not the size of the buffer."),
            "With secure boot check that nothing is written into the signature sector behind the image.",
        ),
        confused_with=(
            "OTA205 tail-missing: the end of the image itself is absent",
            "OTA217 bytes-inserted: extra bytes inside the image",
            "OTA309 signature-failed: on signed builds the bytes behind the digest do count",
        ),
        sources=(
            (
                "components/bootloader_support/src/esp_image_format.c, process_checksum and "
                "process_appended_hash_and_sig, ESP-IDF v5.4"
            ),
            "michael-angerer/esp32_ble_ota and espressif/esp-iot-solution ble_ota 0.1.16 (Bluedroid)",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Bytes behind the end of the image, which the device never reads."""
    edits = facts.of_kind(EditKind.TRAILING)
    if not edits and not facts.erased_tail:
        return None
    size = edits[0][1].received.size if edits else facts.erased_tail
    return finding_of(
        FAULT,
        summary=f"{amount(size, 'byte')} follow the end of the image; the device does not read them",
        edits=indexes(edits),
        where=Where.DEVICE,
        benign=True,
        notes=notes(_origin(edits[0][1], facts) if edits else "erased flash (0xff), the rest of the slot"),
    )


def _origin(edit: Edit, facts: Facts) -> str:
    padded = edit.received.end % SECTOR == 0 and edit.received.size < SECTOR
    if edit.content == "erased":
        return "erased flash (0xff)"
    if edit.content == "zero":
        return "zeros up to a full sector: the receiver writes whole sectors" if padded else "zeros"
    if edit.content == "stale":
        return "bytes that were sent before: the receiver writes its whole buffer for a short last chunk"
    return "bytes of an older firmware, or of the receiver's buffer"
