"""OTA312, OTA313, and losses that the receiver itself reports: what the log tells of the transfer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forensics.classify.logs.facts import Failure, LogFacts
from forensics.classify.logs.wording import finding, numbers
from forensics.classify.logs.wrong_bytes import ERASED_WORD
from forensics.classify.wording import amount
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.log import LogEvent

_NIMBLE_BASE = 0x200
"""NimBLE adds this to the HCI code (``BLE_HS_ERR_HCI_BASE``, host/ble_hs.h)."""

_REASONS = {
    0x08: "supervision timeout: nothing was heard any more",
    0x13: "the other side closed the connection",
    0x14: "the other side closed it for lack of resources",
    0x15: "the other side was switched off",
    0x16: "this side closed the connection",
    0x22: "the link layer got no answer in time",
    0x3B: "connection parameters were not acceptable",
    0x3D: "message integrity failure",
    0x3E: "the connection was never established",
}
"""HCI error codes. Source: Bluetooth Core Specification 5.4, volume 1, part F, section 1.3."""

_SMALLEST_CHUNK, _LARGEST_CHUNK = 16, 517
_STARTED = ("ota_started", "ota_chunk", "ota_packet", "ota_sector", "ota_written", "gatt_write", "ota_target")
LOSSES = ("acl_buffers_exhausted", "stream_buffer_full", "packet_error", "sector_error", "ota_received")


def detect_short_write(facts: LogFacts) -> Iterator[Finding]:
    """OTA312: each later chunk was taken for the first of a new transfer."""
    chain = facts.of_kind("ota_invalid_magic_byte")
    saws = [failure.number("saw") for failure in chain]
    if len(saws) < 2 or len(set(saws)) < 2:
        return
    erased = [one for one in facts.of_kind("invalid_segment_length") if one.number("length") == ERASED_WORD]
    sizes = _sizes(facts, saws)
    named = f"; in {facts.sent.name} they begin the chunks 1 to {len(saws)} of {sizes[0]} bytes" if sizes and facts.sent else ""
    certain = bool(sizes) or bool(erased)
    yield finding(
        "short-write-ended-transfer",
        Certainty.LIKELY if certain else Certainty.POSSIBLE,
        f"a short write was taken for the end: {amount(len(saws), 'later chunk')} each began a new transfer (saw {numbers(saws)}){named}",
        lines=[line for one in (*erased, *chain) for line in one.lines],
        where=Where.DEVICE,
        notes=(
            "before them the device verified what it had: one chunk, and erased flash behind it" if erased else None,
            f"chunks of {' or '.join(str(size) for size in sizes[:4])} bytes fit all of them" if len(sizes) > 1 else None,
            None if facts.sent else "with the file that was sent the bytes give the size of the chunks",
        ),
    )


def _sizes(facts: LogFacts, saws: Sequence[int]) -> list[int]:
    """Chunk sizes at which the chunks 1, 2, 3 ... of SENT begin with these bytes."""
    if facts.sent is None or len(saws) < 2:
        return []
    data = facts.sent.data
    sizes = facts.chunk_sizes or range(_SMALLEST_CHUNK, _LARGEST_CHUNK + 1)
    few = saws[:64]
    return [
        size
        for size in sizes
        if all(data[size * number : size * number + 1] == bytes([saw & 0xFF]) for number, saw in enumerate(few, 1))
    ]


def detect_link(facts: LogFacts) -> Iterator[Finding]:
    """OTA313: a disconnect before the image was judged, or without any verdict."""
    lost = [event for event in facts.events("disconnected") if _counts(facts, event)]
    if not lost:
        return
    blank = _blank_after(facts, lost[-1].line)
    unjudged = not facts.log.passes
    yield finding(
        "link-lost",
        Certainty.LIKELY if blank or unjudged else Certainty.POSSIBLE,
        f"the link was lost during the transfer ({_reason_words(lost[-1])})"
        + (", and the image then ends in erased flash" if blank else ""),
        lines=[event.line for event in lost] + [line for one in blank for line in one.lines],
        where=Where.AIR,
        notes=(
            None if blank or unjudged else "the failed check does not look like a missing end, so the disconnect may be harmless",
            "a capture of the sender shows the same disconnect with its time",
        ),
    )


def _counts(facts: LogFacts, event: LogEvent) -> bool:
    """A disconnect in a transfer: after its start or without one, and before a walk that failed or never came."""
    started = [one.line for one in facts.log.events if one.kind in _STARTED]
    succeeded = [one.line for one in facts.events("ota_succeeded") if one.line < event.line]
    if succeeded or (started and min(started) > event.line):
        return False
    judged = [walk for walk in facts.log.passes if walk.lines[0] > event.line]
    if not facts.log.passes:
        return bool(started)
    return any(walk.outcome == "failed" for walk in judged)


def _blank_after(facts: LogFacts, line: int) -> list[Failure]:
    found = facts.of_kind("invalid_segment_length", "invalid_magic_byte")
    return [one for one in found if one.lines[-1] > line and one.number("length") in (0, ERASED_WORD)]


def _reason_words(event: LogEvent) -> str:
    reason = event.fields.get("reason")
    if not isinstance(reason, int):
        return "no reason printed"
    code = reason - _NIMBLE_BASE if reason >= _NIMBLE_BASE else reason
    return f"reason 0x{code:02x}, {_REASONS.get(code, 'see the Core Specification, volume 1, part F')}"


def detect_losses(facts: LogFacts) -> Iterator[Finding]:
    """OTA202 and OTA208, where the receiver says itself that it lost data."""
    acl = facts.events("acl_buffers_exhausted")
    if acl:
        yield finding(
            "chunk-missing",
            Certainty.LIKELY,
            f"the device ran out of buffers for received packets {amount(len(acl), 'time')}: what came then was lost",
            lines=[event.line for event in acl],
            where=Where.DEVICE,
            notes=("the loss is below ATT, so a write command is lost without any error to the sender",),
        )
    full = facts.events("stream_buffer_full")
    if full:
        yield finding(
            "chunk-shortened",
            Certainty.LIKELY,
            f"the receiver's stream buffer was full {amount(len(full), 'time')}: it keeps a part of the write and drops the rest",
            lines=[event.line for event in full],
            where=Where.DEVICE,
        )
    gaps = facts.events("packet_error", "sector_error")
    if gaps:
        yield _gap(gaps)
    short = [one for one in facts.events("ota_received") if one.fields.get("complete") == 0]
    if short:
        expected, got = short[0].fields.get("expected"), short[0].fields.get("bytes")
        yield finding(
            "chunk-missing",
            Certainty.PROVEN,
            f"the receiver counted {got} of {expected} bytes",
            lines=[event.line for event in short],
            notes=("it writes a part again until the count is right" if len(short) > 1 else None,),
        )


def _gap(gaps: Sequence[LogEvent]) -> Finding:
    first = gaps[0]
    what = "packet" if first.kind == "packet_error" else "sector"
    expected, received = first.fields.get("expected"), first.fields.get("received")
    return finding(
        "chunk-missing",
        Certainty.LIKELY,
        f"the receiver waited for {what} {expected} and got {received}: {amount(len(gaps), 'gap')} in the numbering",
        lines=[event.line for event in gaps],
        notes=("the Bluedroid receiver of Espressif's ble_ota logs the gap and appends the rest all the same",),
    )
