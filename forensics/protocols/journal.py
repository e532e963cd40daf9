"""Transfers that otadiff sent itself: the journal names offset and CRC of every write."""

from __future__ import annotations

import zlib

from forensics.model.capture import Capture, JournalEvent
from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange, Message
from forensics.protocols.image_builder import ImageBuilder

NAME = "journal"
_GAP = "see the protocol that the journal names"


def decode_journal(capture: Capture, exchange: Exchange, sent: bytes | None) -> DecodedTransfer:
    """Every write at its offset; bytes that are not in the journal come from ``sent`` where the CRC fits."""
    builder = ImageBuilder()
    unknown = 0
    for event in capture.journal:
        if event.kind != "write" or event.offset is None or event.length == 0:
            continue
        payload = _payload(event, sent)
        message = Message(0, event.line, event.time, 0, 0, b"", payload is None)
        unknown += payload is None
        builder.put(event.offset, bytes(event.length) if payload is None else payload, message)
    if unknown:
        builder.note(f"{unknown} writes carried bytes that neither the journal nor the sent image holds")
    failed = sum(event.result == "failed" for event in capture.journal)
    if failed:
        builder.note(f"{failed} writes failed on the sender's side")
    return builder.transfer(exchange, protocol=NAME, handle=0, gap=_GAP)


def _payload(event: JournalEvent, sent: bytes | None) -> bytes | None:
    if event.value is not None and event.length <= len(event.value):
        return event.value[len(event.value) - event.length :]
    if sent is None or event.offset is None:
        return None
    piece = sent[event.offset : event.offset + event.length]
    return piece if len(piece) == event.length and zlib.crc32(piece) == event.crc32 else None
