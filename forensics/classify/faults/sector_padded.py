"""A sector lost bytes and was filled up to 4096."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, notes, times, total
from forensics.model.alignment import EditKind
from forensics.model.finding import Certainty, Explanation, Fault, Finding, Where
from forensics.spec.flash import SECTOR

FAULT = Fault(
    code="OTA216",
    slug="sector-padded",
    title="a loss was filled up at the end of its sector",
    explanation=Explanation(
        meaning=(
            "Inside one 4096-byte sector a chunk is absent and the rest moved up; the sector ends in "
            "padding, and the next sector is in place again."
        ),
        symptoms=(
            "esp_image: Checksum failed. Calculated 0x.. read 0x..",
            "All sector acknowledgments report success",
            "Each damaged sector ends with two odd bytes (a CRC16) and zeros",
        ),
        causes=(
            (
                "A sequence gap is logged but the data is appended, the sector's CRC is never checked and "
                "4096 bytes are written always (Espressif's ble_ota on Bluedroid)."
            ),
            (
                "A receiver that collects a sector in a buffer flushes it whole when the sector's last "
                "chunk arrives, whatever came before."
            ),
            "The chunk itself was lost as in chunk-missing: a write command that a full queue dropped.",
        ),
        confirm=(
            (
                "otadiff SENT RECEIVED shows a loss and padding of the same size in one sector, and a "
                "chunk grid that starts anew at each 4096."
            ),
            (
                "Compute CRC16 (polynomial 0x1021, initial 0) over the sent sector: it equals the two "
                "bytes in front of the zeros."
            ),
        ),
        fix_sender=(
            (
                "Use write requests for the data characteristic, or wait for each sector's acknowledgment "
                "before the next sector."
            ),
            "Send a whole sector again when the acknowledgment says CRC, index or length error.",
        ),
        fix_device=(
            (
                "Check sequence, length and CRC16 before the sector is written, and answer with an error: "
                "espressif ble_ota_raw does, ble_ota 0.1.16 does not."
            ),
            "Write the number of bytes that arrived, not the size of the buffer.",
        ),
        confused_with=(
            "OTA202 chunk-missing: everything behind the loss moved",
            "OTA206 chunk-filled: the hole is filled where it is, nothing moved",
            "OTA215 harmless-tail: padding only in the last sector, behind the image",
        ),
        sources=(
            "espressif/esp-iot-solution ble_ota 0.1.16 and ble_ota_raw 0.2.0",
            "espressif/esp-iot-solution pull request 437 (a CRC check that was proposed and closed)",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Padding put in before a sector edge in the middle of the image."""
    edits = [
        (index, edit)
        for index, edit in facts.of_kind(EditKind.INSERTED)
        if edit.received.end % SECTOR == 0 and len(set(facts.received.data[edit.received.start : edit.received.end])) == 1
    ]
    if not edits:
        return None
    size = sum(edit.received.size * times(edit) for _, edit in edits)
    return finding_of(
        FAULT,
        certainty=Certainty.LIKELY,
        summary=f"{amount(size, 'byte')} of padding were put in before {amount(total(edits), 'sector edge')}",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes("each padding ends on a 4096-byte edge: a short write was taken for a whole sector", consequence(facts)),
    )
