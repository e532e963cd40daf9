"""Transfers that otadiff sent itself: with the sent image, the journal gives every write byte for byte."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace

from forensics.model.capture import DAMAGED, AttValues, Capture, JournalEvent, ValueColumns
from forensics.model.transfer import DecodedTransfer
from forensics.protocols import control_data, espressif, fbiego
from forensics.protocols.exchange import Exchange, Message, exchanges
from forensics.protocols.image_builder import ImageBuilder

NAME = "journal"
_GAP = "see the protocol that the journal names"
_DECODERS: dict[str, Callable[[Exchange, int], DecodedTransfer]] = {
    module.NAME: module.decode for module in (control_data, espressif, fbiego)
}
"""The protocols that otadiff sends by."""
_MOST_FAULTS = 8


def decode_journal(capture: Capture, exchange: Exchange, sent: bytes | None) -> DecodedTransfer:
    """The transfer as its protocol carries it, or every write at its offset where bytes are not known.

    Args:
        capture: The journal.
        exchange: What went over its connection.
        sent: The image that was sent. The journal holds its CRCs and not its bytes.
    """
    plan = next((event for event in capture.journal if event.kind == "protocol"), None)
    decode = _DECODERS.get(plan.result or "") if plan is not None else None
    filled = None if decode is None else _filled(capture, sent)
    transfer = None
    if decode is not None and plan is not None and filled is not None and filled.unknown == 0:
        whole = next((one for one in exchanges(filled.capture) if one.connection == exchange.connection), exchange)
        handle = whole.handle_of(plan.characteristic or "")
        transfer = None if handle is None or not whole.writes_to(handle) else decode(whole, handle)
    if transfer is None:
        transfer = _by_offset(capture, exchange, sent)
    return replace(transfer, notes=(*_told(capture), *transfer.notes))


def _by_offset(capture: Capture, exchange: Exchange, sent: bytes | None) -> DecodedTransfer:
    """Every write that left at the place in the image that it names."""
    builder = ImageBuilder()
    unknown = 0
    for event in capture.journal:
        if event.kind != "write" or event.offset is None or event.length == 0 or event.result in ("failed", "refused"):
            continue
        payload = _payload(event, sent)
        message = Message(0, event.line, event.time, 0, 0, b"", payload is None)
        unknown += payload is None
        builder.put(event.offset, bytes(event.length) if payload is None else payload, message)
    if unknown:
        builder.note(f"{unknown} writes carried bytes that neither the journal nor the sent image holds")
    return builder.transfer(exchange, protocol=NAME, handle=0, gap=_GAP)


def _told(capture: Capture) -> list[str]:
    """What the sender itself says of the transfer."""
    events = capture.journal
    failed = sum(event.kind == "write" and event.result == "failed" for event in events)
    provoked = [event for event in events if event.kind == "provoked"]
    found = [f"{failed} writes failed on the sender's side"] if failed else []
    if provoked:
        words = [f"{event.result} at 0x{event.offset or 0:x}" for event in provoked[:_MOST_FAULTS]]
        more = f" and {len(provoked) - _MOST_FAULTS} more" if len(provoked) > _MOST_FAULTS else ""
        found.append(f"provoked on purpose: {', '.join(words)}{more}")
    return found


def _payload(event: JournalEvent, sent: bytes | None) -> bytes | None:
    """The image bytes of a write, or None when they are not known."""
    end = event.start + event.length
    if event.value is not None and end <= len(event.value):
        return event.value[event.start : end]
    if sent is None or event.offset is None:
        return None
    piece = sent[event.offset : event.offset + event.length]
    return piece if len(piece) == event.length and zlib.crc32(piece) == event.crc32 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """A journal whose values are whole, but for those of ``unknown`` writes."""

    capture: Capture
    unknown: int


def _filled(capture: Capture, sent: bytes | None) -> _Filled:
    """The capture with the image bytes, which the journal leaves out, put into its values."""
    columns = capture.values.columns
    rows = {number: row for row, number in enumerate(columns.numbers)}
    values = capture.values
    content = bytearray(b"".join(map(values.value, range(len(values)))))
    flags, missing = bytearray(columns.flags), array("I", columns.missing)
    unknown = 0
    for event in capture.journal:
        row = rows.get(event.line)
        if event.kind != "write" or row is None or not missing[row]:
            continue
        payload = _payload(event, sent)
        start = (columns.ends[row - 1] if row else 0) + event.start
        if payload is None or start + len(payload) > columns.ends[row]:
            unknown += 1
            continue
        content[start : start + len(payload)] = payload
        flags[row] &= ~DAMAGED
        missing[row] = 0
    whole: ValueColumns = replace(columns, content=content, flags=flags, missing=missing)
    return _Filled(capture=replace(capture, values=AttValues(whole, capture.connections)), unknown=unknown)
