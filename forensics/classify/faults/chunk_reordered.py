"""Whole chunks stand in another order than they were sent."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import amount, chunk_words, consequence, finding_of, indexes, notes, segments_hit, what_of
from forensics.model.alignment import Edit, EditKind
from forensics.model.check import Outcome
from forensics.model.finding import Explanation, Fault, Finding

FAULT = Fault(
    code="OTA201",
    slug="chunk-reordered",
    title="chunks arrived in another order than they were sent",
    explanation=Explanation(
        meaning=(
            "Every byte of these chunks arrived once, but in another order. The XOR checksum has no order "
            "and mostly still passes; only the appended SHA-256 sees it."
        ),
        symptoms=(
            'esp_image: Image hash failed - image is corrupt (and no "Checksum failed" before it)',
            "The length is right, the count of chunks is right, the transfer ended with success.",
            ("A swap that touches a segment header gives esp_image: invalid segment length 0x........ instead."),
        ),
        causes=(
            (
                "The sender issues writes concurrently: unawaited futures, several threads or an event "
                "handler that sends the next chunk while another still waits."
            ),
            "A retry after a failed write goes out behind chunks that were queued meanwhile.",
            (
                "The device hands chunks to more than one task or queue, or takes them from a pool whose "
                "order is not that of arrival."
            ),
            (
                "Write requests and write commands are mixed, and the sender's stack keeps a queue for "
                "each; this is possible, not shown."
            ),
            (
                "One ATT connection delivers in order, so the swap is made before the sender's stack or "
                "behind the device's callback."
            ),
        ),
        confirm=(
            "otadiff SENT RECEIVED shows the blocks and where each landed; the replay proves it.",
            (
                "otadiff SENT RECEIVED --capture CAPTURE: order wrong in the sender's HCI log means the "
                "app, right there means the device."
            ),
        ),
        fix_sender=(
            (
                "Send from one loop and wait for each write: await write_gatt_char(..., response=True) in "
                "bleak, await writeAsync in noble, onCharacteristicWrite on Android."
            ),
            (
                "Put the offset or a sequence number in front of every chunk, as Espressif's protocol "
                "does with sector and sequence."
            ),
        ),
        fix_device=(
            "Check the sequence number and refuse a chunk that is not the next; answer with the wanted one.",
            (
                "Use one queue and one task between the GATT callback and esp_ota_write, or write by "
                "offset with esp_ota_write_with_offset after a full erase."
            ),
        ),
        confused_with=(
            "OTA202 chunk-missing: a chunk is gone and the length is shorter",
            "OTA204 chunk-overwritten: a chunk is there twice and its neighbour is gone, at equal length",
            "OTA302 digest-failed: the same log line without the bytes that prove the order",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.4.5.3 Write Command",
            ("components/bootloader_support/src/esp_image_format.c, process_checksum and verify_simple_hash, ESP-IDF v5.4"),
            "chipweinberger/flutter_blue_plus issue 426 (concurrent writes)",
            ("analogdevicesinc/msdk pull request 302 (an address added to the protocol, since order was not kept)"),
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Blocks that stand elsewhere in the order; every byte arrived."""
    edits = facts.of_kind(EditKind.REORDERED)
    if not edits:
        return None
    return finding_of(
        FAULT,
        summary=_summary(facts, [edit for _, edit in edits]),
        edits=indexes(edits),
        notes=notes(segments_hit(facts, edits), _blind(facts), consequence(facts)),
    )


def _summary(facts: Facts, edits: list[Edit]) -> str:
    if len(edits) > 1:
        return f"{amount(len(edits), 'block')} arrived in the wrong order; first {what_of(edits[0])}"
    edit = edits[0]
    if edit.sent is None:
        return "a block arrived in the wrong order"
    distance = _passed_over(facts, edit)
    if edit.chunks and distance == edit.sent.size:
        first, last = edit.chunks
        other = first - 1 if _early(facts, edit) else last + 1
        pair = sorted((first, other))
        if first == last:
            return f"chunks {pair[0]} and {pair[1]} arrived in the wrong order"
    direction = "early" if _early(facts, edit) else "late"
    name = chunk_words(edit) or f"a block of {amount(edit.sent.size, 'byte')}"
    return f"{name} arrived {amount(distance, 'byte')} too {direction}"


def _early(facts: Facts, edit: Edit) -> bool:
    return edit.sent is not None and _expected(facts, edit) > edit.received.start


def _passed_over(facts: Facts, edit: Edit) -> int:
    if edit.sent is None:
        return 0
    expected = _expected(facts, edit)
    return expected - edit.received.end if expected > edit.received.start else edit.received.start - expected


def _expected(facts: Facts, edit: Edit) -> int:
    """Where in received the block would stand if it had kept its place."""
    if edit.sent is None:
        return edit.received.start
    for span in facts.alignment.spans:
        if span.sent and span.sent.end == edit.sent.start and span.received != edit.received:
            return span.received.end
    return edit.sent.start


def _blind(facts: Facts) -> str | None:
    checksum = next((check for check in facts.received.checks if check.step == "checksum"), None)
    if checksum and checksum.outcome is Outcome.PASSED:
        return "every byte arrived, so the checksum still passes (XOR does not see the order); only the digest can fail"
    return None
