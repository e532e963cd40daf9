"""Bytes inside the image were changed in place."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, notes, segments_hit, total, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.finding import Certainty, Explanation, Fault, Finding

FAULT = Fault(
    code="OTA207",
    slug="bytes-altered",
    title="bytes were changed in place",
    explanation=Explanation(
        meaning=(
            "The length and the order are right, but some bytes differ from what was sent. Neither a lost "
            "nor a moved chunk explains them."
        ),
        symptoms=(
            "esp_image: Checksum failed. Calculated 0x.. read 0x..",
            ('"Calculated" differs at every attempt while "read" stays: the damage moves, so the file is right'),
            "CRC error acknowledgments or a failed GCM tag in protocols that check",
        ),
        causes=(
            (
                "Single bytes zeroed or flipped at random: a memory, PSRAM or dual-core fault on the "
                "device, or a stray pointer."
            ),
            "A stateful decoder (AES-GCM, zlib) was fed a retry: good up to one sector, noise after it.",
            (
                "Chained NimBLE mbufs read as one flat block: from a fixed byte of each chunk on, the "
                "data is whatever follows the first mbuf."
            ),
            ("The characteristic's buffer is read while the next write arrives, so that a chunk is half old and half new."),
            (
                "A web client picks a payload of 507 bytes and some stack on the way mishandles it; 247 "
                "works (reported for gb88/BLEOTA)."
            ),
            "Radio noise is not a cause: the link layer has a 24-bit CRC and repeats what fails.",
        ),
        confirm=(
            (
                "Send the same file twice and run otadiff on both results; places that move speak for "
                "memory, places that stay for code."
            ),
            ("otadiff SENT RECEIVED shows the bits: only cleared bits means OTA210, whole chunks means a buffer."),
            "Log a CRC32 of each chunk in the callback and again before esp_ota_write.",
        ),
        fix_sender=(
            ("Send a CRC32 or SHA-256 with each sector and at the end, and send a sector again when it is refused."),
            "Try a payload of 244 bytes.",
        ),
        fix_device=(
            ("Flatten the mbuf chain: ble_hs_mbuf_to_flat or os_mbuf_copydata over OS_MBUF_PKTLEN(ctxt->om) bytes."),
            "Decrypt or inflate only after the sector's CRC was checked.",
            (
                "Turn on heap poisoning (CONFIG_HEAP_POISONING_COMPREHENSIVE) and the PSRAM workaround "
                "for old ESP32 revisions."
            ),
        ),
        confused_with=(
            "OTA210 flash-not-erased: every change only clears bits",
            "OTA204 chunk-overwritten: the changed bytes are another chunk of the image",
            "OTA213 text-encoded: every byte above 0x7F is changed, by a rule",
            "OTA103 image-invalid: the bytes are as sent, and the file was faulty",
        ),
        sources=(
            "ESP32 forum topic 12540 and espressif/esp-idf issue 4120 (bytes zeroed at random)",
            "espressif/esp-iot-solution issue 698 (retry and AES-GCM), pull request 502 (chained mbufs)",
            "gb88/BLEOTA issue 33 (payload of 507 bytes)",
            "Bluetooth Core Specification 5.4, Vol 6, Part B, 3.1.1 CRC generation",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Bytes in their place that differ: single bits, or whole stretches of noise."""
    edits = facts.of_kind(EditKind.ALTERED)
    if not edits:
        return None
    unresolved = any(edit.pattern == "unresolved" for _, edit in edits)
    return finding_of(
        FAULT,
        certainty=Certainty.LIKELY if unresolved else Certainty.PROVEN,
        summary=_in_no_order(facts) if unresolved else _summary(edits),
        edits=indexes(edits),
        notes=notes(segments_hit(facts, edits), _integrity(edits), consequence(facts)),
    )


def _in_no_order(facts: Facts) -> str:
    """Every chunk is there, and so many changed places that the moves say nothing."""
    size = facts.chunking.size
    what = f"chunks of {size} bytes" if size else "chunks"
    return f"all bytes of the image arrived, in {what} and in no order: more chunks moved than can be listed"


def _summary(edits: list[tuple[int, Edit]]) -> str:
    flips = [edit for _, edit in edits if edit.pattern == "flips"]
    bits = sum(edit.bits or 0 for edit in flips)
    noise = [item for item in edits if item[1].pattern != "flips"]
    if not noise:
        return f"{amount(bits, 'bit')} changed in {amount(len(flips), 'place')}; all other bytes are right"
    first = what_of(noise[0][1])
    if total(edits) == 1:
        chunks = noise[0][1].chunks
        single = chunks is not None and chunks[0] == chunks[1]
        return f"{first} {'holds' if single else 'hold'} other bytes"
    return f"{amount(total(edits), 'place')} hold other bytes; first {first}"


def _integrity(edits: list[tuple[int, Edit]]) -> str | None:
    if all(edit.pattern == "flips" for _, edit in edits):
        return "the link layer's CRC would have caught single bits on the air: look at memory, flash and the file itself"
    return None
