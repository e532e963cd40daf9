"""Chunks lost a part of their bytes."""

from __future__ import annotations

from forensics.classify.causes import cause_of
from forensics.classify.facts import Facts
from forensics.classify.wording import amount, consequence, finding_of, indexes, notes, segments_hit, total
from forensics.model.alignment import ChunkSource, Edit, EditKind
from forensics.model.finding import Explanation, Fault, Finding, Remedy, Where

FAULT = Fault(
    code="OTA208",
    slug="chunk-shortened",
    title="chunks lost a part of their bytes",
    explanation=Explanation(
        meaning=(
            "A fixed or varying part of the chunks is missing, so the loss begins or ends inside a chunk. "
            "A length is handled wrongly somewhere."
        ),
        symptoms=(
            "esp_image: invalid segment length 0x........ early, in segment 0 or 1",
            ("The received length is a fixed share of the sent one, such as 20/244, or 3 bytes less for each chunk"),
            "value len = 256 with ota-data = 0 in receivers that print both",
        ),
        causes=(
            (
                "Chunk size equals the ATT MTU instead of MTU - 3: the stack cuts 3 bytes from every "
                "write, or answers with error 0x0D."
            ),
            "No MTU exchange: every write is cut to 20 bytes and c - 20 bytes of each chunk are lost.",
            "A u8 length in the receiver: 256 becomes 0 and longer chunks keep only their length modulo 256.",
            (
                "A stream buffer with timeout 0 takes only a part of a write: the hole begins inside a "
                "chunk and ends at a chunk edge."
            ),
            "Only the first mbuf of a chain is read: the bytes behind ctxt->om->om_len are lost.",
            "A receive buffer smaller than the chunk, filled with a bounded copy.",
            "The payload is taken for a C string (strlen, c_str()): every chunk ends at its first zero byte.",
        ),
        confirm=(
            ("otadiff SENT RECEIVED shows the repeat: kept and lost bytes of each chunk; 20, 3 and 256 point to the cause."),
            (
                "Print OS_MBUF_PKTLEN(ctxt->om) or param->write.len in the callback and compare with what "
                "the sender thinks it sent."
            ),
        ),
        fix_sender=(
            (
                "Use the payload the stack reports: max_write_without_response_size in bleak, "
                "maximumWriteValueLength(for:) in CoreBluetooth, MTU - 3 after onMtuChanged on Android."
            ),
            "Request an MTU before the first chunk and wait for the answer.",
        ),
        fix_device=(
            "Read the whole chain with OS_MBUF_PKTLEN and ble_hs_mbuf_to_flat, not om_data and om_len.",
            "Hold lengths in uint16_t or size_t.",
            "Take the length from the stack and never from strlen: an image is full of zero bytes.",
            ("Use the return of xStreamBufferSend: block with a timeout, or refuse the write when it took less."),
        ),
        confused_with=(
            "OTA202 chunk-missing: whole chunks are gone",
            "OTA502 write-too-long: the capture shows the write that cannot fit",
            "OTA205 tail-missing: only one loss, at the end",
            "OTA207 bytes-altered: the rest of each chunk is wrong, not absent",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.4.5.3 Write Command",
            "iot-lorawan/esp32-ota-ble issue 2 (u8 length)",
            (
                "sparkleo-io/flutter_ota issue 8 (chunk equals MTU), chipweinberger/flutter_blue_plus "
                "issue 310 (20-byte limit)"
            ),
            ("meshtastic/esp32-unified-ota (stream buffer without timeout), espressif/esp-iot-solution pull request 502"),
        ),
    ),
)


_AT_ZERO = Remedy(
    where=Where.DEVICE,
    text="Take the length that the stack gives with the write (OS_MBUF_PKTLEN, param->write.len), not strlen.",
)


def detect(facts: Facts) -> Finding | None:
    """Bytes lost from inside chunks: every chunk cut to the same size, or holes that begin or end within one."""
    size = facts.chunking.size
    if size is None:
        return None
    if facts.free and _cut_at_zeros(facts):
        return _as_text(facts, size)
    edits = [(index, edit) for index, edit in facts.of_kind(EditKind.DROPPED) if edit.chunks is None and not _slides(edit)]
    if not edits:
        return None
    if any(edit.repeat for _, edit in edits):
        edits += [item for item in facts.of_kind(EditKind.TRUNCATED) if item[1].sent and item[1].sent.size < size]
    cause = cause_of(facts, [item for item in edits if item[1].kind is EditKind.DROPPED])
    return finding_of(
        FAULT,
        summary=_summary(edits, size),
        edits=indexes(edits),
        notes=notes(cause and cause.note, segments_hit(facts, edits), _other_size(facts), consequence(facts)),
        changes=(cause.change,) if cause else None,
    )


def _cut_at_zeros(facts: Facts) -> bool:
    """No zero byte arrived, and every loss begins with one: the receiver measured the chunks as text."""
    edits, sent = facts.alignment.edits, facts.sent.data
    losses = all(edit.kind in (EditKind.DROPPED, EditKind.TRUNCATED) and edit.received.size == 0 for edit in edits)
    at_zero = losses and all(edit.sent is not None and sent[edit.sent.start] == 0 for edit in edits)
    return at_zero and len(edits) > 1 and 0 not in facts.received.data


def _as_text(facts: Facts, size: int) -> Finding:
    edits = facts.of_kind(EditKind.DROPPED, EditKind.TRUNCATED)
    lost = sum(edit.sent.size for _, edit in edits if edit.sent)
    return finding_of(
        FAULT,
        summary=(
            f"every chunk of {size} bytes ends at its first zero byte: "
            f"{lost} of {amount(len(facts.sent.data), 'byte')} were left out"
        ),
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes("no zero byte arrived at all: the payload was measured as text, as strlen does", consequence(facts)),
        changes=(_AT_ZERO,),
    )


def _slides(edit: Edit) -> bool:
    """The place is open, so that it may as well be a whole chunk."""
    return sum(edit.slack) >= 64


def _summary(edits: list[tuple[int, Edit]], size: int) -> str:
    _, edit = edits[0]
    lost = edit.sent.size if edit.sent else 0
    if edit.repeat and edit.sent and edit.repeat.sent_step == size:
        return f"every chunk of {size} bytes was cut to {size - lost}: each lost {amount(lost, 'byte')}"
    if total(edits) == 1:
        if lost > size:
            return f"{amount(lost, 'byte')} never arrived, which are no whole chunks of {size}"
        return f"a chunk of {size} lost {amount(lost, 'byte')}; the rest closed up"
    return f"{amount(total(edits), 'chunk')} lost a part of their bytes"


def _other_size(facts: Facts) -> str | None:
    """The size that the holes speak for, when another was given."""
    chunking = facts.chunking
    if chunking.source is not ChunkSource.GIVEN or not chunking.alternatives:
        return None
    return f"the holes do not fit chunks of {chunking.size}; they fit chunks of {chunking.alternatives[0]}"
