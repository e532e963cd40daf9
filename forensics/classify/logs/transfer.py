"""OTA312 and OTA313: a transfer that ended before its end."""

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


def detect_short_write(facts: LogFacts) -> Iterator[Finding]:
    """OTA312: each later chunk was taken for the first of a new transfer."""
    chain = facts.of_kind("ota_invalid_magic_byte")
    saws = [failure.number("saw") for failure in chain]
    if len(saws) < 2 or len(set(saws)) < 2:
        return
    erased = [one for one in facts.of_kind("invalid_segment_length") if one.number("length") == ERASED_WORD]
    sizes = _sizes(facts, saws)
    named = (
        f"; in {facts.sent.name} they begin the chunks 1 to {len(saws)} of {sizes[0]} bytes" if sizes and facts.sent else ""
    )
    certain = bool(sizes) or bool(erased)
    yield finding(
        "short-write-ended-transfer",
        Certainty.LIKELY if certain else Certainty.POSSIBLE,
        f"a short write was taken for the end: {amount(len(saws), 'later chunk')} each began a new transfer (saw "
        f"{numbers(saws)}){named}",
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
    lost = [event for event in facts.events("disconnected", "panic") if _counts(facts, event)]
    if not lost:
        return
    last = lost[-1]
    blank = _blank_after(facts, last.line)
    unjudged = not facts.log.passes
    what = (
        f"the device restarted ({last.fields.get('reason', 'panic')})"
        if last.kind == "panic"
        else f"the link was lost ({_reason_words(last)})"
    )
    yield finding(
        "link-lost",
        Certainty.LIKELY if blank or unjudged else Certainty.POSSIBLE,
        f"{what} during the transfer" + (", and the image then ends in erased flash" if blank else ""),
        lines=[event.line for event in lost] + [line for one in blank for line in one.lines],
        where=Where.DEVICE if last.kind == "panic" else Where.AIR,
        notes=(
            None if blank or unjudged else "the failed check does not look like a missing end, so this may be harmless",
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
